import type { Json } from '../../../shared/fhir/references.ts';
import { NHS_NUMBER, SOURCE_ID } from '../../../shared/fhir/systems.ts';
import type { PersonLink } from '../../../shared/record/contribution.ts';
import type { Fold } from '../../../shared/record/fold.ts';
import { type Identity, isPersonId, parseLogicalId, type Subject } from '../../../shared/record/identity.ts';
import type { Linking } from '../../../shared/record/linking.ts';
import { foldOf, type Located, sourceIdOf, type World } from './finding.ts';
import { localIdentifiers, nhsNumbersOf } from './source-identity.ts';

/**
 * When two persons are one. Nothing is ever matched by name or birth date: a link follows from what one source says of one of its own
 * patients, by the NHS number that it has learnt or by a `Patient.link` of a merge. Two NHS numbers are never linked: a person may have been
 * given a new one precisely so that nobody finds the old.
 */

/** The same link, as it stands in the partition of one of the two. */
export const linkAt = ({ kind, persons: [one, other], survivor }: Linking, subject: Subject): PersonLink => ({
  kind,
  person: subject === one ? other : one,
  survivor,
});

/** Who a Patient of a request is. */
export interface PatientPerson {
  /** The person by its NHS number, else by the organisation's own identifiers. */
  readonly person: Subject;
  /** Persons under whom this organisation's own identifiers of the patient stand until now. */
  readonly formerly: readonly Subject[];
}

/** `Patient.link.type` that say that two are one, and which of them is then shown. */
const MERGES: Readonly<Record<string, 'other' | 'this'>> = { 'replaced-by': 'other', replaces: 'this' };

/** The links that follow from the arrival of an NHS number for somebody who was known without one, as far as `mayLink` allows. */
export const arrivalLinks = ({ person, formerly }: PatientPerson): Linking[] =>
  formerly.map((local) => ({ kind: 'link', persons: [person, local], survivor: person }));

/**
 * The links (as far as `mayLink` allows) and unlinks that follow from the `link` elements of a Patient: what it says now, against what it said before.
 * @param patient with its references resolved; `undefined` when it is retracted.
 */
export function mergeLinks(world: World, located: Located, patient: Json | undefined, today: string): Linking[] {
  const { subject, current } = located;
  const said = current?.body === undefined ? NO_MERGES : mergesOf(JSON.parse(current.body) as Json);
  const says = patient === undefined ? NO_MERGES : mergesOf(patient);
  const changes: Linking[] = [];
  for (const [other, shown] of says) {
    if (said.has(other)) continue;
    changes.push({ kind: 'link', persons: [subject, other], survivor: shown === 'other' ? other : subject });
  }
  for (const other of said.keys()) {
    if (!says.has(other) && isLinked(world, subject, other) && !isSaidOtherwise(world, located, patient, other, today))
      changes.push({ kind: 'unlink', persons: [subject, other], survivor: subject });
  }
  return changes;
}

/**
 * Whether a link stands without the Patient that no longer says so: another Patient says it too, or this one bears the names of both persons.
 */
function isSaidOtherwise(
  world: World,
  { subject, fragmentId }: Located,
  patient: Json | undefined,
  other: Subject,
  today: string,
): boolean {
  const says = (person: Subject, about: Subject) =>
    [...(foldOf(world, person)?.fragments.values() ?? [])].some(
      ({ type, body, ...fragment }) =>
        type === 'Patient' &&
        body !== undefined &&
        (fragment.fragmentId !== fragmentId || fragment.owner !== world.owner) &&
        mergesOf(JSON.parse(body) as Json).has(about),
    );
  if (says(subject, other) || says(other, subject)) return true;
  if (patient === undefined) return false;
  const numbered = nhsNumbersOf(patient, today).map((value) => world.identity.person({ system: NHS_NUMBER, value }));
  const names = [...numbered, ...localPersonIds(world.identity, patient, idOf(patient), world.owner)];
  return names.includes(subject) && names.includes(other);
}

const NO_MERGES: ReadonlyMap<Subject, 'other' | 'this'> = new Map();

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

const isLinked = (world: World, one: Subject, other: Subject) => foldOf(world, one)?.links.has(other) === true;

/**
 * Whether two persons may be made one: everybody who would then be read together goes by at most one NHS number, and on one side all are known to be
 * local persons (their ids follow from local identifiers that their Patients bear). So a chain of merges may get a number, and no chain leads from one
 * number to another.
 * @param patient that says so, with its references resolved.
 * @param togetherWith everybody who is linked with a person, or is about to be, that person too: their folds must be known.
 */
export function mayLink(
  world: World,
  patient: Json,
  [one, other]: readonly [Subject, Subject],
  togetherWith: (person: Subject) => readonly Subject[],
  today: string,
): boolean {
  const sides = [togetherWith(one), togetherWith(other)] as const;
  if (sides[0].includes(other) || (foldOf(world, other)?.sequence ?? 0) === 0) return false;
  const folds = sides.map((side) => side.map((person) => foldOf(world, person)));
  const numbers = new Set(nhsNumbersOf(patient, today));
  for (const fold of folds.flat()) for (const number of fold === undefined ? [] : numbersIn(fold, today)) numbers.add(number);
  const isOwnersOwn = (fold: Fold | undefined) =>
    fold !== undefined && isNamedByOwner(world.identity, fold, patient, world.owner);
  return numbers.size <= 1 && folds.some((side) => side.every(isOwnersOwn));
}

const patientsIn = (fold: Fold): { readonly owner: string; readonly patient: Json; readonly body: string }[] =>
  [...fold.fragments.values()].flatMap(({ type, owner, body }) =>
    type === 'Patient' && body !== undefined ? [{ owner, body, patient: JSON.parse(body) as Json }] : [],
  );

const numbersIn = (fold: Fold, today: string): string[] =>
  patientsIn(fold).flatMap(({ patient }) => nhsNumbersOf(patient, today));

/** Whether a person's id follows from a local identifier of a Patient, rather than from an NHS number. */
function isNamedByOwner(identity: Identity, { subject, ...fold }: Fold, written: Json, owner: string): boolean {
  const known = patientsIn({ subject, ...fold }).map(({ owner: by, patient, body }) => ({
    by,
    patient,
    sourceId: sourceIdOf(body),
  }));
  const candidates = [...known, { by: owner, patient: written, sourceId: idOf(written) }];
  return candidates.some(({ by, patient, sourceId }) => localPersonIds(identity, patient, sourceId, by).includes(subject));
}

const idOf = ({ id }: Json): string | undefined => (typeof id === 'string' ? id : undefined);

/** Each costs a look-up. Nobody goes by more names in one organisation. */
const MAX_LOCAL_NAMES = 20;

/** The persons that an organisation's own identifiers of a patient name, the best first; the id in its own system last. */
export function localPersonIds(identity: Identity, patient: Json, sourceId: string | undefined, owner: string): Subject[] {
  const own = sourceId === undefined ? [] : [sourceIdentifier('Patient', sourceId)];
  return [...localIdentifiers(patient).slice(0, MAX_LOCAL_NAMES), ...own].map((identifier) => identity.person(identifier, owner));
}

/** The id of a resource in its source's own system, as an identifier. */
export const sourceIdentifier = (type: string, id: string) => ({ system: SOURCE_ID, value: `${type}/${id}` });
