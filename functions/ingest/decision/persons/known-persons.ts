import type { Json } from '../../../../shared/fhir/references.ts';
import { NHS_NUMBER } from '../../../../shared/fhir/systems.ts';
import type { Fragment } from '../../../../shared/record/fold.ts';
import type { Subject } from '../../../../shared/record/identity.ts';
import { foldOf, type World } from '../fragments/record-lookup.ts';
import type { Operation } from '../names/operation.ts';
import { nhsNumbersOf } from '../names/patient-names.ts';
import { type AliasOf, type LocalName, localKeysOf, type PatientNames } from './patient-lookup.ts';
import type { PersonGroups } from './person-groups.ts';

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

/** A name that leads to a person. */
export interface KnownName extends LocalName, AliasOf {}

/**
 * The names that lead to somebody. One without an alias may still be a person's: a process stopped before it wrote the alias. One that
 * led to the person of an NHS number leads there only while a Patient of the organisation bears both.
 */
export const knownNames = (context: Identifying, { local }: PatientNames): KnownName[] =>
  local.flatMap((name) => {
    const alias = context.aliases.get(name.key);
    if (alias !== undefined) return alias.isNumbered && !isStated(context, name, alias.person) ? [] : [{ ...name, ...alias }];
    return (foldOf(context.world, name.key)?.sequence ?? 0) > 0 ? [{ ...name, person: name.key }] : [];
  });

/** The person of an NHS number to which a name still leads, though no Patient of the organisation says so any more: it was deleted. */
export const abandonedNumber = (context: Identifying, { local }: PatientNames): Subject | undefined =>
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

/** The current Patients of the organisation in some records. */
export const ownPatientsIn = ({ world }: Identifying, persons: readonly Subject[]): Fragment[] =>
  persons.flatMap((person) =>
    [...(foldOf(world, person)?.fragments.values() ?? [])].filter(
      ({ type, owner, body }) => type === 'Patient' && owner === world.owner && body !== undefined,
    ),
  );

/** Whether two are versions of one fragment. */
export const isSame = (one: Fragment, other: Fragment | undefined): boolean =>
  one.fragmentId === other?.fragmentId && one.subject === other.subject && one.owner === other.owner;

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
