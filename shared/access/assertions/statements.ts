import type { GroundKind } from '../../record/contribution.ts';
import type { Fragment, PersonRecord } from '../../record/fold.ts';
import type { RecordedRuling, RuledFact } from '../../record/rulings.ts';
import { type GivenGround, groundsOf, reasonSpan, restrictionSpan } from '../facts/grounds.ts';
import type { Span } from '../facts/spans.ts';

/** What is stated about a person as a whole, beside their practice. */
export type StatedFact = Exclude<RuledFact, 'practice'>;

/** Something that a fragment states about a person, with when it stands. */
export interface Statement {
  readonly fact: StatedFact;
  readonly fragment: Fragment;
  /** Of a proxy: the persons who act. Of a seal: the fragments that are sealed, and the one that states it. */
  readonly names: readonly string[];
  readonly span: Span;
}

/** What a record states about its person, and what was said of it. */
export interface PersonStatements {
  readonly byFact: ReadonlyMap<StatedFact, readonly Statement[]>;
  readonly rulings: readonly RecordedRuling[];
  /** The organisation that contributed the fragment with an id, retracted ones included. */
  readonly ownerOf: (fragmentId: string) => string | undefined;
}

const FACT_OF_GROUND: Readonly<Partial<Record<GroundKind, StatedFact>>> = {
  proxy: 'proxy',
  'opt-out': 'opt-out',
  sealed: 'sealed',
  restricted: 'restricted',
  deceased: 'death',
};

/** What all linked folds state. */
export function statementsOf(record: PersonRecord): PersonStatements {
  const statements = groundsOf(record).flatMap((ground) => statementOf(ground) ?? []);
  return {
    byFact: Map.groupBy(statements, ({ fact }) => fact),
    rulings: record.folds.flatMap(({ rulings }) => rulings),
    ownerOf: (id) => record.folds.find(({ fragments }) => fragments.has(id))?.fragments.get(id)?.owner,
  };
}

function statementOf(ground: GivenGround): Statement | undefined {
  const fact = FACT_OF_GROUND[ground.kind];
  const span = fact === 'proxy' ? reasonSpan(ground, PROXY) : restrictionSpan(ground);
  if (fact === undefined || span === undefined) return undefined;
  const { fragment, names } = ground;
  // Somebody who reads the fragment that seals another would know that something is sealed, and often what.
  return { fact, fragment, span, names: fact === 'sealed' ? [...names, fragment.fragmentId] : names };
}

/** A proxy acts from the day to the day that the record says, and not an hour longer. */
const PROXY = { title: 'proxy', beforeDays: 0, afterDays: 0 };
