import type { Issue } from '../../../../shared/fhir/outcomes.ts';
import type { Json } from '../../../../shared/fhir/references.ts';
import { NHS_NUMBER, SOURCE_ID } from '../../../../shared/fhir/systems.ts';
import type { Question } from '../../../../shared/record/contribution.ts';
import type { Fragment } from '../../../../shared/record/fold.ts';
import type { Identifier, Identity, Subject } from '../../../../shared/record/identity.ts';
import type { Linking } from '../../../../shared/record/linking.ts';
import { type OwnName, ownAlias } from '../../../../shared/record/source-names.ts';
import { foldOf, type World } from '../fragments/record-lookup.ts';
import { identifiersOf, isCompleteIdentifier } from '../names/identifiers.ts';
import type { Operation, SendingSource } from '../names/operation.ts';
import { describeTwoPeople, nhsNumbersOf, supersededNumbersOf } from '../names/patient-names.ts';
import type { PersonGroups } from './person-groups.ts';

/** A name by which an organisation calls a person: a patient number, or its source's own id of the Patient. */
export interface LocalName {
  readonly kind: 'patient-number' | 'own-id';
  /** Key of the alias item, and the id of the person while nobody else is known by the name. */
  readonly key: Subject;
}

/** What an alias item says. */
export interface AliasOf {
  readonly person: Subject;
  /** Whether that is the person of an NHS number: else it is a local person of the organisation's own. */
  readonly isNumbered?: boolean;
  /** Persons that the name led to before its source corrected an NHS number. */
  readonly formerly?: readonly Subject[];
  /** Other partitions in which Patients of this name are kept: those of NHS numbers. */
  readonly keptIn?: readonly Subject[];
}

/** What a Patient calls its person. */
export interface PatientNames {
  /** The person by NHS number. */
  readonly number?: Subject;
  /** Persons by NHS numbers that a tracing source says are superseded by this one. */
  readonly superseded: readonly Subject[];
  /** The strongest first. */
  readonly local: readonly LocalName[];
  /** Whether it goes by more than one NHS number, and so by none. */
  readonly isAmbiguous: boolean;
}

/** Reads the names of a Patient. @param own what its source calls it. */
export function patientNamesOf(
  patient: Json,
  { patientNumbers, name }: Pick<Operation, 'patientNumbers' | 'name'>,
  { identity, owner, source }: { identity: Identity; owner: string; source: SendingSource },
  now: string,
): PatientNames {
  const [number, ...others] = nhsNumbersOf(patient, now);
  const numbered = (value: string): Subject => identity.person({ system: NHS_NUMBER, value });
  return {
    ...(number === undefined || others.length > 0 ? {} : { number: numbered(number) }),
    superseded: source.tracesNhsNumbers ? supersededNumbersOf(patient, now).map(numbered) : [],
    local: [
      ...patientNumbers.map((one): LocalName => ({ kind: 'patient-number', key: identity.person(one, owner) })),
      ...(name.kind === 'own-id' ? [ownPatientName(identity, owner, name.name)] : []),
    ],
    isAmbiguous: others.length > 0,
  };
}

/** The alias of a Patient's own id. */
export const ownPatientName = (identity: Identity, owner: string, name: OwnName): LocalName => ({
  kind: 'own-id',
  key: ownAlias(identity, owner, 'Patient', name),
});

/** A name that comes to stand for a person once the Patient is written. */
export interface NewAlias extends AliasOf {
  readonly name: Subject;
  /**
   * A number that arrives together with the first message without one leaves the name to that: the next message with the number
   * then finds whom the name stands for, and links the two.
   */
  readonly onlyNew: boolean;
}

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

/** What identifying a Patient stands on. */
export interface Identifying {
  readonly world: World;
  readonly groups: PersonGroups;
  readonly aliases: ReadonlyMap<Subject, AliasOf>;
  readonly now: string;
}

/** A Patient of a request, with what the record has of it. */
export interface PatientWrite {
  readonly operation: Operation;
  readonly resource: Json;
  readonly names: PatientNames;
  /** The person in the address, when that is an id of ours. */
  readonly addressed?: Subject;
  /** The Patient as its source sent it last; `undefined` when it is new. */
  readonly previous: Fragment | undefined;
  /** Whether a link to another person is stated by `Patient.link`: then two descriptions that differ are no doubt. */
  readonly statesLink: boolean;
}

/**
 * Says who a Patient is. Doubt never merges: where names lead to two persons, or the descriptions can only be of two people,
 * the Patient is kept under its strongest name, and the records office is asked.
 */
export function identifyPatient(context: Identifying, write: PatientWrite): IdentifiedPatient {
  const { number } = write.names;
  return number === undefined ? identifyLocal(context, write) : identifyNumbered(context, write, number);
}

interface KnownName extends LocalName, AliasOf {}

/**
 * The names that lead to somebody. One without an alias may still be a person's: a process stopped before it wrote the alias. One that
 * led to the person of an NHS number leads there only while a Patient of the organisation bears both.
 */
const knownNames = (context: Identifying, { local }: PatientNames): KnownName[] =>
  local.flatMap((name) => {
    const alias = context.aliases.get(name.key);
    if (alias !== undefined) return alias.isNumbered && !isStated(context, name, alias.person) ? [] : [{ ...name, ...alias }];
    return (foldOf(context.world, name.key)?.sequence ?? 0) > 0 ? [{ ...name, person: name.key }] : [];
  });

/** The person of an NHS number to which a name still leads, though no Patient of the organisation says so any more: it was deleted. */
const abandonedNumber = (context: Identifying, { local }: PatientNames): Subject | undefined =>
  local
    .map((name) => ({ name, alias: context.aliases.get(name.key) }))
    .find(({ name, alias }) => alias?.isNumbered && !isStated(context, name, alias.person))?.alias?.person;

/** Whether a current Patient of the organisation says that a name is that of a person with an NHS number. */
const isStated = (context: Identifying, { key }: LocalName, person: Subject): boolean =>
  ownPatientsIn(context, context.groups.of(person)).some(
    (one) => previousNumber(context, one) === person && localKeysOf(context.world, one).includes(key),
  );

/** The NHS number that a Patient bore when it was sent last, as its person. */
export function previousNumber(
  { world, now }: Pick<Identifying, 'world' | 'now'>,
  previous: Fragment | undefined,
): Subject | undefined {
  if (previous?.body === undefined) return undefined;
  const [value, ...others] = nhsNumbersOf(JSON.parse(previous.body) as Json, now);
  return value === undefined || others.length > 0 ? undefined : world.identity.person({ system: NHS_NUMBER, value });
}

const ownPatientsIn = ({ world }: Identifying, persons: readonly Subject[]): Fragment[] =>
  persons.flatMap((person) =>
    [...(foldOf(world, person)?.fragments.values() ?? [])].filter(
      ({ type, owner, body }) => type === 'Patient' && owner === world.owner && body !== undefined,
    ),
  );

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
  // In doubt, what the source says by its own names is not poured into the record of the number.
  const about = joined ?? (isDoubt || isOther ? (apart[0] ?? names.local[0]?.key ?? number) : number);
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

const isSame = (one: Fragment, other: Fragment | undefined): boolean =>
  one.fragmentId === other?.fragmentId && one.subject === other.subject && one.owner === other.owner;

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

/** The keys of the names of a Patient that stands in the record: its identifiers that may be patient numbers, and its own id. */
export function localKeysOf({ identity }: World, fragment: Fragment): Subject[] {
  const { owner, body } = fragment;
  const numbers = identifiersOf(JSON.parse(body!) as Json).filter(
    (one) => isCompleteIdentifier(one) && one.system !== NHS_NUMBER,
  );
  const own = storedOwnName(fragment);
  return [
    ...numbers.map((one) => identity.person(one as Identifier, owner)),
    ...(own === undefined ? [] : [ownPatientName(identity, owner, own).key]),
  ];
}

/** What its source calls a Patient by itself: kept as a tag of ours. */
export function storedOwnName({ body, source }: Fragment): OwnName | undefined {
  const { meta } = JSON.parse(body ?? '{}') as Json;
  const { tag = [] } = (meta ?? {}) as { tag?: readonly { system?: string; code?: string }[] };
  const code = tag.find(({ system }) => system === SOURCE_ID)?.code;
  if (code === undefined) return undefined;
  const slash = code.lastIndexOf('/Patient/');
  return slash < 0 ? { source, id: code } : { source, base: code.slice(0, slash), id: code.slice(slash + '/Patient/'.length) };
}

/** How the tag of a Patient writes what its source calls it: `storedOwnName` reads it. */
export const ownNameTag = ({ base, id }: OwnName): string => (base === undefined ? id : `${base}/Patient/${id}`);

const NO_DOUBT = { notes: [], questions: [] } as const;

function doubt({ operation }: PatientWrite, person: Subject, others: readonly Subject[]) {
  const notes: Issue[] = [{ code: 'two-persons', expression: `${operation.at}.identifier` }];
  const questions = others.map((otherPerson): Question => ({ kind: 'possible-duplicate', person, otherPerson }));
  return { notes, questions };
}

/**
 * Whether a person is proved to be a local one of the organisation's own: its id follows from a name that a Patient of the organisation
 * bears, or an alias that was written for a local person leads there. Anybody else may be the person of an NHS number.
 */
export function isOwnLocal(context: Identifying, write: Pick<PatientWrite, 'names'> | undefined, person: Subject): boolean {
  const names = write?.names.local ?? [];
  if (names.some(({ key }) => key === person || leadsToLocal(context.aliases.get(key), person))) return true;
  return ownPatientsIn(context, [person]).some((one) => localKeysOf(context.world, one).includes(person));
}

const leadsToLocal = (alias: AliasOf | undefined, person: Subject): boolean =>
  alias?.person === person && alias.isNumbered !== true;

interface Naming {
  /** In whose record the Patient is kept. */
  readonly home: Subject;
  readonly about: Subject;
  readonly number?: Subject;
  /** The person of an NHS number that was taken back: names that led there lead there no more. */
  readonly leaving: Subject | undefined;
}

/**
 * The names that come to stand for the person. A patient number that leads to somebody else stays theirs: the doubt is not settled by
 * whoever comes last; the source's own id always leads to the person of the Patient that it names now.
 */
function newAliases(context: Identifying, write: PatientWrite, naming: Naming): NewAlias[] {
  const { local } = write.names;
  const known = new Map(knownNames(context, write.names).map((one) => [one.key, one]));
  const named = local.find(({ kind }) => kind === 'own-id') ?? local[0];
  return local.flatMap((name): NewAlias[] => {
    const { key } = name;
    const stored = context.aliases.get(key);
    const own = aliasFor(context, write, naming, name, known.get(key));
    const alias = { ...own, ...keptElsewhere(stored, name === named ? [naming.home] : [], own.person) };
    const onlyNew = stored === undefined && naming.about === naming.number;
    return isSameAlias(stored, alias) ? [] : [{ name: key, ...alias, onlyNew }];
  });
}

function aliasFor(
  context: Identifying,
  write: PatientWrite,
  { about, leaving }: Naming,
  { kind }: LocalName,
  current: KnownName | undefined,
): AliasOf {
  const stays =
    current !== undefined &&
    current.person !== leaving &&
    (context.groups.of(about).includes(current.person) || kind === 'patient-number');
  const person = stays ? current.person : about;
  const left = leaving === undefined ? [] : [leaving];
  const formerly = [...new Set([...(current?.formerly ?? []), ...left])].filter((one) => one !== person).slice(-MOST_FORMER);
  const isNumbered = stays ? current.isNumbered === true : !isOwnLocal(context, write, person);
  return { person, ...(isNumbered ? { isNumbered } : {}), ...(formerly.length === 0 ? {} : { formerly }) };
}

/**
 * A Patient that came with its NHS number is kept in the record of that, though its other names lead to a local person: it has to be found
 * there when its number is corrected.
 */
function keptElsewhere(stored: AliasOf | undefined, homes: readonly Subject[], person: Subject): Pick<AliasOf, 'keptIn'> {
  const keptIn = [...new Set([...(stored?.keptIn ?? []), ...homes])].filter((one) => one !== person).slice(-MOST_FORMER);
  return keptIn.length === 0 ? {} : { keptIn };
}

const isSameAlias = (one: AliasOf | undefined, other: AliasOf): boolean =>
  one?.person === other.person &&
  one.isNumbered === other.isNumbered &&
  String(one.keptIn ?? '') === String(other.keptIn ?? '') &&
  String(one.formerly ?? '') === String(other.formerly ?? '');

/** Former persons that a name remembers. */
const MOST_FORMER = 5;
