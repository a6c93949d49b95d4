import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SUBSCRIBER = fileURLToPath(new URL('../../../infra/demo/sample-subscriber/subscriber.ts', import.meta.url));

/** `npm run sample-subscriber`, in a process of its own. */
export interface SampleSubscriber {
  readonly port: number;
  /** Every line that it has printed. */
  lines(): readonly string[];
  /** Waits until it has printed such a line. @throws Error with what it printed, when it has not in time */
  says(wanted: RegExp, withinMs?: number): Promise<void>;
  /** Stops it as Ctrl-C does. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** @param port 0 for any; of one that ran before, for the same subscription */
export async function startSampleSubscriber(dataDir: string, organisation: string, port: number): Promise<SampleSubscriber> {
  const flags = ['--data', dataDir, '--organisation', organisation, '--port', String(port)];
  const child = spawn(process.execPath, [SUBSCRIBER, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  const endWithUs = () => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  let printed = '';
  const read = (chunk: Buffer) => {
    printed += chunk.toString();
  };
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', read);
  const end = async (signal: NodeJS.Signals) => {
    process.off('exit', endWithUs);
    if (hasEnded(child)) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  };
  const lines = () => printed.split('\n').filter((line) => line !== '');
  const subscriber: SampleSubscriber = {
    get port() {
      const ready = lines().find((line) => line.startsWith('ready http'));
      return Number(new URL(ready!.slice('ready '.length)).port);
    },
    lines,
    async says(wanted, withinMs = 30_000) {
      const until = performance.now() + withinMs;
      while (!lines().some((line) => wanted.test(line))) {
        if (performance.now() > until || hasEnded(child))
          throw new Error(`the sample subscriber never said ${wanted}:\n${printed}`);
        await sleep(20);
      }
    },
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
  };
  await subscriber.says(/^ready http/);
  return subscriber;
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;
