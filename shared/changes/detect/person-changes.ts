import type { Contribution } from '../../record/contribution.ts';
import type { Fold, Fragment } from '../../record/fold.ts';
import { readTogether } from '../../record/linking.ts';
import type { ChangeName, Row } from '../catalogue.ts';
import type { PersonTrigger } from '../row.ts';
import type { Freshness } from './freshness.ts';
import type { IsSeenWith, Looked } from './look.ts';
import { compilePath, type Path } from './paths.ts';
import { type Facts, factsOf, factsOfRecord } from './person.ts';
import { tellsMove } from './practices.ts';
import { triggersOn } from './triggers.ts';

/** Which changes to what is known of the person a version tells: each once in a contribution, by the first version that tells it to the same hearers. */
export type PersonChanges = (now: Looked, before: Looked | undefined) => readonly Named[];

interface AskedOfPerson {
  readonly name: ChangeName;
  readonly row: Row;
  readonly trigger: PersonTrigger;
  readonly dated: readonly Path[];
}

const asked: readonly AskedOfPerson[] = triggersOn('person').map((each) => ({
  ...each,
  dated: (each.trigger.dated?.split(' ') ?? []).map(compilePath),
}));

/** The names of the changes that a version tells of the person, by the facts that it states. */
export function namesStatedBy(looked: Looked, at: string): readonly ChangeName[] {
  const facts = factsOf(looked, at);
  return asked.filter(({ trigger }) => facts[trigger.fact].length > 0).map(({ name }) => name);
}

export function createPersonChanges(
  { contribution, before, after, linked }: StepOfPerson,
  { isFresh, isSeenWith }: { readonly isFresh: Freshness; readonly isSeenWith: IsSeenWith },
): PersonChanges {
  const at = contribution.recordedAt;
  const told: { readonly name: ChangeName; readonly by: Looked['version'] }[] = [];
  const haveTold = (wanted: ChangeName, now: Looked) =>
    told.some(({ name, by }) => name === wanted && isSeenWith(now.version, by));
  const known = createKnown([before, ...linked], [after, ...linked], { at, isSeenWith });
  const seenBefore = ({ version }: Looked) =>
    [before, ...linked].flatMap(({ fragments }) => [...fragments.values()].filter((one) => isSeenWith(version, one)));
  return (now, earlier) => {
    const [says, said] = [factsOf(now, at), earlier === undefined ? undefined : factsOf(earlier, at)];
    const happens = ({ trigger: { fact, when, unless } }: AskedOfPerson): boolean => {
      if (when === 'moved') return tellsMove(now, earlier, seenBefore(now), at);
      const [until, standing] = known(now, fact);
      if (unless !== undefined && until[unless].length > 0) return false;
      if (when === 'gone') return until[fact].length > 0 && standing[fact].length === 0 && (said?.[fact].length ?? 0) > 0;
      if (when === 'first') return until[fact].length === 0 && says[fact].length > 0;
      return until[fact].length > 0 && says[fact].some((value) => !until[fact].includes(value));
    };
    const raised = asked.filter(
      (each) =>
        !haveTold(each.name, now) && happens(each) && isFresh(now, { freshDays: each.trigger.freshDays, dated: each.dated }),
    );
    for (const { name } of raised) told.push({ name, by: now.version });
    return raised;
  };
}

interface Seeing {
  readonly at: string;
  readonly isSeenWith: IsSeenWith;
}

/** What was known of the person before, and is after, to whoever may see a version; of what closes records, to anybody. */
function createKnown(before: readonly Fold[], after: readonly Fold[], { at, isSeenWith }: Seeing) {
  const remembered = new Map<string, readonly [until: Facts, standing: Facts]>();
  return ({ version }: Looked, fact: PersonTrigger['fact']) => {
    const isClosing = CLOSING.has(fact);
    const key = isClosing ? 'anybody' : version.fragmentId;
    const counts = isClosing ? undefined : (fragment: Fragment) => isSeenWith(version, fragment);
    const facts = remembered.get(key) ?? [factsOfRecord(before, at, counts), factsOfRecord(after, at, counts)];
    remembered.set(key, facts);
    return facts;
  };
}

/** What closes records. Somebody who has opted out, or is restricted, is so in every record that is found to be theirs. */
const CLOSING: ReadonlySet<PersonTrigger['fact']> = new Set(['opt-out', 'restricted']);

/** What a link brings to the record of a person, or takes with it when it goes: that it is closed to others. */
export function changesByLink({ contribution, before, after, linked }: StepOfPerson): readonly Named[] {
  const at = contribution.recordedAt;
  const [until, standing] = [before, after].map((fold) => factsOfRecord(readTogether(fold, linked), at)) as [Facts, Facts];
  const happens = ({ trigger: { fact, when } }: AskedOfPerson): boolean => {
    const [was, is] = [until[fact].length > 0, standing[fact].length > 0];
    return CLOSING.has(fact) && was !== is && when === (is ? 'first' : 'gone');
  };
  return asked.filter(happens);
}

interface Named {
  readonly name: ChangeName;
  readonly row: Row;
}

interface StepOfPerson {
  readonly contribution: Contribution;
  readonly before: Fold;
  readonly after: Fold;
  readonly linked: readonly Fold[];
}
