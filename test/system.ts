import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DemoFile } from '../infra/local/demo-file.ts';

export interface SystemOptions {
  /** No demo population: the default. */
  readonly empty?: boolean;
  /** How many people the demo has, unless it is empty. */
  readonly people?: number;
  /** Data of a former run; a new folder by default, which is removed at the end. */
  readonly dataDir?: string;
  readonly port?: number;
  /** A command that the system is started by, such as `nsenter` with its arguments. */
  readonly through?: readonly string[];
  /** Where the data folder is for the test, if the system sees it elsewhere. */
  readonly dataSeenAt?: string;
}

/** The whole system, as `npm start` runs it, with what `demo.json` says of it. */
export interface System extends DemoFile {
  readonly dataDir: string;
  /** From the start of the process to its ready line. */
  readonly readyMs: number;
  readonly pid: number;
  /** Everything that it printed so far. */
  printed(): string;
  /** An access token of an organisation's client, as its system gets it. */
  token(organisation: string): Promise<string>;
  /** Stops it as Ctrl-C does. The data stays when `dataDir` was given. */
  stop(): Promise<void>;
  /** `kill -9`. The data stays: start again with it. */
  kill(): Promise<void>;
}

const START = fileURLToPath(new URL('../infra/local/start.ts', import.meta.url));
const READY_WITHIN_MS = 120_000;

/** Starts the system in a process of its own. @throws Error with what it printed when it ends before it is ready */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const { empty = true, people, dataDir, port = 0, through = [], dataSeenAt } = options;
  const data = dataDir ?? mkdtempSync(join(tmpdir(), 'chesil-'));
  const startedAt = performance.now();
  const flags = [
    '--port',
    String(port),
    '--data',
    data,
    ...(empty ? ['--empty'] : []),
    ...(people ? ['--people', String(people)] : []),
  ];
  const [command, ...args] = [...through, process.execPath, START, ...flags] as [string, ...string[]];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const endWithUs = () => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const printed = await ready(child);
  const readyMs = performance.now() - startedAt;
  const demo = JSON.parse(readFileSync(join(dataSeenAt ?? data, 'demo.json'), 'utf8')) as DemoFile;
  const end = async (signal: NodeJS.Signals) => {
    process.off('exit', endWithUs);
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill(signal);
      await exit;
    }
  };
  return {
    ...demo,
    dataDir: data,
    readyMs,
    pid: child.pid!,
    printed,
    token: createTokens(demo),
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM');
      if (dataDir === undefined) rmSync(data, { recursive: true, force: true });
    },
  };
}

async function ready(child: ChildProcess): Promise<() => string> {
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the system is not ready:\n${printed}`)), READY_WITHIN_MS);
    const read = (chunk: Buffer) => {
      printed += chunk.toString();
      if (!/^ready http/m.test(printed)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`the system ended before it was ready:\n${printed}`));
    });
  });
  return () => printed;
}

/** Tokens are fetched once for each organisation. */
function createTokens({ tokenUrl, clients }: DemoFile): System['token'] {
  const tokens = new Map<string, Promise<string>>();
  const fetchToken = async (organisation: string): Promise<string> => {
    const client = clients.find((candidate) => candidate.organisation === organisation);
    if (client === undefined) throw new Error(`${organisation} has no client`);
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    if (!response.ok) throw new Error(`${organisation} got no token: ${response.status}`);
    return ((await response.json()) as { access_token: string }).access_token;
  };
  return (organisation) => {
    const token = tokens.get(organisation) ?? fetchToken(organisation);
    tokens.set(organisation, token);
    return token;
  };
}
