import { type Json, listAt } from '../grounds/look.ts';
import { dateAt, givenDateOf } from './date-elements.ts';

/** The time of care that a resource is about, in FHIR dates as they were given, possibly partial. */
export interface CareSpan {
  /** Absent: its beginning is not known. */
  readonly from?: string;
  /** Absent: it goes on, as far as the resource tells. */
  readonly to?: string;
}

/** Types whose date is the beginning of something that lasts until it is closed, even where it is no Period. */
const LASTING: ReadonlySet<string> = new Set(
  (
    'AllergyIntolerance CarePlan CareTeam Condition Consent Contract Coverage DetectedIssue DeviceRequest ' +
    'DeviceUseStatement Encounter EpisodeOfCare FamilyMemberHistory Flag Goal List MedicationRequest ' +
    'MedicationStatement NutritionOrder RelatedPerson RequestGroup ServiceRequest Task'
  ).split(' '),
);

/** Types whose Period says when it began or was found, and not how long it lasted. */
const PERIOD_OF_ONSET: ReadonlySet<string> = new Set(['AllergyIntolerance', 'Condition', 'DetectedIssue']);

/** Elements that tell the end, where it is not that of the Period; the best one first. */
const ENDS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    Appointment: 'end',
    AppointmentResponse: 'end',
    Condition: 'abatementDateTime abatementPeriod',
    Consent: 'provision.period',
    ServiceRequest: 'occurrencePeriod occurrenceDateTime',
    Task: 'executionPeriod',
  }).map(([type, elements]) => [type, elements.split(' ')]),
);

/**
 * The same, where it counts only once the status is closed: what is called active goes on, although the prescription
 * for it has run out.
 */
const ENDS_IF_CLOSED: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    AllergyIntolerance: 'lastOccurrence',
    Goal: 'statusDate',
    MedicationRequest: 'dispenseRequest.validityPeriod',
    Task: 'lastModified',
  }).map(([type, elements]) => [type, elements.split(' ')]),
);

/** Codes of `status`, `clinicalStatus` and `lifecycleStatus` (any type) of what goes on no longer. */
const CLOSED: ReadonlySet<unknown> = new Set(
  (
    'aborted cancelled completed ended entered-in-error executed-in-error failed finished inactive not-done not-taken ' +
    'rejected remission resolved retired revoked stopped terminated'
  ).split(' '),
);

/**
 * The time of care that a resource is about: its Period; else from its date to the end that it tells. What is closed
 * and tells no end is over on the day that it bears, so that medicines stopped years ago are not those of today.
 *
 * @param date what the manifest says of it, for a resource that itself tells none
 */
export function careSpanOf(resource: Json, type: string, date: string): CareSpan {
  const given = givenDateOf(resource, type) ?? date;
  const isPeriod = typeof given === 'object';
  const from = isPeriod ? given.start : given;
  const isClosed = closed(resource);
  const end = endAt(resource, ENDS.get(type)) ?? (isClosed ? endAt(resource, ENDS_IF_CLOSED.get(type)) : undefined);
  const ownEnd = isPeriod && !PERIOD_OF_ONSET.has(type) ? given.end : undefined;
  const goesOn = (isPeriod || LASTING.has(type)) && !isClosed;
  const to = end ?? ownEnd ?? (goesOn ? undefined : (from ?? date));
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function endAt(resource: Json, elements: readonly string[] | undefined): string | undefined {
  const date = elements && dateAt(resource, elements);
  return typeof date === 'object' ? date.end : date;
}

const closed = (resource: Json): boolean =>
  resource.active === false ||
  CLOSED.has(resource.status) ||
  CLOSED.has(resource.lifecycleStatus) ||
  listAt(resource, 'clinicalStatus.coding').some(({ code }) => CLOSED.has(code));

/** Whether a time of care overlaps the days from `start` to `end`. Partial dates are compared as far as both are known. */
export const overlaps = ({ from, to }: CareSpan, start: string | undefined, end: string | undefined): boolean =>
  !(start !== undefined && to !== undefined && isBefore(to, start) && (from === undefined || isBefore(from, start))) &&
  !(end !== undefined && from !== undefined && isBefore(end, from));

/** 2019 is not before 2019-05, nor after it. */
export function isBefore(one: string, other: string): boolean {
  const known = Math.min(one.length, other.length, 'yyyy-mm-dd'.length);
  return one.slice(0, known) < other.slice(0, known);
}
