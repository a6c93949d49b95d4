import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What `demo.json` says of a running system. */
export interface Demo {
  readonly baseUrl: string;
  readonly fhirUrl: string;
  readonly tokenUrl: string;
  readonly clients: readonly { readonly organisation: string; readonly clientId: string; readonly clientSecret: string }[];
}

/** The system in a process of its own, started as an operator would. */
export interface RunningSystem {
  readonly demo: Demo;
  /** From the start of the process to its ready line. */
  readonly readyMs: number;
  /** The runtime first, then the processes that it started. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

const START = resolve(import.meta.dirname, '../../infra/local/start.ts');

/** `npm start -- --empty` on a free port. @throws Error with what it printed when it ends before it is ready. */
export async function startSystem(data: string): Promise<RunningSystem> {
  const started = performance.now();
  const child = spawn(process.execPath, [START, '--port', '0', '--data', data, '--empty'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const endWithUs = () => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  await ready(child);
  const readyMs = performance.now() - started;
  return {
    demo: JSON.parse(readFileSync(join(data, 'demo.json'), 'utf8')),
    readyMs,
    pids: [child.pid!, ...childrenOf(child.pid!)],
    stop: async () => {
      process.off('exit', endWithUs);
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function ready(child: ChildProcess): Promise<void> {
  let printed = '';
  await new Promise<void>((done, fail) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString('utf8');
      if (/^ready http/m.test(printed)) done();
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('exit', () => fail(new Error(`the system ended before it was ready:\n${printed}`)));
  });
}

/** Children are listed by the thread that started them. */
function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
