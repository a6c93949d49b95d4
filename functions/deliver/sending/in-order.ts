import { isThrottled, type Outcome } from '../../../shared/signals/endpoints/outcomes.ts';
import type { NumberedSignal } from '../../../shared/signals/signal.ts';

export interface Sending {
  /** Signals of one call: each of another person. */
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
 * Sends signals: those of one person one after another, in the order given, and none after one that failed; those of others beside them. Where
 * nothing at all gets through, it stops after the first few; and at once where it is asked for fewer.
 * @returns what has become of each that was tried, by its number
 */
export async function sendInOrder(signals: readonly NumberedSignal[], sending: Sending): Promise<ReadonlyMap<number, Outcome>> {
  const outcomes = new Map<number, Outcome>();
  const lanes = [...Map.groupBy(signals, ({ event }) => event.subject).values()];
  let accepted = false;
  let throttled = false;
  const isHopeless = () => throttled || (!accepted && outcomes.size >= sending.atOnce);

  const work = async () => {
    while (lanes.length > 0 && sending.mayBegin() && !isHopeless()) {
      const taken = lanes.splice(0, sending.most);
      await sending.pace(taken.length);
      const results = await sending.send(taken.map(([head]) => head!));
      taken.forEach((lane, index) => {
        const outcome = results[index]!;
        outcomes.set(lane[0]!.number, outcome);
        throttled ||= isThrottled(outcome);
        if (!outcome.ok) return;
        accepted = true;
        if (lane.length > 1) lanes.push(lane.slice(1));
      });
    }
  };
  await Promise.all(Array.from({ length: sending.atOnce }, work));
  return outcomes;
}
