import type { Steps } from '../../concurrency/steps.ts';
import type { Fragment, PersonRecord } from '../../record/fold.ts';
import type { LogicalId } from '../../record/identity.ts';
import { type ClassFacts, classesOf, classOf } from '../facts/classes.ts';
import type { ClassDecision, View } from '../view.ts';

/** What a view is made of, beside the record. */
export interface Deciding extends Pick<View, 'relationships' | 'saysWithheld' | 'seesEverything' | 'stands'> {
  /** Fragments that the person has asked to seal. */
  readonly sealed: ReadonlySet<string>;
  decide(fragments: ClassFacts): ClassDecision;
  /** The fragment, or a copy whose version has an opaque name. */
  asKnown(fragment: Fragment): Fragment;
  /** A copy of a fragment without what tells where the person is; nothing where no copies are made. */
  redact(fragment: Fragment): Fragment | undefined;
  /** What is shown of a fragment, without references to what is hidden. */
  unlink?(shown: Fragment, fragment: Fragment, isHidden: (fragmentId: LogicalId) => boolean): Fragment;
  /** A Patient without whom else to ring. */
  withoutContacts?(patient: Fragment): Fragment;
}

/** Makes a view of a record: everything in it follows from what is decided of each class. */
export function* viewOf(record: PersonRecord, deciding: Deciding): Steps<View> {
  const { sealed, decide, relationships, saysWithheld, seesEverything, stands } = deciding;
  const decisions: Record<string, ClassDecision> = {};
  const shown: Record<string, number> = {};
  const withheld: Record<string, number> = {};
  const seen = new Map<Fragment, ClassDecision>();
  for (const fold of record.folds) {
    for (const { fragments, ...facts } of yield* classesOf(fold, sealed)) {
      yield VISITS_OF_A_DECISION;
      const decision = decisions[facts.key] ?? decide(facts);
      decisions[facts.key] = decision;
      const counts = decision === 'withheld' ? withheld : shown;
      counts[facts.key] = (counts[facts.key] ?? 0) + fragments.length;
      if (decision === 'withheld') continue;
      for (const fragment of fragments) {
        yield 1;
        seen.set(fragment, decision);
      }
    }
  }
  const decided = new Map(Object.entries(decisions));
  const decideOnce = (facts: ClassFacts): ClassDecision => {
    const decision = decided.get(facts.key) ?? decide(facts);
    decided.set(facts.key, decision);
    return decision;
  };
  const decisionOf = (fragment: Fragment): ClassDecision => {
    const known = seen.get(fragment);
    if (known !== undefined) return known;
    const now = currentOf(record, fragment);
    const [whole, version] = [now && decideOnce(classOf(now, sealed)), decideOnce(classOf(fragment, sealed))];
    return whole === 'withheld' || version === 'withheld' ? 'withheld' : whole === 'redacted' ? whole : version;
  };
  const isHidden = ({ subject, fragmentId = '' }: LogicalId): boolean => {
    const target = currentOf(record, { subject, fragmentId });
    return target !== undefined && decisionOf(target) === 'withheld';
  };
  // Whom else to ring stands in Patients too: it is shown to whoever sees that section of the same source. That it is not is noted with the classes.
  const hidesContacts = ({ owner: source }: Fragment): boolean => {
    const key = `contacts ${source}`;
    const hides = (decisions[key] ?? decide({ key, section: 'contacts', source, markings: [] })) === 'withheld';
    if (hides) decisions[key] = 'withheld';
    return hides;
  };
  for (const fragment of seen.keys()) if (fragment.type === 'Patient') hidesContacts(fragment);
  const hides = Object.values(decisions).includes('withheld');
  const show = (fragment: Fragment) => {
    const whole = shownAs(fragment, decisionOf(fragment), deciding);
    // Bodies are opened last: most views need none.
    const cut = whole !== undefined && fragment.type === 'Patient' && hidesContacts(fragment) && holdsContacts(fragment);
    const told = cut ? deciding.withoutContacts?.(whole) : whole;
    return told === undefined || !hides || deciding.unlink === undefined ? told : deciding.unlink(told, fragment, isHidden);
  };
  const visible: Fragment[] = [];
  for (const fold of record.folds) {
    for (const fragment of fold.fragments.values()) {
      yield 1;
      const told = seen.has(fragment) ? show(fragment) : undefined;
      if (told !== undefined) visible.push(told);
    }
  }
  return {
    permitted: seen.size > 0,
    fragments: visible,
    shown,
    withheld,
    show,
    decisionOf,
    sees: (fragment) => decisionOf(fragment) !== 'withheld',
    classOf: (fragment) => classOf(fragment, sealed).key,
    decisions,
    relationships,
    redacts: Object.values(decisions).includes('redacted'),
    saysWithheld,
    seesEverything,
    stands,
  };
}

/** A policy engine takes about a third of a millisecond. */
const VISITS_OF_A_DECISION = 30;

const holdsContacts = ({ body }: Fragment): boolean => body?.includes('"contact":') === true;

function shownAs(fragment: Fragment, decision: ClassDecision, { asKnown, redact }: Deciding): Fragment | undefined {
  if (decision === 'withheld') return undefined;
  return decision === 'redacted' ? redact(asKnown(fragment)) : asKnown(fragment);
}

const currentOf = (
  { folds }: PersonRecord,
  { subject, fragmentId }: Pick<Fragment, 'subject' | 'fragmentId'>,
): Fragment | undefined => folds.find((fold) => fold.subject === subject)?.fragments.get(fragmentId);
