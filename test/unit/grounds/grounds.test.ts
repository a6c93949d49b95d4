import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runAtOnce } from '../../../shared/concurrency/steps.ts';
import { describe as describeResource } from '../../../shared/fhir/describe.ts';
import { GROUND_RULES, groundsOf } from '../../../shared/fhir/grounds/grounds.ts';
import type { Json } from '../../../shared/fhir/grounds/look.ts';
import { openManifest, pack } from '../../../shared/record/packed.ts';

const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';
const PERIOD = { start: '2026-03', end: '2026-04-02T09:00:00+01:00' };

const told = (resource: Json) => groundsOf(resource, resource.resourceType as string);
const organisation = (value: string) => ({ type: 'Organization', identifier: { system: ODS, value } });

describe('an encounter', () => {
  const encounter = (status: string, period?: object) => told({ resourceType: 'Encounter', status, ...(period && { period }) });

  it('that is open is a reason, from when it began', () => {
    for (const status of ['arrived', 'triaged', 'in-progress', 'onleave'])
      expect(encounter(status, { start: '2026-03' })).toEqual([{ kind: 'encounter', from: '2026-03', names: [] }]);
    expect(encounter('in-progress')).toEqual([{ kind: 'encounter', names: [] }]);
  });

  it('that is over keeps its end, or its beginning where no end is told', () => {
    expect(encounter('finished', PERIOD)).toEqual([{ kind: 'encounter', from: PERIOD.start, to: PERIOD.end, names: [] }]);
    expect(encounter('finished', { start: '2026-03' })).toEqual([
      { kind: 'encounter', from: '2026-03', to: '2026-03', names: [] },
    ]);
    expect(encounter('finished')).toEqual([]);
  });

  it('that is planned is an appointment', () => {
    expect(encounter('planned', { start: '2026-12-01' })).toEqual([{ kind: 'appointment', from: '2026-12-01', names: [] }]);
  });

  it('that did not happen is no reason', () => {
    for (const status of ['cancelled', 'entered-in-error', 'unknown', 'toString']) expect(encounter(status, PERIOD)).toEqual([]);
  });
});

describe('a caseload', () => {
  it('is open or over, and is that of whoever tells and of whoever manages', () => {
    const episode = { resourceType: 'EpisodeOfCare', managingOrganization: organisation('RDY'), period: PERIOD };
    expect(told({ ...episode, status: 'active', period: { start: '2026' } })).toEqual([
      { kind: 'caseload', from: '2026', names: [] },
      { kind: 'caseload', from: '2026', names: [`${ODS}|RDY`] },
    ]);
    expect(told({ ...episode, status: 'finished' })[0]).toEqual({
      kind: 'caseload',
      from: PERIOD.start,
      to: PERIOD.end,
      names: [],
    });
    for (const status of ['cancelled', 'entered-in-error']) expect(told({ ...episode, status })).toEqual([]);
  });

  it('is that of the organisations of a care team, never of the people in it', () => {
    const team = {
      resourceType: 'CareTeam',
      contained: [
        { resourceType: 'PractitionerRole', id: 'role', organization: { reference: '#home' } },
        { resourceType: 'Organization', id: 'home', identifier: [{ system: ODS, value: 'E1' }] },
      ],
      managingOrganization: [organisation('RDY')],
      participant: [
        { member: { reference: '#role' } },
        { member: { type: 'Patient', identifier: { system: NHS_NUMBER, value: '9990000018' } } },
        { member: { type: 'Practitioner', identifier: { system: 'https://fhir.hl7.org.uk/Id/gmc-number', value: '1' } } },
        { member: organisation('RBD'), onBehalfOf: organisation('QVV') },
      ],
    };
    const [, named] = told(team);
    expect([...named!.names].sort()).toEqual(['E1', 'QVV', 'RBD', 'RDY'].map((code) => `${ODS}|${code}`));
  });
});

describe('a referral', () => {
  const request = (more: object) =>
    told({
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      authoredOn: '2026-08-24',
      performer: [organisation('RN5')],
      ...more,
    });

  it('is a reason for whoever sends it and whoever receives it, until it is over', () => {
    expect(request({})).toEqual([
      { kind: 'referral', from: '2026-08-24', names: [] },
      { kind: 'referral', from: '2026-08-24', names: [`${ODS}|RN5`] },
    ]);
    expect(request({ status: 'completed', occurrenceDateTime: '2026-09-01' })[0]!.to).toBe('2026-09-01');
    expect(request({ status: 'revoked', occurrenceDateTime: '2030-09-01' })[0]!.to).toBe('2026-08-24');
  });

  it('is no reason as a draft, in error, or when a test is ordered', () => {
    for (const status of ['draft', 'entered-in-error', 'unknown']) expect(request({ status })).toEqual([]);
    for (const intent of ['option', 'filler-order', 'reflex-order']) expect(request({ intent })).toEqual([]);
    expect(request({ category: [{ coding: [{ system: 'http://snomed.info/sct', code: '108252007' }] }] })).toEqual([]);
  });
});

describe('an appointment', () => {
  const appointment = (status: string, more: object = {}) =>
    told({ resourceType: 'Appointment', status, start: '2026-12-01T09:00:00Z', end: '2026-12-01T09:20:00Z', ...more });

  it('is a reason around its day', () => {
    expect(appointment('booked')).toEqual([
      { kind: 'appointment', from: '2026-12-01T09:00:00Z', to: '2026-12-01T09:20:00Z', names: [] },
    ]);
  });

  it('is none when cancelled, in error, waiting, or without a day', () => {
    for (const status of ['cancelled', 'entered-in-error', 'waitlist']) expect(appointment(status)).toEqual([]);
    expect(appointment('proposed', { start: undefined })).toEqual([]);
  });
});

describe('a patient', () => {
  it('tells each registration with its days, ended ones too', () => {
    const patient = {
      resourceType: 'Patient',
      contained: [
        {
          resourceType: 'Organization',
          id: 'old',
          identifier: [{ system: ODS, value: 'X1', period: { start: '2010', end: '2020' } }],
        },
      ],
      generalPractitioner: [organisation('X2'), { reference: '#old' }],
    };
    expect(told(patient)).toEqual([
      { kind: 'registered-practice', names: [`${ODS}|X2`] },
      { kind: 'registered-practice', from: '2010', to: '2020', names: [`${ODS}|X1`] },
    ]);
    expect(describeResource(patient).codes).toEqual([`${ODS}|X2`]);
  });

  it('tells that the person is restricted, or has died', () => {
    const labelled = (code: string) => ({
      security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code }],
    });
    for (const code of ['R', 'V'])
      expect(told({ resourceType: 'Patient', meta: labelled(code) })).toEqual([{ kind: 'restricted', names: [] }]);
    for (const system of ['http://hl7.org/fhir/v3/Confidentiality', 'urn:oid:2.16.840.1.113883.5.25', undefined])
      expect(told({ resourceType: 'Patient', meta: { security: [{ system, code: 'R' }] } })).toEqual([
        { kind: 'restricted', names: [] },
      ]);
    expect(told({ resourceType: 'Patient', meta: labelled('N'), deceasedBoolean: false })).toEqual([]);
    expect(told({ resourceType: 'Patient', deceasedDateTime: '2026-05' })).toEqual([
      { kind: 'deceased', from: '2026-05', names: [] },
    ]);
    expect(told({ resourceType: 'Patient', deceasedBoolean: true })).toEqual([{ kind: 'deceased', names: [] }]);
  });
});

describe('a consent', () => {
  const PERSON = 'a'.repeat(26);
  const consent = (provision: object | undefined, more: object = {}) =>
    told({
      resourceType: 'Consent',
      status: 'active',
      scope: { coding: [{ code: 'patient-privacy' }] },
      ...(provision && { provision }),
      ...more,
    });

  it('that denies everything is an opt-out, for its days', () => {
    expect(consent({ type: 'deny', period: { start: '2026-01-15' } })).toEqual([
      { kind: 'opt-out', from: '2026-01-15', names: [] },
    ]);
    expect(consent(undefined, { policyRule: { coding: [{ code: 'OPTOUT' }] } })).toEqual([{ kind: 'opt-out', names: [] }]);
  });

  it('that denies something else than care, or is not in force, is none', () => {
    expect(consent({ type: 'deny', purpose: [{ code: 'HRESCH' }] })).toEqual([]);
    expect(consent({ type: 'deny' }, { status: 'inactive' })).toEqual([]);
    expect(consent({ type: 'deny' }, { scope: { coding: [{ code: 'adr' }] } })).toEqual([]);
    expect(consent({ type: 'deny', actor: [{ reference: organisation('RDY') }] })).toEqual([]);
    expect(consent({ type: 'permit' })).toEqual([]);
  });

  it('that denies some data seals them, also as an exception', () => {
    const fragmentId = 'b'.repeat(16);
    const data = [{ meaning: 'instance', reference: { reference: `Condition/${PERSON}.${fragmentId}` } }];
    const sealed = [{ kind: 'sealed', names: [fragmentId] }];
    expect(consent({ type: 'deny', data })).toEqual(sealed);
    expect(consent({ type: 'permit', provision: [{ type: 'deny', data }] })).toEqual(sealed);
    expect(consent({ type: 'deny', data, actor: [{ reference: organisation('RDY') }] })).toEqual(sealed);
  });

  it('that permits somebody with an NHS number names a proxy', () => {
    const actor = (value: string) => [{ reference: { type: 'RelatedPerson', identifier: { system: NHS_NUMBER, value } } }];
    expect(consent({ type: 'permit', actor: actor('9000000009'), period: { end: '2030' } })).toEqual([
      { kind: 'proxy', to: '2030', names: [`${NHS_NUMBER}|9000000009`] },
    ]);
    expect(consent({ type: 'permit', actor: actor('9000000000') })).toEqual([]);
  });
});

describe('whatever is sent', () => {
  const types = [...new Set(GROUND_RULES.map(({ type }) => type)), 'Patient', 'Consent'];
  const names = [
    ...'status period start end intent authoredOn performer category coding code identifier system value'.split(' '),
  ];
  names.push(
    ...'provision type actor reference data scope contained id generalPractitioner meta security participant'.split(' '),
  );
  const scalar = fc.oneof(
    fc.constantFrom('active', 'finished', 'booked', 'deny', 'permit', 'order', 'patient-privacy', '2026-01', '#a', 'R', ''),
    fc.string(),
    fc.integer(),
    fc.constant(null),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 6 }),
    ),
  }));
  const resource = fc
    .tuple(
      fc.constantFrom(...types),
      fc.dictionary(fc.constantFrom(...names), tree, { maxKeys: 8 }),
      fc.constantFrom('active', 'booked', 'x'),
    )
    .map(([resourceType, rest, status]): Json => ({ status, ...rest, resourceType }));

  it('is described without a throw, and its grounds are stored as they are', () => {
    fc.assert(
      fc.property(resource, (sent) => {
        const { grounds, ...description } = describeResource(sent);
        const version = {
          fragmentId: 'c'.repeat(16),
          type: sent.resourceType as string,
          version: 1,
          action: 'created' as const,
          hash: 'A'.repeat(16),
          ...description,
          ...(grounds === undefined ? {} : { grounds }),
        };
        const { manifest } = pack('d'.repeat(26), {}, [{ version, recordedAt: '2026-01-01T00:00:00.000Z', body: undefined }]);
        expect(runAtOnce(openManifest('d'.repeat(26), manifest)).versions[0]!.grounds).toEqual(grounds);
        expect((grounds ?? []).length).toBeLessThanOrEqual(200);
      }),
      { numRuns: 500 },
    );
  });
});
