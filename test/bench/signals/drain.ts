import { percentile } from '../measure.ts';
import type { Figure } from '../report.ts';
import { bundleOf } from './load.ts';
import { collect, type Parts, settle } from './parts.ts';
import { becomesActive, subscribe } from './subscribers.ts';

const PATH = '/drain';
/** Of each person's contribution: what comes of one person goes out one after the other, so it matters how many people they are. */
const BUNDLE = 10;
const PEOPLE = 500;
const AT_ONCE = 8;
/** Its next attempt comes when its pause is over. */
const SILENT_MS = 300_000;
const READ_MS = 5_000;

/** Signals that have queued up for a webhook that was down go out once it is back, while somebody reads. */
export async function measureDrain(parts: Parts, queued: number): Promise<Figure[]> {
  const { hospital, subscribers } = parts;
  const practice = await parts.clientOf('ammonite');
  await becomesActive(practice, await subscribe(practice, `${subscribers.url}${PATH}`, "eventType='fragment-created'"));
  subscribers.takeDown(PATH);
  const read = await pushAll(parts, queued / BUNDLE);
  const readOnce = () => hospital.send('GET', `/${read}`);
  await settle(parts);
  const before = await readFor(readOnce, READ_MS);
  subscribers.takeDown(null);
  let drained = false;
  const during: number[] = [];
  const mine = ({ at }: { at: string }) => at === PATH;
  const reading = (async () => {
    while (!drained) during.push(...(await readFor(readOnce, 250)));
  })();
  const arrivals = (await collect(parts, (come) => come.filter(mine).length >= queued, SILENT_MS)).filter(mine);
  drained = true;
  await reading;
  practice.close();
  const times = arrivals.map(({ atMs }) => atMs).sort((one, other) => one - other);
  const rateOf = (from: number, to: number) =>
    (queued * (to - from)) / ((percentile(times, to) - percentile(times, from)) / 1_000);
  return [
    { name: `signals: ${queued} queued drain, with reads beside`, value: rateOf(0, 1), unit: 'signals/s', promise: '≥ 300/s' },
    // What was put aside when the webhook went down comes by itself, when its pause is over.
    { name: 'signals: the middle nine tenths of them', value: rateOf(0.05, 0.95), unit: 'signals/s' },
    { name: 'signals: read by id before, p50', value: median(before), unit: 'ms' },
    { name: 'signals: read by id while they drain, p50', value: median(during), unit: 'ms' },
  ];
}

/** @returns an observation that was pushed */
async function pushAll({ hospital }: Parts, bundles: number): Promise<string> {
  let read = '';
  let next = 0;
  const work = async () => {
    while (next < bundles) {
      // Every fifth person is registered with the practice that listens.
      const index = (next++ % PEOPLE) * 5;
      const { body } = await hospital.send('POST', '', { body: JSON.stringify(bundleOf(index, BUNDLE)) });
      read = /Observation\/[^/]+/.exec(body.toString('utf8'))![0];
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return read;
}

const median = (values: readonly number[]): number =>
  percentile(
    values.toSorted((one, other) => one - other),
    0.5,
  );

/** One read after the other. @returns how long each took, in milliseconds */
async function readFor(read: () => Promise<unknown>, forMs: number): Promise<number[]> {
  const took: number[] = [];
  for (const until = performance.now() + forMs; performance.now() < until; ) {
    const started = performance.now();
    await read();
    took.push(performance.now() - started);
  }
  return took;
}
