import type { Issue } from '../../../../shared/fhir/outcomes.ts';
import type { Json } from '../../../../shared/fhir/references.ts';
import { NHS_NUMBER } from '../../../../shared/fhir/systems.ts';
import type { PersonLink, Question } from '../../../../shared/record/contribution.ts';
import type { Fragment } from '../../../../shared/record/fold.ts';
import { isPersonId, parseLogicalId, type Subject } from '../../../../shared/record/identity.ts';
import type { Linking } from '../../../../shared/record/linking.ts';
import { foldOf } from '../fragments/record-lookup.ts';
import { nhsNumbersOf, supersededNumbersOf } from '../names/patient-names.ts';
import { type Identifying, isOwnLocal, type PatientWrite, previousNumber } from './known-persons.ts';
import { localKeysOf, type PatientNames } from './patient-lookup.ts';
import { isProtected } from './protected-person.ts';

/**
 * When two persons are one. Nothing is ever matched by name or birth date: a link is what one source says of its own patients, by the
 * NHS number that it has learnt or by the `Patient.link` of a merge. It stands while a current Patient of its author says so. Two NHS
 * numbers are linked only by a source that traces them: a person may have been given a new one precisely so that nobody finds the old.
 */

/** The same link, as it stands in the partition of one of the two. */
export const linkAt = ({ kind, persons: [one, other], survivor, replacesNumber }: Linking, subject: Subject): PersonLink => ({
  kind,
  person: subject === one ? other : one,
  survivor,
  ...(replacesNumber ? { replacesNumber } : {}),
});

/** `Patient.link.type` that say that two are one, and which of them is then shown. */
const MERGES: Readonly<Record<string, 'other' | 'this'>> = { 'replaced-by': 'other', replaces: 'this' };

/** The persons whom a Patient says it is one with, by their ids: `link.other` must be resolved. */
export function mergesOf({ link = [] }: Json): ReadonlyMap<Subject, 'other' | 'this'> {
  const merges = new Map<Subject, 'other' | 'this'>();
  for (const { other, type } of link as { other?: Json; type?: string }[]) {
    const shown = MERGES[type ?? ''];
    const [, id] = /^Patient\/(.+)$/.exec(String(other?.reference ?? '')) ?? [];
    const subject = id === undefined ? undefined : parseLogicalId(id)?.subject;
    if (shown !== undefined && subject !== undefined && isPersonId(subject)) merges.set(subject, shown);
  }
  return merges;
}

/** What follows from the links of one Patient. */
export interface StatedLinks {
  readonly links: readonly Linking[];
  readonly notes: readonly Issue[];
  readonly questions: readonly Question[];
}

/**
 * The links that follow from `Patient.link`, where the source says it of its own patients. Any other has no effect: the answer says so,
 * and the organisation whose patient is meant is asked.
 * @param subject in whose record the Patient is. @param patient with its references resolved.
 */
export function mergeLinks(context: Identifying, write: PatientWrite, subject: Subject, patient: Json): StatedLinks {
  const links: Linking[] = [];
  const notes: Issue[] = [];
  const questions: Question[] = [];
  for (const [other, shown] of mergesOf(patient)) {
    if (context.groups.of(subject).includes(other)) continue;
    const persons = [subject, other] as const;
    if (mayLink(context, write, persons)) {
      links.push({ kind: 'link', persons, survivor: shown === 'other' ? other : subject });
      context.groups.join(persons);
    } else {
      notes.push({ code: 'link-without-effect', expression: `${write.operation.at}.link` });
      questions.push(...ownersOf(context, other).map((organisation) => effectless(organisation, subject, other)));
    }
  }
  return { links, notes, questions };
}

const effectless = (asked: string, subject: Subject, other: Subject): Question => ({
  kind: 'link-without-effect',
  asked,
  person: other,
  otherPerson: subject,
});

/** The organisation whose local patient a person is, where that is another than the one that sends. */
function ownersOf({ world }: Identifying, person: Subject): readonly string[] {
  const fragments = [...(foldOf(world, person)?.fragments.values() ?? [])];
  const owners = fragments
    .filter(({ type, body }) => type === 'Patient' && body !== undefined)
    .filter((one) => one.owner !== world.owner && localKeysOf(world, one).includes(person))
    .map(({ owner }) => owner);
  return [...new Set(owners)];
}

/**
 * Whether two persons may be made one: the organisation has a Patient of its own in both records, on one side all are its own local
 * persons, and everybody who would then be read together goes by at most one NHS number. So a chain of merges may get a number, and no chain leads from one number to another.
 */
export function mayLink(context: Identifying, write: PatientWrite, [one, other]: readonly [Subject, Subject]): boolean {
  const sides = [context.groups.of(one), context.groups.of(other)] as const;
  if (sides[0].includes(other) || currentPatients(context, other).length === 0) return false;
  const numbers = new Set(sides.flat().flatMap((person) => numbersIn(context, person)));
  if (write.names.number !== undefined) numbers.add(write.names.number);
  if (numbers.size > 1) return false;
  return sides.some((side) => side.every((person) => isOwnLocal(context, write, person)));
}

/** The persons of the NHS numbers that Patients in a record go by. */
const numbersIn = (context: Identifying, person: Subject): Subject[] =>
  [...(foldOf(context.world, person)?.fragments.values() ?? [])]
    .filter(({ type }) => type === 'Patient')
    .flatMap((patient) => previousNumber(context, patient) ?? []);

/**
 * The links between a superseded NHS number and its successor, as a tracing source states them. Of a protected person none: a new number
 * was given so that nobody finds the old one, and nothing is said of it.
 */
export function tracedLinks(context: Identifying, { names, resource }: PatientWrite): Linking[] {
  const { number, superseded } = names;
  if (number === undefined) return [];
  const open = superseded.filter((old) => old !== number && !context.groups.of(number).includes(old));
  const together = [number, ...open].flatMap((person) => context.groups.of(person));
  if (isProtected(context.world, together, resource)) return [];
  return open.map((old) => ({ kind: 'link', persons: [number, old], survivor: number, replacesNumber: true }));
}

/** A Patient of this request as it will be, or `undefined` where it is retracted. */
export interface RewrittenPatient {
  readonly previous: Fragment;
  readonly after: { readonly subject: Subject; readonly names: PatientNames; readonly merges: readonly Subject[] } | undefined;
}

/**
 * The links that end because a Patient bears an NHS number no more that it bore before. What it says by `Patient.link` is judged later,
 * once its references are resolved.
 */
export function endedNumberLinks(
  context: Identifying,
  patients: readonly { readonly write: PatientWrite; readonly identified: { readonly formerly?: unknown } }[],
): Linking[] {
  const rewritten = patients.flatMap(({ write: { previous, names }, identified }): RewrittenPatient[] => {
    if (previous?.body === undefined || identified.formerly === undefined) return [];
    const merges = [...mergesOf(JSON.parse(previous.body) as Json).keys()];
    return [{ previous, after: { subject: previous.subject, names, merges } }];
  });
  return endedLinks(context, rewritten);
}

/**
 * The links that end because the last current Patient of their author that stated them does so no more.
 * @param rewritten every Patient that the request rewrites or retracts.
 */
export function endedLinks(context: Identifying, rewritten: readonly RewrittenPatient[]): Linking[] {
  const { world } = context;
  const isRewritten = (one: Fragment) =>
    rewritten.some(({ previous }) => previous.fragmentId === one.fragmentId && previous.subject === one.subject);
  const after = rewritten.flatMap((one) => (one.after === undefined ? [] : [statementOf(context, one.after)]));
  const ended = new Map<string, Linking>();
  for (const { previous } of rewritten) {
    for (const [one, other] of statedPairs(context, fragmentStatement(context, previous))) {
      if (foldOf(world, one)?.links.get(other)?.author !== world.owner) continue;
      const others = [one, other].flatMap((person) => currentPatients(context, person)).filter((each) => !isRewritten(each));
      const statements = [...after, ...others.map((each) => fragmentStatement(context, each))];
      if (statements.some((statement) => states(context, statement, one, other))) continue;
      ended.set([one, other].sort().join(' '), { kind: 'unlink', persons: [one, other], survivor: one });
    }
  }
  return [...ended.values()];
}

const currentPatients = ({ world }: Identifying, person: Subject): Fragment[] =>
  [...(foldOf(world, person)?.fragments.values() ?? [])].filter(
    ({ type, owner, body }) => type === 'Patient' && owner === world.owner && body !== undefined,
  );

/** What one Patient says of who its person is. */
interface Statement {
  readonly subject: Subject;
  readonly number: Subject | undefined;
  readonly superseded: readonly Subject[];
  /** Local persons that its names may lead to. */
  readonly local: readonly Subject[];
  readonly merges: readonly Subject[];
}

function statementOf({ aliases }: Identifying, after: NonNullable<RewrittenPatient['after']>): Statement {
  const { subject, merges, names } = after;
  const local = names.local.flatMap(({ key }) => [key, ...(aliases.get(key) === undefined ? [] : [aliases.get(key)!.person])]);
  return { subject, number: names.number, superseded: names.superseded, local, merges };
}

function fragmentStatement(context: Identifying, fragment: Fragment): Statement {
  const { world, now, aliases } = context;
  const patient = JSON.parse(fragment.body ?? '{}') as Json;
  const numbered = (value: string) => world.identity.person({ system: NHS_NUMBER, value });
  const [number, ...others] = nhsNumbersOf(patient, now);
  const local = fragment.body === undefined ? [] : localKeysOf(world, fragment);
  return {
    subject: fragment.subject,
    number: number === undefined || others.length > 0 ? undefined : numbered(number),
    superseded: world.source.tracesNhsNumbers ? supersededNumbersOf(patient, now).map(numbered) : [],
    local: local.flatMap((key) => [key, ...(aliases.get(key) === undefined ? [] : [aliases.get(key)!.person])]),
    merges: [...mergesOf(patient).keys()],
  };
}

/** The pairs of persons that a statement makes one, of those that are linked. */
function statedPairs({ world }: Identifying, statement: Statement): (readonly [Subject, Subject])[] {
  const { subject, number, local, merges, superseded } = statement;
  const candidates = [
    ...[subject, ...local].map((one) => [number ?? subject, one] as const),
    ...merges.map((other) => [subject, other] as const),
    ...superseded.map((old) => [number ?? subject, old] as const),
  ];
  return candidates.filter(([one, other]) => one !== other && foldOf(world, one)?.links.has(other));
}

const states = (context: Identifying, statement: Statement, one: Subject, other: Subject): boolean =>
  statedPairs(context, statement).some(([a, b]) => (a === one && b === other) || (a === other && b === one));
