import type { Measure } from '../../lambda/metrics.ts';
import type { Outcome } from '../endpoints/outcomes.ts';
import { SIGNAL_METRICS } from '../metrics.ts';
import type { NumberedSignal } from '../signal.ts';

/**
 * Measures what has become of signals.
 * @param outcomes of what was tried, by number
 * @param acceptedAt milliseconds since the epoch
 */
export function measureSent(
  measure: Measure,
  organisation: string,
  sent: readonly NumberedSignal[],
  outcomes: ReadonlyMap<number, Outcome>,
  acceptedAt: number,
): void {
  const accepted = sent.filter(({ number }) => outcomes.get(number)?.ok === true);
  const failures = [...outcomes.values()].filter(({ ok }) => !ok).length;
  measure(organisation, {
    [SIGNAL_METRICS.delivered]: accepted.length > 0 ? [accepted.length] : [],
    [SIGNAL_METRICS.failed]: failures > 0 ? [failures] : [],
    [SIGNAL_METRICS.contributionToDeliveryMs]: accepted
      .filter(({ replay }) => replay === undefined)
      .map(({ event }) => Math.max(0, acceptedAt - Date.parse(event.time))),
  });
}
