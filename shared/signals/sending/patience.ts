import type { Outcome } from '../endpoints/outcomes.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Everything of a subscription has failed for so long: its status says so. */
export const ERROR_AFTER_MS = 300_000;
/** And for so long: it is put off. A signal that fails for so long by itself is a dead letter. */
export const GIVEN_UP_AFTER_MS = 3 * DAY_MS;

/** More than so many are not put aside: then everything waits. */
export const MOST_RETRIES = 1_000;

/**
 * How long to wait after a failure: twice as long each time, up to an hour, of which a random part, so that not all come back at once. Never shorter
 * than the receiver asks for.
 * @param attempts that have failed, 1 and more
 * @param random 0 ≤ n < 1
 */
export function waitAfter(attempts: number, outcome: Outcome, random: number): number {
  const longest = Math.min(HOUR_MS, SECOND_MS * 2 ** Math.min(attempts, 20));
  const asked = outcome.ok ? 0 : (outcome.retryAfterMs ?? 0);
  return Math.round(Math.max(SECOND_MS, random * longest, asked));
}
