import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../shared/fhir/json.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { changed } from './change.ts';
import { ALLOWED, CODES, EXTENSIONS_OF_PRIMITIVES, type Fault, REFERENCES, RULES, STRUCTURE, VALUES } from './faults.ts';
import { type Json, PATIENT, TRANSACTION, VALID } from './valid-resources.ts';

const found = (resource: unknown) => validate(resource).map(({ code, expression }) => `${code} ${expression}`);

const finds = ([name, path, value, code, expression]: Fault) => {
  const resource = VALID[name] as Json;
  const root = path === 'resourceType' ? 'Resource' : (resource.resourceType as string);
  expect(found(changed(resource, path, value))).toContain(`${code} ${root}${expression}`);
};

describe('a valid resource', () => {
  it.each(Object.keys(VALID))('has no problem: %s', (name) => {
    expect(validate(VALID[name])).toEqual([]);
  });

  it.each(ALLOWED)('may be %s with %s', (name, path, value) => {
    expect(validate(changed(VALID[name] as Json, path, value))).toEqual([]);
  });

  it('may contain a resource that points back at it', () => {
    const contained = [
      {
        resourceType: 'Provenance',
        target: [{ reference: '#' }],
        recorded: '2026-01-01T00:00:00Z',
        agent: [{ who: { display: 'x' } }],
      },
    ];
    expect(validate({ ...PATIENT, contained })).toEqual([]);
  });
});

describe('a faulty resource', () => {
  it.each(STRUCTURE)('of the wrong structure: %s %s', (...fault) => finds(fault));
  it.each(EXTENSIONS_OF_PRIMITIVES)('with wrong extensions of a primitive: %s %s', (...fault) => finds(fault));
  it.each(VALUES)('with a wrong value: %s %s', (...fault) => finds(fault));
  it.each(CODES)('with a code that is not allowed: %s %s', (...fault) => finds(fault));
  it.each(REFERENCES)('with a wrong reference: %s %s', (...fault) => finds(fault));
  it.each(RULES)('that breaks a rule: %s %s', (...fault) => finds(fault));

  it('has all its problems found, in all entries', () => {
    const bundle = changed(changed(TRANSACTION, 'entry[0].resource.gender', 'f'), 'entry[1].resource.status', undefined);
    expect(found({ ...bundle, tune: 1 })).toEqual([
      'bad-code Bundle.entry[0].resource.gender',
      'required-element Bundle.entry[1].resource.status',
      'unknown-element Bundle.tune',
    ]);
  });

  it('is named by where it stands', () => {
    expect(validate({ resourceType: 'Patient', gender: 'f' }, 'Bundle.entry[3].resource')).toEqual([
      { code: 'bad-code', expression: 'Bundle.entry[3].resource.gender' },
    ]);
  });

  it('is never quoted', () => {
    const secret = 'Zebedee';
    const resource = {
      resourceType: 'Patient',
      gender: secret,
      birthDate: secret,
      [`${secret} 1`]: 1,
      identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: secret }],
    };
    expect(JSON.stringify(validate(resource))).not.toContain(secret);
  });
});

describe('hostile input', () => {
  it.each([undefined, null, 1, 'x', [], {}, [[]], Symbol('x'), () => 1])('is refused: %s', (value) => {
    expect(validate(value).length).toBeGreaterThan(0);
  });

  it('cannot reach prototypes', () => {
    const resource = parseJson(Buffer.from('{"resourceType":"Patient","__proto__":{"gender":"x"},"name":[{"__proto__":1}]}'));
    expect(found(resource)).toEqual(['unknown-element Patient', 'unknown-element Patient.name[0]']);
    expect(({} as Json).gender).toBeUndefined();
  });

  it('costs no more than its size', () => {
    const many = (one: unknown) => Array.from({ length: 200_000 }, () => one);
    expect(validate({ resourceType: 'Patient', name: many(null) })).toHaveLength(1000);
    validate({ resourceType: 'Patient', text: { status: 'generated', div: '<div>'.repeat(100_000) } });
    validate({ resourceType: 'Patient', text: { status: 'generated', div: `<div ${'a="b" '.repeat(100_000)}` } });
    validate({
      resourceType: 'Patient',
      text: { status: 'generated', div: `<div a="b"${' '.repeat(300_000)}${'c'.repeat(300_000)}>` },
    });
    validate({ resourceType: 'Patient', managingOrganization: { reference: `http://${'aa/'.repeat(300_000)}!` } });
    validate({ resourceType: 'Questionnaire', item: many({ linkId: '1' }) });
    validate({ resourceType: 'Bundle', entry: many({ fullUrl: 'urn:x' }) });
    validate({ resourceType: 'Patient', photo: [{ contentType: 'image/png', data: `${' AAAA '.repeat(100_000)}!` }] });
    validate({ resourceType: 'Patient', managingOrganization: { reference: 'a/'.repeat(300_000) } });
    validate({ resourceType: 'Patient', meta: { versionId: '1'.repeat(900_000), source: 'a'.repeat(900_000) } });
  });
});
