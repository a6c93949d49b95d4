import { describe, expect, it } from 'vitest';
import { fragmentsReferredTo, withoutReferences } from '../../../shared/fhir/hidden-references.ts';

const PERSON = 'a'.repeat(26);
const idOf = (letter: string) => `${PERSON}.${letter.repeat(16)}`;
const HIDDEN = idOf('h');
const SHOWN = idOf('s');
const hidden = { reference: `Condition/${HIDDEN}`, display: 'What nobody may know' };
const shown = { reference: `Condition/${SHOWN}`, display: 'Migraine' };

const without = (resource: object) => JSON.parse(withoutReferences(JSON.stringify(resource), new Set([HIDDEN])));

describe('references to what is hidden', () => {
  it('are found in a text, of versions too, and none to directories or persons', () => {
    const body = JSON.stringify({
      a: shown,
      b: { reference: `Encounter/${HIDDEN}/_history/2` },
      c: { reference: 'Practitioner/uhd.aaaaaaaaaaaaaaaa' },
      d: { reference: `Patient/${PERSON}` },
    });
    expect(fragmentsReferredTo(body)).toEqual([SHOWN, HIDDEN]);
  });

  it('are gone with what they display, and others stay', () => {
    const told = { resourceType: 'MedicationRequest', status: 'active', reasonReference: [hidden, shown], encounter: hidden };
    expect(without(told)).toEqual({ resourceType: 'MedicationRequest', status: 'active', reasonReference: [shown] });
  });

  it('leave no empty list, nor an element that only held them', () => {
    const told = { resourceType: 'CarePlan', activity: [{ reference: hidden }], addresses: [hidden] };
    expect(without(told)).toEqual({ resourceType: 'CarePlan' });
  });

  it('take with them an element that must have one', () => {
    const told = { resourceType: 'List', status: 'current', entry: [{ date: '2026', item: hidden }, { item: shown }] };
    expect(without(told)).toEqual({ resourceType: 'List', status: 'current', entry: [{ item: shown }] });
  });

  it('are masked where the resource itself must have one', () => {
    const told = { resourceType: 'Provenance', target: [hidden], recorded: '2026-01-01T00:00:00Z' };
    expect(without(told).target).toEqual([
      { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] },
    ]);
  });

  it('go from contained resources and from extensions', () => {
    const told = {
      resourceType: 'Procedure',
      contained: [{ resourceType: 'Observation', id: 'o', status: 'final', hasMember: [hidden, shown] }],
      extension: [{ url: 'https://x.test/about', valueReference: hidden }],
    };
    expect(without(told)).toEqual({
      resourceType: 'Procedure',
      contained: [{ resourceType: 'Observation', id: 'o', status: 'final', hasMember: [shown] }],
    });
  });

  it('leave decimals as they were written', () => {
    const body = `{"resourceType":"Observation","valueQuantity":{"value":0.10},"hasMember":[${JSON.stringify(hidden)}]}`;
    expect(withoutReferences(body, new Set([HIDDEN]))).toBe('{"resourceType":"Observation","valueQuantity":{"value":0.10}}');
  });
});
