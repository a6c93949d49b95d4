import { isThrottled, type Outcome } from '../endpoints/outcomes.ts';
import type { NumberedSignal } from '../signal.ts';

/** Who takes longer to answer is not told at once the next time, for others would wait beside. */
export const SLOW_MS = 250;

/** Calls under way at a time to one subscriber. */
export const AT_ONCE = 8;

export interface Sending {
  /** Signals of one call. */
  readonly most: number;
  /** Calls under way at a time. */
  readonly atOnce: number;
  /** Waits until so many more may go. */
  pace(count: number): Promise<void>;
  /** Whether there is time for another call. */
  mayBegin(): boolean;
  send(signals: readonly NumberedSignal[]): Promise<readonly Outcome[]>;
}

/**
 * Sends signals: those of one person one after another, in the order given, and no call after one that failed; those of others beside them. What takes several at once
 * keeps no order among them itself. Where nothing at all gets through, it stops after the first few; and at once where it is asked for fewer.
 * @returns what has become of each that was tried, by its number
 */
export async function sendInOrder(signals: readonly NumberedSignal[], sending: Sending): Promise<ReadonlyMap<number, Outcome>> {
  const outcomes = new Map<number, Outcome>();
  const lanes: Lane[] = [...Map.groupBy(signals, ({ event }) => event.subject).values()];
  let accepted = false;
  let throttled = false;
  const isHopeless = () => throttled || (!accepted && outcomes.size >= sending.atOnce);

  const work = async () => {
    while (lanes.length > 0 && sending.mayBegin() && !isHopeless()) {
      const call = take(lanes, sending.most);
      const some = call.flatMap(({ now }) => now);
      await sending.pace(some.length);
      const results = await sending.send(some);
      some.forEach(({ number }, index) => void outcomes.set(number, results[index]!));
      accepted ||= results.some(({ ok }) => ok);
      throttled ||= results.some(isThrottled);
      const isThrough = ({ number }: NumberedSignal) => outcomes.get(number)!.ok;
      for (const { now, later } of call) if (later.length > 0 && now.every(isThrough)) lanes.push(later);
    }
  };
  await Promise.all(Array.from({ length: sending.atOnce }, work));
  return outcomes;
}

type Lane = readonly NumberedSignal[];

/** Takes from the first lanes as much as one call may have. */
function take(lanes: Lane[], most: number): readonly { readonly now: Lane; readonly later: Lane }[] {
  const taken: { readonly now: Lane; readonly later: Lane }[] = [];
  for (let left = most; left > 0 && lanes.length > 0; ) {
    const lane = lanes.shift()!;
    taken.push({ now: lane.slice(0, left), later: lane.slice(left) });
    left -= lane.length;
  }
  return taken;
}
