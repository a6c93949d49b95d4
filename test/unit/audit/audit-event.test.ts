import { describe, expect, it } from 'vitest';
import { type AuditEventTelling, fhirAuditEvent } from '../../../shared/fhir/audit-event/event.ts';
import { DEEDS } from '../../../shared/fhir/audit-event/sentences.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import type { AccessEntry } from '../../../shared/store/audit.ts';
import { grant, NURSE, PERSON, PROXY, personLook, systemLook, toOfficer, toPerson } from './looks.ts';

const ID = 'x'.repeat(64);

const told = (entry: AccessEntry, telling: Partial<AuditEventTelling> = {}) =>
  fhirAuditEvent(entry, {
    id: ID,
    fhirUrl: 'https://api.example/fhir/R4',
    audience: toOfficer,
    organisationName: 'Hampshire Hospitals NHS Foundation Trust',
    grants: [],
    ...telling,
  });

const named = (event: fhir4.AuditEvent, name: string) =>
  event.entity?.find((entity) => entity.name === name)?.detail?.map(({ type, valueString }) => [type, valueString]);

describe('a look as an AuditEvent', () => {
  it.each(Object.keys(DEEDS))('%s is valid, for officers and for people', (interaction) => {
    for (const entry of [NURSE, systemLook(), personLook(PERSON), personLook(PROXY)])
      for (const audience of [toOfficer, toPerson(), toPerson({ namesStaff: false, knowsOf: () => false })])
        expect(validate(told({ ...entry, interaction }, { audience }))).toEqual([]);
  });

  it('says to an officer who, in which role and for whom, how sure that is, and by which policy', () => {
    const { agent, purposeOfEvent, action, outcome, subtype, recorded } = told(NURSE);
    expect({ action, outcome, recorded }).toEqual({ action: 'E', outcome: '0', recorded: NURSE.at });
    expect(subtype?.map(({ code }) => code)).toEqual(['operation', 'everything']);
    expect(purposeOfEvent?.flatMap(({ coding }) => coding?.map(({ code }) => code))).toEqual(['TREAT']);
    expect(agent).toMatchObject([
      {
        name: 'Sam Carter',
        who: { identifier: { value: 'hampshire|n-1' } },
        role: [{ coding: [{ code: 'clinician' }] }],
        requestor: true,
        policy: ['urn:chesil:policy:p1'],
        extension: [{ extension: [{ valueCode: 'hampshire' }, { valueCode: 'high' }] }],
      },
      { who: { identifier: { value: 'hhft' }, display: 'Hampshire Hospitals NHS Foundation Trust' }, requestor: false },
      { who: { identifier: { value: 'sample-app' } }, requestor: false },
    ]);
  });

  it('says which system of its organisation a client is, where the settings name one', () => {
    const clientOf = (entry: AccessEntry, audience = toOfficer) => told(entry, { audience }).agent.at(-1);
    expect(clientOf({ ...systemLook(), source: 'laboratory' })?.extension).toEqual([
      { url: 'urn:chesil:source', valueCode: 'laboratory' },
    ]);
    expect(clientOf(systemLook())).not.toHaveProperty('extension');
  });

  it('says to an officer what was shown and withheld, with the proof, and no number that counts contributions', () => {
    const event = told(NURSE);
    expect(named(event, 'Shown')).toContainEqual(['medications uhd', '3']);
    expect(named(event, 'Withheld')).toEqual([['problems dch http://snomed.info/sct|sti', '2']]);
    expect(event.entity!.flatMap(({ name = [] }) => name)).toEqual(['Shown', 'Withheld', 'Answer', 'Why']);
    const values = event.entity!.flatMap(({ detail = [] }) => detail.map(({ valueString }) => valueString));
    expect(values.filter((value) => value === '12' || value === '40')).toEqual([]);
    expect(named(event, 'Answer')).toEqual([
      ['status', '200'],
      ['sha-256', NURSE.digest],
    ]);
    expect(named(event, 'Why')).toEqual([['relationship', 'encounter']]);
  });

  it('says that the glass was broken', () => {
    const broken = { ...NURSE, grants: ['dddddddddddddddd'] };
    const codes = (event: fhir4.AuditEvent) => event.purposeOfEvent?.flatMap(({ coding = [] }) => coding.map(({ code }) => code));
    expect(codes(told(broken, { grants: [grant('break-glass', 'emergency')] }))).toEqual(['TREAT', 'BTG']);
    expect(codes(told(broken, { grants: [grant('claimed', 'in-my-care')] }))).toEqual(['TREAT']);
    expect(codes(told({ ...NURSE, interaction: 'break-glass' }))).toEqual(['TREAT', 'BTG']);
  });

  it('tells a person nothing of what was withheld, nor of what they may not know of', () => {
    const knowsOf = (key: string) => key !== 'safeguarding dorset-council';
    const secret = { ...NURSE, shown: { ...NURSE.shown, 'safeguarding dorset-council': 7 }, type: 'Flag' };
    const words = JSON.stringify(told(secret, { audience: toPerson({ knowsOf }) }));
    for (const hidden of ['ithheld', 'safeguarding', 'Safeguarding', '"7"', 'sti', 'Flag']) expect(words).not.toContain(hidden);
    expect(words).toBe(JSON.stringify(told(NURSE, { audience: toPerson({ knowsOf }) })));
  });

  it('names no staff to a person where that is not told, and no record of who acts for them', () => {
    const nameless = JSON.stringify(told(NURSE, { audience: toPerson({ namesStaff: false }) }));
    for (const hidden of ['Carter', 'n-1']) expect(nameless).not.toContain(hidden);
    expect(JSON.stringify(told(personLook(PROXY), { audience: toPerson() }))).not.toContain(PROXY);
    expect(JSON.stringify(told(personLook(PROXY)))).toContain(`Patient/${PROXY}`);
  });

  it('holds the plain words, whatever a provider calls somebody', () => {
    const { text } = told({ ...NURSE, name: '<script>&"\u0007' });
    expect(text?.div).toContain('&lt;script&gt;&amp;&quot; , clinician at');
  });
});
