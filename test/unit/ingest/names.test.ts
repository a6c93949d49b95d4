import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preferredReturn } from '../../../functions/ingest/answers.ts';
import { namingTokens, primaryCode } from '../../../functions/ingest/decision/names/fragment-name.ts';
import { identifierOfToken } from '../../../functions/ingest/decision/names/identifiers.ts';
import { nhsNumbersOf, patientNumbersOf } from '../../../functions/ingest/decision/names/patient-names.ts';
import { readBundle } from '../../../shared/fhir/bundles.ts';
import { parseCondition, parseVersion, readInteraction } from '../../../shared/fhir/interactions.ts';
import { isRefusal } from '../../../shared/fhir/outcomes.ts';
import { collectReferences, elementsAt, expressionOf, parseReference } from '../../../shared/fhir/references.ts';
import { FHIR_URL } from './ingesting.ts';
import { MRN, NHS } from './resources.ts';

const typed = (code: string, system: string, value: string, more: object = {}) => ({
  system,
  value,
  type: { coding: [{ code }] },
  ...more,
});
const TODAY = '2026-03-01T00:00:00Z';

const namesOf = (resource: object) =>
  namingTokens(resource as Record<string, unknown>).map((token) => identifierOfToken(token).value);

describe('the identifiers that name a fragment', () => {
  const [one, two, three] = ['1', '2', '3'].map((value) => ({ system: 's', value }));
  const typed = (code: string, identifier: object) => ({ ...identifier, type: { coding: [{ code }] } });
  it.each<[string, object, string[]]>([
    [
      'official ones alone',
      { resourceType: 'Encounter', identifier: [{ ...one, use: 'old' }, two, { ...three, use: 'official' }] },
      ['3'],
    ],
    ['all of one rank, in any order', { resourceType: 'Encounter', identifier: [two, { ...one, use: 'usual' }] }, ['1', '2']],
    [
      'none that is old or temporary',
      {
        resourceType: 'Encounter',
        identifier: [
          { ...one, use: 'old' },
          { ...two, use: 'temp' },
        ],
      },
      [],
    ],
    [
      'the master identifier of a document',
      { resourceType: 'DocumentReference', masterIdentifier: one, identifier: [two] },
      ['1'],
    ],
    ['of a resource that has one only', { resourceType: 'QuestionnaireResponse', identifier: one }, ['1']],
    ['none without a system', { resourceType: 'Encounter', identifier: [{ value: '1' }] }, []],
    ['never an NHS number', { resourceType: 'RelatedPerson', identifier: [{ system: NHS, value: '9990000018' }] }, []],
    ['no accession number of one of its results', { resourceType: 'Observation', identifier: [typed('ACSN', one!), two] }, ['2']],
    ['an accession number of the report', { resourceType: 'DiagnosticReport', identifier: [typed('ACSN', one!)] }, ['1']],
    ["no patient's number of anything else", { resourceType: 'Condition', identifier: [typed('MR', one!)] }, []],
  ])('are %s', (_case, resource, expected) => {
    expect(namesOf(resource)).toEqual(expected);
  });

  it('stay the same whatever order they come in, and whatever else the resource says', () => {
    const uses = ['official', 'usual', 'secondary', 'temp', 'old'];
    fc.assert(
      fc.property(fc.shuffledSubarray(uses, { minLength: 1 }), fc.string(), (order, text) => {
        const identifier = order.map((use) => ({ use, system: 'https://s.example', value: use }));
        const best = ['official', 'usual', 'secondary'].find((use) => order.includes(use));
        expect(namesOf({ resourceType: 'Encounter', identifier, text })).toEqual(best === undefined ? [] : [best]);
      }),
    );
  });
});

describe('the primary code of a resource whose type groups', () => {
  const code = (...coding: object[]) => primaryCode({ resourceType: 'Observation', code: { coding } });
  const snomed = { system: 'http://snomed.info/sct', code: '1' };
  const local = { system: 'urn:local', code: 'a', display: 'A' };
  it('does not depend on the order of codings, nor on their display', () => {
    expect(code(local, snomed)).toBe(code(snomed, { ...local, display: 'B' }));
    expect(code(local)).not.toBe(code(snomed));
    expect(code({ ...snomed, system: 'urn:oid:2.16.840.1.113883.6.96' })).toBe(code(snomed));
    expect(code(snomed, { ...local, userSelected: true })).toBe(code(local));
  });

  it('is the text where there is no coding, and none of types that do not group', () => {
    expect(primaryCode({ resourceType: 'Observation', code: { text: ' Heart  Rate' } })).toBe(
      primaryCode({ resourceType: 'Observation', code: { text: 'heart rate' } }),
    );
    expect(primaryCode({ resourceType: 'Encounter', class: snomed })).toBeUndefined();
  });
});

describe('the patient numbers of a Patient', () => {
  it('are those of declared systems and of type MR, the typed ones first', () => {
    const identifier = [
      { system: 's', value: 'described', use: 'official' },
      { system: 'declared', value: '2' },
      typed('MR', MRN, '1'),
      typed('MR', MRN, 'temporary', { use: 'temp' }),
      typed('PI', MRN, 'another kind'),
    ];
    expect(patientNumbersOf({ resourceType: 'Patient', identifier }, new Set(['declared'])).map(({ value }) => value)).toEqual([
      '1',
      '2',
    ]);
  });
});

describe('the number of a person', () => {
  const verified = (code: string) => ({
    extension: [
      {
        url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus',
        valueCodeableConcept: { coding: [{ code }] },
      },
    ],
  });
  it.each<[string, object[], string[]]>([
    ['valid', [{ system: NHS, value: '9990000018' }], ['9990000018']],
    ['verified', [{ system: NHS, value: '9990000018', ...verified('01') }], ['9990000018']],
    ['traced to several', [{ system: NHS, value: '9990000018', ...verified('04') }], []],
    ['superseded', [{ system: NHS, value: '9990000018', use: 'old' }], []],
    ['ended', [{ system: NHS, value: '9990000018', period: { end: '2026-02-28' } }], []],
    ['ending this month', [{ system: NHS, value: '9990000018', period: { end: '2026-03' } }], ['9990000018']],
    ['wrong check digit', [{ system: NHS, value: '9990000019' }], []],
    ['none', [{ system: MRN, value: '9990000018' }], []],
  ])('%s', (_case, identifier, expected) => {
    expect(nhsNumbersOf({ resourceType: 'Patient', identifier }, TODAY)).toEqual(expected);
    expect(patientNumbersOf({ resourceType: 'Patient', identifier }, new Set([NHS]))).toEqual([]);
  });
});

describe('a reference', () => {
  it.each([
    ['#a', { kind: 'contained' }],
    ['Patient/1', { kind: 'literal', type: 'Patient', id: '1' }],
    ['Patient/1/_history/2', { kind: 'literal', type: 'Patient', id: '1', version: '2' }],
    [`${FHIR_URL}/Patient/1`, { kind: 'literal', type: 'Patient', id: '1' }],
    [`${FHIR_URL}x/Patient/1`, { kind: 'elsewhere' }],
    ['https://elsewhere.example/Patient/1', { kind: 'elsewhere' }],
    ['urn:uuid:1', { kind: 'elsewhere' }],
    [
      'Location?identifier=https://s.example|a%20b',
      { kind: 'conditional', type: 'Location', identifier: { system: 'https://s.example', value: 'a b' } },
    ],
    ['Location?name=x', { kind: 'unsupported-condition' }],
    ['Location?identifier=x', { kind: 'unsupported-condition' }],
    ['Location?identifier=s|1&identifier=s|2', { kind: 'unsupported-condition' }],
  ])('%s', (text, expected) => {
    expect(parseReference(text, FHIR_URL)).toEqual(expected);
  });

  it('is found wherever it stands, and can be named', () => {
    const resource = {
      resourceType: 'Observation',
      subject: { reference: 'Patient/1' },
      extension: [{ url: 'x', valueReference: { reference: 'Device/1' } }],
      contained: [{ resourceType: 'Specimen', id: 's', subject: { reference: 'Patient/2' } }],
      performer: [{ display: 'nobody' }, { reference: 'Practitioner/1' }],
    };
    const slots = collectReferences(resource);
    expect(slots.map(({ holder }) => expressionOf(resource, holder, 'Observation'))).toEqual([
      'Observation.subject',
      'Observation.extension[0].valueReference',
      'Observation.contained[0].subject',
      'Observation.performer[1]',
    ]);
    expect(elementsAt(resource, 'performer')).toHaveLength(2);
    expect(elementsAt(resource, 'participant.actor')).toEqual([]);
  });

  it('is read without harm whatever it says', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseReference(text, FHIR_URL).kind).toBeTypeOf('string');
      }),
    );
  });
});

describe('a write', () => {
  it.each([
    ['W/"3"', 3],
    ['"3"', 3],
    ['3', 3],
    [' W/"12" ', 12],
    ['W/"0"', undefined],
    ['"3', undefined],
    ['*', undefined],
    ['3, 4', undefined],
  ])('names version %s', (text, expected) => {
    expect(parseVersion(text)).toBe(expected);
  });

  it.each<[string, [string, string][], unknown]>([
    ['an identifier', [['identifier', 's|1']], { identifier: { system: 's', value: '1' } }],
    [
      'a person',
      [
        ['identifier', 's|1'],
        ['patient', 'p'],
      ],
      { identifier: { system: 's', value: '1' }, person: { reference: 'Patient/p' } },
    ],
    [
      'a person by number',
      [
        ['subject:identifier', `${NHS}|1`],
        ['identifier', 's|1'],
      ],
      { identifier: { system: 's', value: '1' }, person: { identifier: { system: NHS, value: '1' } } },
    ],
    ['nothing', [], undefined],
    ['no identifier', [['patient', 'p']], undefined],
    [
      'two identifiers',
      [
        ['identifier', 's|1'],
        ['identifier', 's|2'],
      ],
      undefined,
    ],
    ['a list of identifiers', [['identifier', 's|1,s|2']], undefined],
    [
      'anything else',
      [
        ['identifier', 's|1'],
        ['code', 'x'],
      ],
      undefined,
    ],
  ])('on condition of %s', (_case, query, expected) => {
    expect(parseCondition(query)).toEqual(expected);
  });

  it('has every problem named', () => {
    const read = readInteraction({
      method: 'PUT',
      path: ['Observation', 'a_b'],
      query: [],
      ifMatch: 'x',
      ifNoneMatch: 'y',
      body: { resourceType: 'Flag' },
    });
    expect('issues' in read && read.issues.map(({ code }) => code)).toEqual([
      'bad-precondition',
      'bad-precondition',
      'bad-id',
      'type-mismatch',
    ]);
  });

  it('comes in a bundle, relative or absolute, and is never taken for another', () => {
    const entry = (method: string, url: string, resource?: object) => ({
      request: { method, url },
      ...(resource ? { resource } : {}),
    });
    const flag = { resourceType: 'Flag', id: '1' };
    const bundle = readBundle(
      {
        resourceType: 'Bundle',
        type: 'batch',
        entry: [
          entry('PUT', 'Flag/1', flag),
          entry('PUT', `${FHIR_URL}/Flag/1`, flag),
          entry('PUT', 'https://elsewhere.example/Flag/1', flag),
          entry('POST', 'Flag/1', flag),
          null,
        ],
      },
      FHIR_URL,
    );
    if (isRefusal(bundle)) throw new Error('refused');
    expect(bundle.entries.map((one) => ('interaction' in one ? one.interaction.kind : one.issues[0]!.code))).toEqual([
      'update',
      'update',
      'bad-bundle',
      'not-allowed',
      'bad-bundle',
    ]);
  });

  it.each([
    [undefined, 'minimal'],
    ['return=representation', 'representation'],
    ['handling=strict, return="OperationOutcome"', 'OperationOutcome'],
    ['return=everything', 'minimal'],
  ])('prefers %s', (header, expected) => {
    expect(preferredReturn(header, 'minimal')).toBe(expected);
  });
});
