import { mkdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { readCommandLine } from '../../command-line.ts';
import { type Chesil, connect } from './api.ts';
import { openInbox } from './inbox.ts';
import { createReader } from './read.ts';
import { receive, SIGNALS_PATH } from './receive.ts';

const USAGE = `npm run sample-subscriber -- [--organisation ID] [--port N] [--data DIR] [--criteria TEXT]

  --organisation ID   who listens (default limpet, the home-care agency)
  --port N            where on 127.0.0.1 it listens; 0 takes any that is free (default 4100)
  --data DIR          the data of the system that it subscribes to (default .local), which must be running
  --criteria TEXT     what it wants to hear of, as docs/subscribe.md says (default all but
                      what is for a digest)`;

const SAME_DAY = "urgency='A' OR urgency='B' OR urgency='C'";

/** How often secrets are asked for anew because a signature fits none: whoever sends rubbish must not make us ask for ever. */
const ASK_AGAIN_MS = 10_000;

const { values } = readCommandLine({
  options: {
    organisation: { type: 'string', default: 'limpet' },
    port: { type: 'string', default: '4100' },
    data: { type: 'string', default: '.local' },
    criteria: { type: 'string', default: SAME_DAY },
    help: { type: 'boolean', default: false },
  },
});

/** Subscribes, listens, catches up, and reads until it is told to stop. */
async function main(): Promise<void> {
  if (values.help) return console.log(USAGE);
  const { organisation, criteria, port } = values;
  const chesil = connect(partnerOf(organisation));

  // It listens before it subscribes: the handshake comes at once, and waits here until we know for which subscription.
  const subscribed = Promise.withResolvers<Awaited<ReturnType<Chesil['subscribe']>>>();
  const started = subscribed.promise.then(({ id }) => begin(chesil, organisation, id));
  started.catch(() => {});
  const secrets = rememberSecrets(async () => chesil.secrets((await subscribed.promise).id));
  const server = await receive({
    port: Number(port),
    secrets,
    keep: async ({ event, isOwn }) => {
      const { inbox, reader } = await started;
      if (!isOwn) inbox.keep(event.eventnumber, event);
      // Silence and a higher number: something has not reached us.
      else if (event.eventnumber > inbox.readTo()) void reader.catchUp().catch((error: Error) => console.error(error.message));
      reader.wake();
    },
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}${SIGNALS_PATH}`;
  subscribed.resolve(await chesil.subscribe({ endpoint, criteria }));
  const { inbox, reader } = await started;
  console.log(`ready ${endpoint}`);
  await reader.catchUp();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, async () => {
      server.close();
      server.closeAllConnections();
      await reader.stop();
      inbox.close();
    });
}

function begin(chesil: Chesil, organisation: string, subscription: string) {
  const folder = join(resolve(values.data), 'sample-subscriber');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const inbox = openInbox(join(folder, `${organisation}.db`), subscription);
  return { inbox, reader: createReader({ inbox, chesil, subscription, say: console.log }) };
}

/** What `npm start` wrote down for whoever tries the system. @throws Error when there is no such organisation */
function partnerOf(organisation: string) {
  const demo = JSON.parse(readFileSync(join(resolve(values.data), 'demo.json'), 'utf8'));
  const client = demo.clients.find((each: { organisation: string }) => each.organisation === organisation);
  if (client === undefined) throw new Error(`${organisation} is no organisation of the demo that has a client`);
  return { fhirUrl: demo.fhirUrl, tokenUrl: demo.tokenUrl, clientId: client.clientId, clientSecret: client.clientSecret };
}

function rememberSecrets(ask: () => Promise<readonly string[]>): (again: boolean) => Promise<readonly string[]> {
  let known: Promise<readonly string[]> | undefined;
  let askedAt = 0;
  return (again) => {
    if (known === undefined || (again && Date.now() - askedAt > ASK_AGAIN_MS)) {
      askedAt = Date.now();
      known = ask();
      known.catch(() => {
        known = undefined;
      });
    }
    return known;
  };
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
