import { MOST_RETRIES } from '../../shared/signals/sending/patience.ts';
import { headsOf } from '../../shared/signals/sending/round.ts';
import type { Found } from '../../shared/signals/sending/rounds.ts';
import type { Subscription } from '../../shared/signals/subscription.ts';
import type { LogState, Looked } from '../../shared/store/signals/log/log.ts';
import type { World } from './world.ts';

/** Finds what is to be sent: what was put aside, then what has its number, then what waits. Whatever waited is decided again. */
export async function find(world: World, subscription: Subscription, state: LogState, looked: Looked): Promise<Found> {
  const { signals, mayHear, now } = world;
  const { id, organisation } = subscription;
  const { retries: kept, waiting } = looked;
  const tooMany = kept.length >= MOST_RETRIES;
  const unsent = tooMany ? [] : await signals.unsent(id, state);
  const lookedAt = now();
  const due = headsOf(kept).some(({ nextAt }) => nextAt <= lookedAt);
  const asked = [...(due ? kept.map(({ signal }) => signal) : []), ...unsent];
  const may = asked.length === 0 ? [] : await mayHear(organisation, asked);
  const heard = new Set(asked.filter((_, index) => may[index] === true).map(({ number }) => number));
  const withheld = asked.map(({ number }) => number).filter((number) => !heard.has(number));
  const retries = kept.filter(({ signal }) => !withheld.includes(signal.number));
  const told = unsent.filter(({ number }) => heard.has(number));
  const found = { retries, withheld, lookedAt };
  if (unsent.length > 0 || tooMany)
    return { ...found, fresh: told, arrivals: state.arrivals, last: unsent.at(-1)?.number ?? state.ackedTo, more: !tooMany };
  const { signals: fresh, arrivals, more, after } = await signals.number(subscription, mayHear, { state, waiting });
  // Somebody else gave numbers meanwhile, who sends nothing: what has its number is found before what follows it.
  if (after > state.lastNumber) return { ...found, fresh: [], arrivals, last: state.ackedTo, more: true };
  return { ...found, fresh, arrivals, last: fresh.at(-1)?.number ?? state.ackedTo, more };
}
