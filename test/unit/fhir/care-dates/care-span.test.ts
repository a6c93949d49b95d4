import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWithin } from '../../../../shared/fhir/answers/everything-query.ts';
import { fragmentTypes, isOurs } from '../../../../shared/fhir/compartment.ts';
import { describe as describeResource } from '../../../../shared/fhir/describe.ts';
import { type Json, resourceOf } from '../gaps/arbitrary-resources.ts';

/** Whether $everything brings a resource, for dates of care. */
function isBrought(resource: Json, start?: string, end?: string): boolean {
  const { date } = describeResource(resource);
  const fragment = {
    type: String(resource.resourceType),
    recordedAt: '2026-03-01T10:00:00.000Z',
    body: JSON.stringify(resource),
    ...(date === undefined ? {} : { date }),
  };
  return isWithin({ ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }), ignored: [] }, fragment);
}

const clinical = (code: string) => ({ clinicalStatus: { coding: [{ code }] } });

describe('the time of care from 2013 on', () => {
  it.each<[string, Json, boolean]>([
    ['MedicationRequest', { status: 'stopped', authoredOn: '2005-04-01' }, false],
    ['MedicationRequest', { status: 'completed', authoredOn: '2012-12-31T10:00:00Z' }, false],
    ['MedicationRequest', { status: 'active', authoredOn: '2005-04-01' }, true],
    ['MedicationRequest', { status: 'on-hold', authoredOn: '2005-04-01' }, true],
    ['MedicationRequest', { status: 'active', authoredOn: '2005', dispenseRequest: { validityPeriod: { end: '2006' } } }, true],
    ['MedicationRequest', { status: 'stopped', authoredOn: '2005', dispenseRequest: { validityPeriod: { end: '2014' } } }, true],
    ['MedicationRequest', { status: 'stopped', authoredOn: '2013-01-01' }, true],
    ['MedicationStatement', { status: 'completed', effectivePeriod: { start: '2005', end: '2012-06' } }, false],
    ['MedicationStatement', { status: 'stopped', effectivePeriod: { start: '2005' } }, false],
    ['MedicationStatement', { status: 'completed', effectivePeriod: { start: '2005', end: '2013-01-01' } }, true],
    ['MedicationStatement', { status: 'active', dateAsserted: '2005' }, true],
    ['MedicationAdministration', { status: 'completed', effectivePeriod: { start: '2012-12-31', end: '2013-01-01' } }, true],
    ['AllergyIntolerance', { onsetDateTime: '1990' }, true],
    ['AllergyIntolerance', { ...clinical('active'), onsetPeriod: { start: '1990', end: '1991' } }, true],
    ['AllergyIntolerance', { ...clinical('resolved'), onsetDateTime: '1990' }, false],
    ['AllergyIntolerance', { ...clinical('inactive'), onsetDateTime: '1990', lastOccurrence: '2014' }, true],
    ['Condition', { ...clinical('active'), onsetDateTime: '2010' }, true],
    ['Condition', { onsetDateTime: '2010' }, true],
    ['Condition', { onsetDateTime: '2010', abatementDateTime: '2012-06' }, false],
    ['Condition', { onsetDateTime: '2010', abatementDateTime: '2013' }, true],
    ['Condition', { onsetPeriod: { start: '2010', end: '2011' }, abatementPeriod: { start: '2012', end: '2014' } }, true],
    ['Condition', { ...clinical('resolved'), onsetDateTime: '2010' }, false],
    ['Encounter', { status: 'in-progress', period: { start: '2012-12-28' } }, true],
    ['Encounter', { status: 'finished', period: { start: '2012-12-28', end: '2013-01-02T10:00:00Z' } }, true],
    ['Encounter', { status: 'finished', period: { start: '2012-12-28', end: '2012-12-30' } }, false],
    ['Encounter', { status: 'finished', period: { start: '2012-12-28' } }, false],
    ['Encounter', { status: 'finished', period: { end: '2013-01-02' } }, true],
    ['Observation', { status: 'final', effectiveDateTime: '2012-12-28' }, false],
    ['Observation', { status: 'final', effectivePeriod: { start: '2012-12-28', end: '2013-01-04' } }, true],
    ['Observation', { status: 'final', effectivePeriod: { start: '2012', end: '2012-12' } }, false],
    ['Procedure', { status: 'completed', performedPeriod: { start: '2012-12-31', end: '2013-01-01' } }, true],
    ['Procedure', { status: 'in-progress', performedPeriod: { start: '2012-12-31' } }, true],
    ['DiagnosticReport', { status: 'final', effectivePeriod: { start: '2012', end: '2013' } }, true],
    ['DocumentReference', { status: 'current', context: { period: { start: '2012', end: '2013' } } }, true],
    ['DocumentReference', { status: 'current', date: '2012-05-01T10:00:00Z' }, false],
    ['Appointment', { status: 'fulfilled', start: '2012-12-31T23:30:00Z', end: '2013-01-01T00:15:00Z' }, true],
    ['Appointment', { status: 'booked', start: '2012-12-31T09:00:00Z', end: '2012-12-31T09:15:00Z' }, false],
    ['CarePlan', { status: 'active', period: { start: '2010' } }, true],
    ['CarePlan', { status: 'completed', period: { start: '2010', end: '2012' } }, false],
    ['Flag', { status: 'inactive', period: { start: '2010' } }, false],
    ['Goal', { lifecycleStatus: 'completed', startDate: '2010', statusDate: '2013-02-01' }, true],
    ['Goal', { lifecycleStatus: 'cancelled', startDate: '2010' }, false],
    ['RelatedPerson', { active: false, period: { start: '2010' } }, false],
    ['Consent', { status: 'active', dateTime: '2010', provision: { period: { end: '2012' } } }, false],
    ['Consent', { status: 'active', dateTime: '2010' }, true],
    ['ServiceRequest', { status: 'completed', authoredOn: '2012', occurrenceDateTime: '2013-03' }, true],
    ['Task', { status: 'completed', authoredOn: '2012', executionPeriod: { end: '2013-01-05' } }, true],
    ['Task', { status: 'requested', authoredOn: '2012' }, true],
    ['Immunization', { status: 'completed', occurrenceDateTime: '2012' }, false],
    ['Patient', { birthDate: '1950' }, true],
  ])('%s %j: %s', (type, told, brought) => {
    expect(isBrought({ resourceType: type, ...told }, '2013')).toBe(brought);
  });
});

describe('the time of care until 2013', () => {
  it.each<[string, Json, boolean]>([
    ['Encounter', { status: 'finished', period: { start: '2014', end: '2015' } }, false],
    ['Encounter', { status: 'finished', period: { start: '2013-12-31T23:00:00Z', end: '2014-01-02' } }, true],
    // Its beginning is not known: it may have been then.
    ['Encounter', { status: 'finished', period: { end: '2015' } }, true],
    ['Condition', { onsetDateTime: '2014' }, false],
    ['MedicationRequest', { status: 'stopped', authoredOn: '2005' }, true],
  ])('%s %j: %s', (type, told, brought) => {
    expect(isBrought({ resourceType: type, ...told }, undefined, '2013')).toBe(brought);
  });
});

describe('dates of care', () => {
  const types = fragmentTypes().filter((type) => !isOurs(type));
  const resources = fc.constantFrom(...types).chain((type) => resourceOf(type, { person: { display: 'Somebody' } }));
  const years = fc.integer({ min: 2015, max: 2030 });

  it('bring more the wider they are, of every type', () => {
    fc.assert(
      fc.property(resources, years, years, fc.nat(5), (resource, one, other, more) => {
        const [start, end] = [Math.min(one, other), Math.max(one, other)];
        if (isBrought(resource, String(start), String(end)))
          expect(isBrought(resource, String(start - more), String(end + more))).toBe(true);
        expect(isBrought(resource)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
