import { effectsOf, type Words } from '../assertions/effects.ts';
import type { PersonStatements } from '../assertions/statements.ts';
import type { Registration } from './registrations.ts';
import { standsAt } from './spans.ts';

/** What of the statements about a person is shown as so: the rest is shown only as what its source states. */
export interface PersonStanding {
  /** The registered practices, confirmed or uncontested: ids; `system|CODE` of those that take no part here. */
  readonly practices: ReadonlySet<string>;
  /** Whether a death stands by the word of more than one organisation. */
  readonly deathConfirmed: boolean;
  /** Ids of fragments that state a death which somebody whose word counts has contested. */
  readonly contestedDeaths: ReadonlySet<string>;
}

export const NOTHING_STANDS: PersonStanding = { practices: new Set(), deathConfirmed: false, contestedDeaths: new Set() };

/** What stands at an instant. */
export function standingAt(registrations: readonly Registration[], statements: PersonStatements, words: Words): PersonStanding {
  const practices = registrations.filter(({ established }) => standsAt(established, words.atMs));
  const deaths = effectsOf(statements, 'death', words);
  const contested = deaths.filter(([, effect]) => effect === 'contested' || effect === 'refused');
  return {
    practices: new Set(practices.map(({ practice }) => practice)),
    deathConfirmed: deaths.some(([, effect]) => effect === 'effective'),
    contestedDeaths: new Set(contested.map(([{ fragment }]) => fragment.fragmentId)),
  };
}

/** All that a standing says, in one text. */
export const standingKey = ({ practices, deathConfirmed, contestedDeaths }: PersonStanding): string =>
  `${[...practices].sort().join()} ${deathConfirmed} ${[...contestedDeaths].sort().join()}`;
