import type { Json } from '../../../../shared/fhir/references.ts';
import { NHS_NUMBER, SOURCE_ID } from '../../../../shared/fhir/systems.ts';
import type { Fragment } from '../../../../shared/record/fold.ts';
import type { Identifier, Identity, Subject } from '../../../../shared/record/identity.ts';
import { type OwnName, ownAlias } from '../../../../shared/record/source-names.ts';
import type { World } from '../fragments/record-lookup.ts';
import { identifiersOf, isCompleteIdentifier } from '../names/identifiers.ts';
import type { Operation, SendingSource } from '../names/operation.ts';
import { nhsNumbersOf, supersededNumbersOf } from '../names/patient-names.ts';

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
