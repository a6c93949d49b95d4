import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from '../report.ts';
import { clockMs } from './clock.ts';
import { contributeOnce } from './load.ts';
import type { Parts } from './parts.ts';
import { subscribe } from './subscribers.ts';

const EVERY_MS = 25;
const WITHIN_MS = 20_000;

/** From asking for a subscription to receiving its first signal, handshake and all, while something happens every 25 ms. */
export async function measureFirstSignal(parts: Parts, times: number): Promise<Figure[]> {
  const took: number[] = [];
  for (let index = 0; index < times; index++) took.push(await firstSignal(parts, `/first/${index}`));
  return [
    {
      name: 'signals: subscribing to first signal, longest',
      value: Math.max(...took),
      unit: `ms, of ${times}`,
      promise: '≤ 2,000 ms',
    },
  ];
}

async function firstSignal({ hospital, subscribers }: Parts, path: string): Promise<number> {
  const startedMs = clockMs();
  await subscribe(hospital, `${subscribers.url}${path}`, "eventType='fragment-created'");
  for (;;) {
    await contributeOnce(hospital);
    const first = (await subscribers.arrivals()).find(({ at }) => at === path);
    if (first !== undefined) return first.atMs - startedMs;
    if (clockMs() - startedMs > WITHIN_MS) throw new Error(`no signal has come within ${WITHIN_MS} ms`);
    await sleep(EVERY_MS);
  }
}
