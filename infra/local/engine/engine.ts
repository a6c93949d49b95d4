import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEngineCalls } from './call.ts';

/** DynamoDB's stand-in. */
export interface Engine {
  readonly url: string;
  /** The SQLite file behind it; of an engine that was already there, unknown. */
  readonly file: string | undefined;
  stop(): Promise<void>;
}

interface EngineOptions {
  readonly file: string;
  /** An engine that is already running is used as it is. */
  readonly endpoint?: string | undefined;
  /** Told when the engine ended by itself and is being started again. */
  readonly onRestart: (reason: EngineEnded) => void;
}

/** The engine ended by itself. */
class EngineEnded extends Error {
  override readonly name = 'EngineEnded';
  /** Signal or exit code. */
  readonly code: string;

  constructor(code: string) {
    super('the engine ended by itself');
    this.code = code;
  }
}

const READY_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 10;
const RESTART_AFTER_MS = 200;

/**
 * The engine must not outlive the runtime, not even one that was killed: a shell holds the runtime's pipe, and ends the engine
 * when the pipe breaks.
 */
const LEASH = `exec 3<&0; "$0" "$@" </dev/null 3<&- & engine=$!
( cat <&3 >/dev/null; kill $engine 2>/dev/null ) & exec 3<&-; wait $engine`;

/**
 * Starts dynoxide on a free port of the loopback, and again whenever it ends by itself: what it acknowledged is in its file.
 *
 * @throws Error when there is no engine for this kind of machine, or it does not come up
 */
export async function startEngine({ file, endpoint, onRestart }: EngineOptions): Promise<Engine> {
  if (endpoint !== undefined) {
    await answers(endpoint, () => false);
    return { url: endpoint, file: undefined, stop: async () => {} };
  }
  const program = locate();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let stopping = false;
  let child: ChildProcess;

  const launch = () => {
    child = spawn('sh', ['-c', LEASH, program, '--host', '127.0.0.1', '--port', String(port), '--db-path', file], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // Ctrl-C reaches the whole process group: the engine is ended when everything in front of it is.
      detached: true,
    });
    // The pipe breaks when the engine ends first.
    child.stdin?.on('error', () => {});
    child.on('exit', (code, signal) => {
      child.stdin?.destroy();
      if (stopping) return;
      onRestart(new EngineEnded(signal ?? String(code)));
      setTimeout(() => stopping || launch(), RESTART_AFTER_MS);
    });
    return child;
  };

  const first = launch();
  let ended = false;
  first.once('exit', () => {
    ended = true;
  });
  try {
    await answers(url, () => ended);
  } catch (error) {
    stopping = true;
    first.stdin?.destroy();
    throw error;
  }
  return {
    url,
    file,
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.stdin?.destroy();
      await exit;
    },
  };
}

function locate(): string {
  try {
    return createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
  } catch (cause) {
    throw new Error(
      `There is no engine for ${process.platform}-${process.arch}. Start any DynamoDB-compatible one and name it: DYNAMODB_ENDPOINT=http://127.0.0.1:8000 npm start`,
      { cause },
    );
  }
}

async function answers(url: string, isHopeless: () => boolean): Promise<void> {
  const calls = createEngineCalls(url);
  const until = Date.now() + READY_WITHIN_MS;
  try {
    for (;;) {
      try {
        await calls.call('DynamoDB.ListTables', {});
        return;
      } catch (cause) {
        if (isHopeless()) throw new Error('the engine ended before it answered', { cause });
        if (Date.now() > until) throw new Error(`the engine at ${url} does not answer`, { cause });
        await sleep(LOOK_EVERY_MS);
      }
    }
  } finally {
    calls.close();
  }
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}
