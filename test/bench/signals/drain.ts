import { percentile } from '../measure.ts';
import type { Figure } from '../report.ts';
import { bundleOf } from './load.ts';
import { collect, type Parts } from './parts.ts';
import { becomesActive, subscribe } from './subscribers.ts';

const PATH = '/drain';
const BUNDLE = 100;
/** Its next attempt comes when its pause is over. */
const SILENT_MS = 300_000;
const READ_MS = 5_000;

/** Signals that have queued up for a webhook that was down go out once it is back, while somebody reads. */
export async function measureDrain(parts: Parts, queued: number): Promise<Figure[]> {
  const { hospital, subscribers } = parts;
  const practice = await parts.clientOf('ammonite');
  await becomesActive(practice, await subscribe(practice, `${subscribers.url}${PATH}`, "eventType='fragment-created'"));
  subscribers.takeDown(PATH);
  let read = '';
  for (let count = 0; count < queued / BUNDLE; count++) {
    const { body } = await hospital.send('POST', '', { body: JSON.stringify(bundleOf(count * 5, BUNDLE)) });
    read = /Observation\/[^/]+/.exec(body.toString('utf8'))![0];
  }
  const readOnce = () => hospital.send('GET', `/${read}`);
  await collect(parts, () => true);
  const before = await readFor(readOnce, READ_MS);
  await parts.subscribers.arrivals();
  subscribers.takeDown(undefined);
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
  const seconds = (times.at(-1)! - times[0]!) / 1_000;
  return [
    {
      name: `signals: ${queued} queued drain, with reads beside`,
      value: queued / seconds,
      unit: 'signals/s',
      promise: '≥ 300/s',
    },
    { name: 'signals: read by id before, p50', value: median(before), unit: 'ms' },
    { name: 'signals: read by id while they drain, p50', value: median(during), unit: 'ms' },
  ];
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
