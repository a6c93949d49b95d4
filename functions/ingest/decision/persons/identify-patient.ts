import type { Issue } from '../../../../shared/fhir/outcomes.ts';
import type { Json } from '../../../../shared/fhir/references.ts';
import type { Question } from '../../../../shared/record/contribution.ts';
import type { Fragment } from '../../../../shared/record/fold.ts';
import type { Subject } from '../../../../shared/record/identity.ts';
import type { Linking } from '../../../../shared/record/linking.ts';
import { foldOf } from '../fragments/record-lookup.ts';
import type { Operation } from '../names/operation.ts';
import { describeTwoPeople } from '../names/patient-names.ts';
import {
  abandonedNumber,
  type Identifying,
  isOwnLocal,
  isSame,
  type KnownName,
  knownNames,
  ownPatientsIn,
  type PatientWrite,
  previousNumber,
} from './known-persons.ts';
import { type NewAlias, newAliases } from './new-aliases.ts';
import { type LocalName, localKeysOf, type PatientNames } from './patient-lookup.ts';

/** Who a Patient of a request is. */
export interface IdentifiedPatient {
  /** The person by the strongest name: a Patient that is new is kept there. */
  readonly person: Subject;
  /** Whom else its source means by its own names: what it says by them is kept there, so that an unlink is exact. */
  readonly about: Subject;
  /** Links that its names state. */
  readonly links: readonly Linking[];
  /** The NHS number's person that the source had named before, and has taken back: with another number, or without one. */
  readonly formerly?: { readonly person: Subject; readonly isCorrected: boolean };
  /** Whether the Patient's earlier version, in this partition, is superseded by where it is kept now. */
  leaves(partition: Subject): boolean;
  readonly aliases: readonly NewAlias[];
  readonly notes: readonly Issue[];
  readonly questions: readonly Question[];
}

/**
 * Says who a Patient is. Doubt never merges: where names lead to two persons, or the descriptions can only be of two people,
 * the Patient is kept under its strongest name, and the records office is asked.
 */
export function identifyPatient(context: Identifying, write: PatientWrite): IdentifiedPatient {
  const { number } = write.names;
  return number === undefined ? identifyLocal(context, write) : identifyNumbered(context, write, number);
}

/**
 * Whether a Patient of the organisation in these records can only be somebody else.
 * @param rewritten the Patient's own earlier version, where its person is certain: descriptions are corrected.
 */
const isDescribedOtherwise = (context: Identifying, resource: Json, persons: readonly Subject[], rewritten?: Fragment): boolean =>
  ownPatientsIn(context, persons).some(
    (one) => !isSame(one, rewritten) && describeTwoPeople(resource, JSON.parse(one.body!) as Json),
  );

function identifyNumbered(context: Identifying, write: PatientWrite, number: Subject): IdentifiedPatient {
  const { groups } = context;
  const { names, resource, previous, statesLink } = write;
  const before = previousNumber(context, previous) ?? abandonedNumber(context, names);
  const isCorrected = before !== undefined && !groups.of(number).includes(before);
  const known = knownNames(context, names);
  const local = [...new Set([...(write.addressed === undefined ? [] : [write.addressed]), ...known.map(({ person }) => person)])];
  const together = groups.of(number);
  // Of a corrected number only what is the source's own goes along: its local person, not the person of the wrong number.
  const ownOnly = local.filter((person) => person !== before);
  const apart = ownOnly.filter((person) => !together.includes(person));
  const sides = distinctGroups(apart, (person) => withoutPerson(context, person, isCorrected ? before : undefined));
  const doubted = sides.filter(
    (side) => !side.every((one) => isOwnLocal(context, write, one)) || hasOtherNumber(context, side, number, previous),
  );
  const isDoubt = sides.length > 1 || doubted.length > 0;
  const [side] = sides;
  const isOther =
    !statesLink &&
    (isDescribedOtherwise(context, resource, side ?? []) || isDescribedOtherwise(context, resource, together, previous));
  const joins = side !== undefined && !isDoubt && !isOther;
  const joined = joins ? side[0]! : ownOnly.find((person) => person !== number && together.includes(person));
  const about = joined ?? (isDoubt || isOther ? inDoubt(context, write, apart, known) : undefined) ?? number;
  const stays =
    previous !== undefined && previous.subject !== before && [...together, ...(joins ? side : [])].includes(previous.subject);
  const home = stays ? previous.subject : number;
  const links: Linking[] = joins ? [{ kind: 'link', persons: [number, side[0]!], survivor: number }] : [];
  return {
    person: number,
    about,
    links,
    ...(isCorrected ? { formerly: { person: before, isCorrected } } : {}),
    leaves: (partition) => partition !== home,
    aliases: newAliases(context, write, { home, about, number, leaving: isCorrected ? before : undefined }),
    ...(isDoubt || isOther ? doubt(write, number, [...new Set([...sides.map(([one]) => one!), about])]) : NO_DOUBT),
  };
}

/**
 * In doubt, what the source says by its own names is not poured into the record of the number, and never into that of another
 * number to which one of the names leads: it goes to a local person of the organisation's own, for want of one to a new one.
 */
const inDoubt = (
  context: Identifying,
  write: PatientWrite,
  apart: readonly Subject[],
  known: readonly KnownName[],
): Subject | undefined =>
  apart.find((person) => isOwnLocal(context, write, person)) ??
  write.names.local.find(({ key }) => !known.some((one) => one.key === key))?.key;

/** A person with those who stay linked with it when a statement about `left` is taken back. */
function withoutPerson({ world, groups }: Identifying, person: Subject, left: Subject | undefined): readonly Subject[] {
  if (left === undefined || !groups.of(person).includes(left)) return groups.of(person);
  const found = [person];
  for (const one of found)
    for (const other of foldOf(world, one)?.links.keys() ?? []) if (other !== left && !found.includes(other)) found.push(other);
  return found;
}

function distinctGroups(persons: readonly Subject[], groupOf: (person: Subject) => readonly Subject[]): (readonly Subject[])[] {
  const groups: (readonly Subject[])[] = [];
  for (const person of persons) if (!groups.some((group) => group.includes(person))) groups.push(groupOf(person));
  return groups;
}

/** Whether anybody of a group goes by another NHS number, by any contributor's word but that of the Patient that is now written anew. */
function hasOtherNumber(
  context: Identifying,
  group: readonly Subject[],
  number: Subject,
  rewritten: Fragment | undefined,
): boolean {
  const { world, now } = context;
  return group.some((person) =>
    [...(foldOf(world, person)?.fragments.values() ?? [])].some((fragment) => {
      if (fragment.type !== 'Patient' || isSame(fragment, rewritten)) return false;
      const other = previousNumber({ world, now }, fragment);
      return other !== undefined && other !== number;
    }),
  );
}

function identifyLocal(context: Identifying, write: PatientWrite): IdentifiedPatient {
  const { groups } = context;
  const { names, previous, addressed, resource, operation } = write;
  const withdrawn = withdrawnNumber(context, write);
  const known = knownNames(context, names).filter(({ person }) => person !== withdrawn);
  const atHome = addressed !== undefined && addressed !== withdrawn ? [addressed] : [];
  const fallback = names.local[0]?.key ?? nobodyElse(context, operation);
  const byNumber = known.filter(({ kind }) => kind === 'patient-number').map(({ person }) => person);
  const byId = known.filter(({ kind }) => kind === 'own-id').map(({ person }) => person);
  if (withdrawn !== undefined && previous !== undefined && previous.subject !== withdrawn) atHome.push(previous.subject);
  const newNumber = newPatientNumber(names, known);
  const isOther =
    atHome.length + byNumber.length === 0 &&
    newNumber !== undefined &&
    byId.length > 0 &&
    isDescribedOtherwise(context, resource, groups.of(byId[0]!));
  const person = isOther ? newNumber.key : (atHome[0] ?? byNumber[0] ?? byId[0] ?? fallback);
  const others = [...new Set([...byNumber, ...byId])].filter((one) => !groups.of(person).includes(one));
  return {
    person,
    about: person,
    links: [],
    ...(withdrawn === undefined ? {} : { formerly: { person: withdrawn, isCorrected: false } }),
    // An id that was given to somebody else leaves the earlier Patient as it is: that one's record has no other.
    leaves: (partition) => !isOther && !groups.of(person).includes(partition),
    aliases: newAliases(context, write, { home: person, about: person, leaving: withdrawn }),
    ...(others.length === 0 ? NO_DOUBT : doubt(write, person, others)),
  };
}

/** A person whom nothing names: of this request alone. */
const nobodyElse = ({ world }: Identifying, { fallbackSource }: Operation): Subject =>
  world.identity.person({ system: 'urn:chesil:unnamed', value: fallbackSource }, world.owner);

const newPatientNumber = ({ local }: PatientNames, known: readonly KnownName[]): LocalName | undefined =>
  local.find(({ kind, key }) => kind === 'patient-number' && !known.some((one) => one.key === key));

/**
 * The person of the NHS number that a Patient bore and bears no more. It stays when it has no other name to go by, or when another
 * Patient of the organisation says the same of one of its names.
 */
function withdrawnNumber(context: Identifying, { names, previous }: PatientWrite): Subject | undefined {
  const before = previousNumber(context, previous) ?? abandonedNumber(context, names);
  if (before === undefined || names.local.length === 0) return undefined;
  const keys = new Set(names.local.map(({ key }) => key));
  const others = ownPatientsIn(context, context.groups.of(before)).filter((one) => !isSame(one, previous));
  const isStatedOtherwise = others.some(
    (one) => previousNumber(context, one) === before && localKeysOf(context.world, one).some((key) => keys.has(key)),
  );
  return isStatedOtherwise ? undefined : before;
}

const NO_DOUBT = { notes: [], questions: [] } as const;

function doubt({ operation }: PatientWrite, person: Subject, others: readonly Subject[]) {
  const notes: Issue[] = [{ code: 'two-persons', expression: `${operation.at}.identifier` }];
  const questions = others.map((otherPerson): Question => ({ kind: 'possible-duplicate', person, otherPerson }));
  return { notes, questions };
}
