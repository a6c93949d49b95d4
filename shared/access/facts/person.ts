import { type Effect, effectsOf, type Words } from '../assertions/effects.ts';
import type { PersonStatements, StatedFact } from '../assertions/statements.ts';
import { standsAt } from './spans.ts';

/** What the policies are told of a person. */
export interface PersonFacts {
  readonly restricted: boolean;
  /** Opted out of the shared record, contested or not. */
  readonly optedOut: boolean;
  /** Every opt-out that stands was contested by somebody whose word counts. */
  readonly optOutContested: boolean;
  /** Has died, by a word that closes their own access. */
  readonly deceased: boolean;
}

/** What stands at an instant. */
export function personFactsAt(statements: PersonStatements, words: Words): PersonFacts {
  const effects = (fact: StatedFact) => effectsOf(statements, fact, words).map(([, effect]) => effect);
  const optOuts = effects('opt-out');
  const has = (found: readonly Effect[], effect: Effect) => found.includes(effect);
  return {
    restricted: has(effects('restricted'), 'effective'),
    optedOut: has(optOuts, 'effective') || has(optOuts, 'contested'),
    optOutContested: has(optOuts, 'contested') && !has(optOuts, 'effective'),
    deceased: has(effects('death'), 'effective'),
  };
}

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Fragments that are sealed at an instant. A seal takes effect by anybody's word, and ends by that of the person, or of the records office of
 * the lead.
 */
export function sealedAt({ byFact, rulings }: PersonStatements, atMs: number): ReadonlySet<string> {
  const seals = byFact.get('sealed');
  if (seals === undefined) return NOTHING;
  const isLifted = (fragmentId: string) => {
    const said = rulings.filter(({ fact, about }) => fact === 'sealed' && about === fragmentId);
    const ruling = said.find(({ by }) => by === 'person') ?? said.find(({ by }) => by === 'records-office');
    return ruling?.decision === 'contested';
  };
  return new Set(
    seals.flatMap(({ names, span, fragment }) => (standsAt([span], atMs) && !isLifted(fragment.fragmentId) ? names : [])),
  );
}

/** Whether somebody may act for the person at an instant. */
export const actsFor = (statements: PersonStatements, person: string, words: Words): boolean =>
  effectsOf(statements, 'proxy', words).some(([{ names }, effect]) => effect === 'effective' && names.includes(person));
