import type { Fragment, PersonRecord } from '../../record/fold.ts';
import { type ClassFacts, classesOf, classOf } from '../facts/classes.ts';
import type { ClassDecision, View } from '../view.ts';

/** What a view is made of, beside the record. */
export interface Deciding extends Pick<View, 'relationships' | 'saysWithheld'> {
  /** Fragments that the person has asked to seal. */
  readonly sealed: ReadonlySet<string>;
  decide(fragments: ClassFacts): ClassDecision;
}

/** Makes a view of a record: everything in it follows from what is decided of each class. */
export function viewOf(record: PersonRecord, { sealed, decide, relationships, saysWithheld }: Deciding): View {
  const decisions: Record<string, ClassDecision> = {};
  const shown: Record<string, number> = {};
  const withheld: Record<string, number> = {};
  const seen = new Map<Fragment, Fragment>();
  for (const fold of record.folds) {
    for (const { fragments, ...facts } of classesOf(fold, sealed)) {
      const decision = decisions[facts.key] ?? decide(facts);
      decisions[facts.key] = decision;
      const counts = decision === 'withheld' ? withheld : shown;
      counts[facts.key] = (counts[facts.key] ?? 0) + fragments.length;
      if (decision !== 'withheld') for (const fragment of fragments) seen.set(fragment, asSeen(fragment, decision));
    }
  }
  const show = (fragment: Fragment): Fragment | undefined => {
    const known = seen.get(fragment);
    if (known !== undefined) return known;
    const now = currentOf(record, fragment);
    const [whole, version] = [now && decide(classOf(now, sealed)), decide(classOf(fragment, sealed))];
    if (whole === 'withheld' || version === 'withheld') return undefined;
    return asSeen(fragment, whole === 'redacted' ? whole : version);
  };
  return {
    permitted: seen.size > 0,
    fragments: record.folds.flatMap((fold) => [...fold.fragments.values()].flatMap((fragment) => seen.get(fragment) ?? [])),
    shown,
    withheld,
    show,
    sees: (fragment) => show(fragment) !== undefined,
    classOf: (fragment) => classOf(fragment, sealed).key,
    decisions,
    relationships,
    redacts: Object.values(decisions).includes('redacted'),
    saysWithheld,
  };
}

const asSeen = (fragment: Fragment, decision: ClassDecision): Fragment =>
  decision === 'redacted' ? { ...fragment, body: undefined } : fragment;

const currentOf = ({ folds }: PersonRecord, { subject, fragmentId }: Fragment): Fragment | undefined =>
  folds.find((fold) => fold.subject === subject)?.fragments.get(fragmentId);
