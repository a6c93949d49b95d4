import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'oidc-provider';
import { createDirectory } from '../../../shared/directory/directory.ts';
import { keepOnce } from '../../local/data-folder/json-file.ts';
import { type LoopbackServer, listenOnLoopback } from '../../local/gateway/server.ts';
import type { NameTable } from '../../local/identity/federation/reach.ts';
import type { RegisteredProvider } from '../../local/identity/identity.ts';
import { isPrivateKey, makeKey } from '../../local/identity/keeping.ts';
import { createAdapter } from '../../local/identity/oauth/adapter.ts';
import { openLoginStore } from '../../local/identity/oauth/store.ts';
import type { CheckedSettings } from '../../settings.ts';
import { keptPasswords } from './passwords.ts';
import { createDemoProvider } from './provider.ts';
import { DEMO_USERS } from './users.ts';

/** The demo's identity providers, each an issuer of its own at an address of its own. */
export interface DemoProviders {
  /** Where the hosts of their issuers are. */
  readonly names: NameTable;
  /** From now on they let the pool's users sign in; before, requests wait. */
  serve(registered: readonly RegisteredProvider[]): void;
  stop(): Promise<void>;
}

/**
 * @param dataDir where keys, passwords and sessions are kept
 * @param report told of what fails without anybody asking
 */
export async function startDemoProviders(
  settings: CheckedSettings,
  dataDir: string,
  report: (error: unknown) => void,
): Promise<DemoProviders> {
  const folder = join(dataDir, 'providers');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const servers = new Map<string, LoopbackServer>();
  const names: Record<string, string> = {};
  for (const { id, connection } of settings.providers) {
    if (connection.protocol !== 'oidc') continue;
    const server = await listenOnLoopback(0);
    servers.set(id, server);
    names[new URL(connection.issuer).host] = `http://127.0.0.1:${server.port}`;
  }
  const store = openLoginStore(join(folder, 'logins.db'), { report });
  return {
    names,
    serve(registered) {
      for (const client of registered) servers.get(client.name)?.serve(handlerOf(client, { settings, folder, dataDir, store }));
    },
    async stop() {
      await Promise.all([...servers.values()].map((server) => server.close()));
      store.close();
    },
  };
}

interface Parts {
  readonly settings: CheckedSettings;
  readonly folder: string;
  readonly dataDir: string;
  readonly store: ReturnType<typeof openLoginStore>;
}

/** Made when somebody first comes: most starts need no provider, and a key takes time to make. */
function handlerOf(client: RegisteredProvider, parts: Parts): Parameters<LoopbackServer['serve']>[0] {
  let handle: ReturnType<typeof createDemoProvider> | undefined;
  return async (request, response) => {
    handle ??= make(client, parts);
    await handle(request, response);
  };
}

function make(client: RegisteredProvider, { settings, folder, dataDir, store }: Parts) {
  const id = client.name;
  const adapterOf = createAdapter({ store, graceSecondsOf: () => 0 });
  const directory = createDirectory(settings.organisations);
  const kept = keepOnce<{ key: JWK; cookieKey: string }>(
    join(folder, `${id}.json`),
    ({ key, cookieKey }) => isPrivateKey(key) && typeof cookieKey === 'string',
    () => ({ key: makeKey(), cookieKey: randomBytes(32).toString('base64url') }),
  );
  return createDemoProvider({
    ...{ id, client, ...kept },
    name: settings.providers.find((each) => each.id === id)?.name ?? id,
    adapter: (model) => adapterOf(`${id} ${model}`),
    users: DEMO_USERS.filter(({ provider }) => provider === id),
    passwords: keptPasswords(dataDir),
    codeOf: (organisation) => directory.byId(organisation)?.codes.at(-1)?.value.value ?? '',
    nameOf: (organisation) => directory.nameAt(organisation, new Date().toISOString()) ?? organisation,
  });
}
