import { readFileSync } from 'node:fs';

/** How one operation did: rate, latency, and what it cost the system in CPU. */
export interface Measurement {
  readonly operation: string;
  readonly atOnce: number;
  readonly operations: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU of the system's processes (runtime and engine, without the client) per operation; absent where it cannot be read. */
  readonly cpuMsPerOperation?: number;
}

export interface Trial {
  readonly operation: string;
  readonly atOnce: number;
  /** How many operations are timed; half as many, at most 400, go before, so that what is measured is compiled. */
  readonly operations: number;
  readonly run: (index: number) => Promise<unknown>;
  /** Processes whose CPU counts. */
  readonly pids?: readonly number[];
  /** Units of work in one operation, such as fragments in a bundle; rates are of these. */
  readonly unitsPerOperation?: number;
}

/** Runs an operation a bounded number of times, a fixed number at once, and measures each. */
export async function measure({
  operation,
  atOnce,
  operations,
  run,
  pids = [],
  unitsPerOperation = 1,
}: Trial): Promise<Measurement> {
  const warmUp = Math.min(400, Math.ceil(operations / 2));
  await settled(pids);
  await runAll(warmUp, atOnce, run);
  const cpuBefore = cpuMsOf(pids);
  const started = performance.now();
  const latencies = await runAll(operations, atOnce, (index) => run(index + warmUp));
  const seconds = (performance.now() - started) / 1_000;
  const cpuAfter = cpuMsOf(pids);
  latencies.sort((one, other) => one - other);
  return {
    operation,
    atOnce,
    operations,
    perSecond: (operations * unitsPerOperation) / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    ...(cpuBefore === undefined || cpuAfter === undefined ? {} : { cpuMsPerOperation: (cpuAfter - cpuBefore) / operations }),
  };
}

async function runAll(operations: number, atOnce: number, run: (index: number) => Promise<unknown>): Promise<number[]> {
  const latencies: number[] = [];
  let next = 0;
  const work = async () => {
    while (next < operations) {
      const index = next++;
      const started = performance.now();
      await run(index);
      latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, operations) }, work));
  return latencies;
}

const SETTLED_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 250;
const IDLE_SHARE = 0.1;

/** Waits until nothing of the trial before is left to do: announcing and compacting go on after the answer. */
async function settled(pids: readonly number[]): Promise<void> {
  const until = performance.now() + SETTLED_WITHIN_MS;
  for (let before = cpuMsOf(pids); before !== undefined && performance.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const after = cpuMsOf(pids);
    if (after === undefined || after - before < LOOK_EVERY_MS * IDLE_SHARE) return;
    before = after;
  }
}

/** @param sorted ascending */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Linux counts CPU in hundredths of a second (proc(5), `utime` and `stime` of /proc/pid/stat). */
const MS_PER_TICK = 10;

function cpuMsOf(pids: readonly number[]): number | undefined {
  if (pids.length === 0) return undefined;
  try {
    return pids.reduce((total, pid) => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return total + (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
    }, 0);
  } catch {
    return undefined;
  }
}

/** Memory that a process holds, in MB; `undefined` where /proc is not. */
export function memoryMbOf(pid: number): number | undefined {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
  } catch {
    return undefined;
  }
}
