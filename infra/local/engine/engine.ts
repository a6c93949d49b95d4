import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEngineCalls } from './call.ts';
import { listeningPort } from './listening-port.ts';

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

/** Far more than it needs, for machines that are busy with something else. */
const READY_WITHIN_MS = 60_000;
const POLL_MS = 10;
const RESTART_AFTER_MS = 200;

/**
 * The engine must not outlive the runtime, not even one that was killed: a shell holds the runtime's pipe, and ends the engine
 * when the pipe breaks.
 */
const LEASH = `exec 3<&0; "$0" "$@" </dev/null 3<&- & engine=$!
( cat <&3 >/dev/null; kill $engine 2>/dev/null ) & exec 3<&-; wait $engine`;

/**
 * Starts dynoxide on a port of the loopback that it chooses, and again on the same port whenever it ends by itself: what it
 * acknowledged is in its file.
 *
 * @throws Error when there is no engine for this kind of machine, or it does not come up
 */
export async function startEngine({ file, endpoint, onRestart }: EngineOptions): Promise<Engine> {
  if (endpoint !== undefined) {
    await answers(endpoint, () => false);
    return { url: endpoint, file: undefined, stop: async () => {} };
  }
  const program = locate();
  let port = 0;
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
  let url: string;
  try {
    port = await portOf(first, () => ended);
    url = `http://127.0.0.1:${port}`;
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

/** Waits until the engine listens. */
async function portOf({ pid }: ChildProcess, hasEnded: () => boolean): Promise<number> {
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const port = pid === undefined ? undefined : listeningPort(pid);
    if (port !== undefined) return port;
    if (hasEnded()) throw new Error('the engine ended before it answered');
    if (Date.now() > until) throw new Error('the engine does not listen');
    await sleep(POLL_MS);
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
        await sleep(POLL_MS);
      }
    }
  } finally {
    calls.close();
  }
}
