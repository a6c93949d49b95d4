import type { System } from '../../system.ts';
import type { Client } from '../client.ts';
import type { Arrival } from './receiver.ts';
import type { Subscribers } from './subscribers.ts';

/** What the trials of signals share: one system, one receiving process. */
export interface Parts {
  readonly system: System;
  readonly subscribers: Subscribers;
  /** Who contributes. */
  readonly hospital: Client;
  clientOf(organisation: string): Promise<Client>;
}

const LOOK_EVERY_MS = 250;

/**
 * Collects what comes until it is enough.
 * @throws Error saying how much came, when nothing more has come for so long
 */
export async function collect(
  { subscribers }: Parts,
  isEnough: (arrivals: readonly Arrival[]) => boolean,
  silentMs = 60_000,
): Promise<readonly Arrival[]> {
  const all: Arrival[] = [];
  let last = performance.now();
  while (!isEnough(all)) {
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
    const more = await subscribers.arrivals();
    all.push(...more);
    if (more.length > 0) last = performance.now();
    if (performance.now() - last > silentMs) throw new Error(`only ${all.length} signals have come, and no more`);
  }
  return all;
}

const QUIET_MS = 2_000;

/** Waits until nothing comes any more: what was pushed before has been heard by everybody who is there to hear it. */
export async function settle({ subscribers }: Parts): Promise<void> {
  for (let last = performance.now(); performance.now() - last < QUIET_MS; ) {
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
    if ((await subscribers.arrivals()).length > 0) last = performance.now();
  }
}
