import { isNhsNumber } from '../../../../shared/fhir/nhs-number.ts';
import type { Json } from '../../../../shared/fhir/references.ts';
import { NHS_NUMBER } from '../../../../shared/fhir/systems.ts';
import type { Identifier } from '../../../../shared/record/identity.ts';
import { identifiersOf, isCompleteIdentifier, type ResourceIdentifier, tokenOf } from './identifiers.ts';

/**
 * What names the person of a Patient: its NHS number, and the patient numbers of its organisation. Any other identifier
 * (a household, an insurance, a passport) describes a person and never finds one.
 */

/** `Identifier.type` of a patient number: code MR of HL7's table 0203, by the names that the table goes by, or without one. */
const PATIENT_NUMBER = 'MR';
const TABLE_0203: ReadonlySet<string | undefined> = new Set([
  'http://terminology.hl7.org/CodeSystem/v2-0203',
  'http://hl7.org/fhir/v2/0203',
  'urn:oid:2.16.840.1.113883.18.108',
  undefined,
]);

/** `Identifier.use`, the best name first; `temp` and `old` name nobody (http://hl7.org/fhir/R4/valueset-identifier-use.html). */
const USES = ['official', 'usual', 'none', 'secondary'];

/** Each costs a look-up. No Patient goes by more numbers in one organisation. */
const MAX_PATIENT_NUMBERS = 20;

/**
 * `Extension-UKCore-NHSNumberVerificationStatus` codes with which an NHS number says nothing certain about who somebody is
 * (NHS Data Dictionary, NHS NUMBER STATUS INDICATOR CODE): 04 traced without a match or with several, 05 conflicts with the
 * patient's details.
 */
const UNCERTAIN_STATUSES: ReadonlySet<string> = new Set(['04', '05']);
/** Number present and verified. */
const VERIFIED = '01';
const VERIFICATION_STATUS = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus';

/**
 * The patient numbers that name this Patient, the best first: typed before untyped, then by use, then by system and value.
 * @param systems that name the patients of this source, from its settings.
 */
export function patientNumbersOf(patient: Json, systems: ReadonlySet<string>): Identifier[] {
  return identifiersOf(patient)
    .filter((one) => isPatientNumber(one, systems))
    .map((one) => ({ system: one.system as string, value: one.value as string, rank: rankOf(one) }))
    .sort((a, b) => a.rank - b.rank || compare(tokenOf(a), tokenOf(b)))
    .slice(0, MAX_PATIENT_NUMBERS)
    .map(({ system, value }) => ({ system, value }));
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function isPatientNumber(one: ResourceIdentifier, systems: ReadonlySet<string>): boolean {
  if (!isCompleteIdentifier(one) || one.system === NHS_NUMBER || !USES.includes(one.use ?? 'none')) return false;
  return systems.has(one.system as string) || isTyped(one);
}

const isTyped = ({ type }: ResourceIdentifier): boolean =>
  (type?.coding ?? []).some(({ system, code }) => code === PATIENT_NUMBER && TABLE_0203.has(system));

const rankOf = (one: ResourceIdentifier): number => (isTyped(one) ? 0 : USES.length) + USES.indexOf(one.use ?? 'none');

/**
 * The NHS numbers that a Patient goes by: valid, not superseded (`use: old`, or a period that has ended) and not uncertain.
 * @param today ISO date or instant.
 * @returns several when the Patient goes by more than one, which names nobody.
 */
export function nhsNumbersOf(patient: Json, today: string): readonly string[] {
  const current = nhsIdentifiersOf(patient).filter(
    (one) => isNaming(one) && !hasEnded(one, today) && !statusesOf(one).some((code) => UNCERTAIN_STATUSES.has(code)),
  );
  return [...new Set(current.map(({ value }) => value as string))];
}

const isNaming = ({ use }: ResourceIdentifier): boolean => use !== 'old' && use !== 'temp';

const hasEnded = ({ period }: ResourceIdentifier, today: string): boolean =>
  period?.end !== undefined && period.end.slice(0, 10) < today.slice(0, Math.min(10, period.end.length));

const nhsIdentifiersOf = (patient: Json): ResourceIdentifier[] =>
  identifiersOf(patient).filter(({ system, value }) => system === NHS_NUMBER && typeof value === 'string' && isNhsNumber(value));

/**
 * The superseded NHS numbers of a Patient whose one current number is verified (status 01): what PDS says when a number
 * has been replaced. Empty for any other Patient.
 */
export function supersededNumbersOf(patient: Json, today: string): readonly string[] {
  const [current, ...others] = nhsNumbersOf(patient, today);
  if (current === undefined || others.length > 0) return [];
  const all = nhsIdentifiersOf(patient);
  const isVerified = all.some((one) => one.value === current && isNaming(one) && statusesOf(one).includes(VERIFIED));
  if (!isVerified) return [];
  const old = all.filter(({ use, value }) => use === 'old' && value !== current).map(({ value }) => value as string);
  return [...new Set(old)];
}

/** A Patient without the NHS numbers that it goes by no more. */
export function withCurrentNumber(patient: Json, today: string): Json {
  const current = nhsNumbersOf(patient, today);
  const { identifier, ...rest } = patient;
  if (!Array.isArray(identifier)) return patient;
  const kept = identifier.filter(({ system, value }) => system !== NHS_NUMBER || current.includes(value));
  return kept.length === identifier.length ? patient : { ...rest, ...(kept.length === 0 ? {} : { identifier: kept }) };
}

const statusesOf = ({ extension }: ResourceIdentifier): string[] =>
  (Array.isArray(extension) ? extension : [])
    .filter((one) => one?.url === VERIFICATION_STATUS)
    .flatMap((one) => (one.valueCodeableConcept?.coding ?? []).map(({ code = '' }) => code));

/** Dates that systems write where they do not know the date of birth. */
const PLACEHOLDER_DATES = ['1900-01-01', '1901-01-01', '1800-01-01', '9999-12-31'];
/** What a newborn, or somebody who cannot say who they are, is registered under. */
const PLACEHOLDER_NAME = /^(?:baby|babe|infant|newborn|twin|triplet|unknown|unidentified|male|female)\b/i;

/**
 * Whether two Patients can only be two people: date of birth and family name are both known on both sides, and both differ.
 * A placeholder is not known; a changed surname alone, or one corrected date, is no disagreement.
 */
export const describeTwoPeople = (one: Json, other: Json): boolean =>
  haveNothingInCommon(birthDateOf(one), birthDateOf(other), isPartOf) &&
  haveNothingInCommon(familiesOf(one), familiesOf(other), Object.is);

const haveNothingInCommon = (
  one: readonly string[],
  other: readonly string[],
  agree: (a: string, b: string) => boolean,
): boolean => one.length > 0 && other.length > 0 && !one.some((a) => other.some((b) => agree(a, b)));

/** A date of birth that is known in part (`1950`) agrees with every date that it may be. */
const isPartOf = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);

function birthDateOf({ birthDate }: Json): readonly string[] {
  const isKnown = typeof birthDate === 'string' && birthDate !== '' && !PLACEHOLDER_DATES.includes(birthDate);
  return isKnown ? [birthDate] : [];
}

/** Particles such as `van` and `de` are no name by themselves. */
const SHORTEST_PART = 4;

/** Every family name that a Patient has or had, whole and in its parts, without case, accents and punctuation. */
function familiesOf({ name }: Json): readonly string[] {
  const names = Array.isArray(name) ? (name as (Json | null)[]) : [];
  if (names.some((one) => isPlaceholderName(one))) return [];
  const families = names.flatMap((one) => (typeof one?.family === 'string' ? [one.family] : []));
  const parts = families.flatMap((family) => family.split(/[\s-]+/)).map(plainLetters);
  return [...families.map(plainLetters), ...parts.filter(({ length }) => length >= SHORTEST_PART)].filter(Boolean);
}

function isPlaceholderName(name: Json | null): boolean {
  const given = Array.isArray(name?.given) ? name.given : [];
  return [name?.family, name?.text, ...given].some((text) => typeof text === 'string' && PLACEHOLDER_NAME.test(text.trim()));
}

const plainLetters = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[^\p{L}]/gu, '')
    .toLowerCase();
