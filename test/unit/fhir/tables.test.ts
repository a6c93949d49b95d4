import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fragmentTypes, isDirectoryType, isKnownType, isPersonBound, subjectElements } from '../../../shared/fhir/compartment.ts';
import { describe as describeFragment } from '../../../shared/fhir/describe.ts';
import { SECTION_RULES, SECTIONS } from '../../../shared/fhir/sections.ts';
import { readDefinitions } from '../../../shared/fhir/tables/definitions.ts';
import { generateTables } from '../../../shared/fhir/tables/generate.ts';
import { searchParametersOf } from '../../../shared/fhir/tables/search-parameters.ts';
import { type ElementRow, structureNames, structureOf } from '../../../shared/fhir/tables/tables.ts';
import { shapeOf } from '../../../shared/fhir/validate/compile.ts';
import { INVARIANTS } from '../../../shared/fhir/validate/invariants/invariants.ts';

const definitions = readDefinitions();
const tables = generateTables();
const resourceTypes = definitions.structures
  .filter(({ kind, abstract }) => kind === 'resource' && !abstract)
  .map(({ type }) => type);

describe('the generated tables', () => {
  it.each(Object.entries(tables))('are those that the definitions give: %s', (file, text) => {
    const url = new URL(`../../../shared/fhir/tables/generated/${file}`, import.meta.url);
    expect(readFileSync(url, 'utf8') === text, 'run npm run tables').toBe(true);
  });

  it('are small enough to be loaded by a function that has just started', () => {
    const bytes = (...files: string[]) => files.reduce((sum, file) => sum + Buffer.byteLength(tables[`${file}.json`]!), 0);
    expect(bytes('structure', 'codes', 'primitives')).toBeLessThan(220_000);
    expect(bytes('search-parameters')).toBeLessThan(200_000);
  });

  it('can all be compiled, and refer to nothing that is not there', () => {
    for (const name of structureNames()) {
      for (const { type, primitive } of shapeOf(name).properties.values()) {
        if (primitive === undefined && type !== 'Resource')
          expect(shapeOf(type).properties.size, `${name}: ${type}`).toBeGreaterThan(0);
      }
    }
  });

  it('have the search parameters that everybody expects', () => {
    const codes = (type: string) => searchParametersOf(type).map(({ code }) => code);
    expect(codes('Observation')).toEqual(
      expect.arrayContaining(['_id', '_lastUpdated', 'patient', 'code', 'code-value-quantity', 'date']),
    );
    expect(searchParametersOf('Condition').find(({ code }) => code === 'patient')).toEqual({
      code: 'patient',
      type: 'reference',
      expression: 'Condition.subject.where(resolve() is Patient)',
      target: ['Patient'],
    });
    const composed = searchParametersOf('Observation').find(({ code }) => code === 'combo-code-value-quantity');
    expect(composed?.expression).toBe('Observation | Observation.component');
    expect(composed?.component?.map(({ code, type }) => `${code} ${type}`)).toEqual([
      'combo-code token',
      'combo-value-quantity quantity',
    ]);
  });
});

describe('the invariants of the specification', () => {
  /** Those that are not checked, and why not. Keys are those of the specification. */
  const NOT_CHECKED: Readonly<Record<string, string>> = {
    'ele-1': 'part of the walk: an element is never empty',
    'dom-2': 'part of the walk',
    'dom-3': 'part of the walk',
    'ref-1': 'part of checking references',
    'ppc-3': 'checked with ppc-2',
    'ppc-4': 'checked with ppc-2',
    'ppc-5': 'checked with ppc-2',
    'evv-1': 'of an element of R5 that the definitions carry and the tables leave out',
    'mea-1': 'definitions of measures are no part of a care record',
    'nsd-1': 'naming systems are no part of a care record',
  };
  /** Definitions that care systems do not share: profiles, capabilities, operations, guides, maps, tests. */
  const OTHERS = /^(eld|sdf|cpb|opd|ig|cmd|smp|spd|tcp|tst|md)-/;
  /** `inv-1` is the key of several rules. */
  const ELSEWHERE = new Set(['TestReport.setup.action', 'TestReport.test.action']);

  const published = definitions.structures.flatMap(({ snapshot, url }) =>
    (snapshot?.element ?? []).flatMap(({ path, constraint = [] }) =>
      constraint
        .filter(({ severity, source }) => severity === 'error' && (source === undefined || source === url))
        .map(({ key }) => ({ key, path })),
    ),
  );

  it('are checked, or it is said why not', () => {
    const checked = new Set(INVARIANTS.map(({ key }) => key));
    const silent = published.filter(
      ({ key, path }) => !checked.has(key) && !(key in NOT_CHECKED) && !OTHERS.test(key) && !ELSEWHERE.has(path),
    );
    expect(silent).toEqual([]);
  });

  it('stand where the specification has them', () => {
    const places = new Set(published.map(({ key, path }) => `${key} ${path}`));
    const ours = new Set(['nhs-number', 'nhs-number-spaces', 'sqty-1']);
    // The specification judges these on what holds the element that ours are judged on, or the other way about.
    const moved = new Set(['txt-1', 'txt-2', 'org-2', 'org-3', 'ras-1', 'mrp-2']);
    const misplaced = INVARIANTS.filter(({ key, on }) => !ours.has(key) && !moved.has(key) && !places.has(`${key} ${on}`));
    expect(misplaced.map(({ key, on }) => `${key} ${on}`)).toEqual([]);
    for (const { on } of INVARIANTS) expect(shapeOf(on).invariants.length).toBeGreaterThan(0);
  });
});

describe('whom a type is about', () => {
  it('is known for every type of R4, and for nothing else', () => {
    expect(resourceTypes.filter((type) => !isKnownType(type))).toEqual([]);
    expect(fragmentTypes().filter((type) => !resourceTypes.includes(type))).toEqual([]);
    expect(fragmentTypes().filter((type) => isPersonBound(type) === isDirectoryType(type))).toEqual([]);
    expect(['Resource', 'DomainResource', 'SubscriptionStatus', 'constructor', ''].filter(isKnownType)).toEqual([]);
  });

  const elementAt = (type: string, path: string): ElementRow | undefined => {
    const [first, ...rest] = path.split('.');
    const element = structureOf(type)?.elements.find(({ name }) => name === first);
    return rest.length === 0 || element === undefined ? element : elementAt(element.types[0]!.type, rest.join('.'));
  };

  it.each(fragmentTypes().flatMap((type) => subjectElements(type).map((element) => [type, element] as const)))(
    'stands in a reference that can point at a person or at what is about one: %s.%s',
    (type, path) => {
      const reference = elementAt(type, path)?.types.find((one) => one.type === 'Reference');
      expect(reference).toBeDefined();
      expect(reference!.targets ?? ['Patient']).toContain('Patient');
    },
  );

  it('agrees with the search parameters patient and subject', () => {
    const differing = fragmentTypes().filter((type) => {
      const named = searchParametersOf(type).filter(
        ({ code, target }) => (code === 'patient' || code === 'subject') && target?.includes('Patient'),
      );
      const elements = named.flatMap(({ expression }) =>
        expression.split(' | ').map((one) => one.replace(/^\(|\.where\(.*$|\)$/g, '').slice(type.length + 1)),
      );
      return elements.length > 0 && !elements.some((element) => subjectElements(type).includes(element));
    });
    // A person is a person; of a questionnaire response the parameter names the source too; definitions are about no person.
    expect(differing.filter(isPersonBound)).toEqual([]);
  });
});

describe('the description of a fragment', () => {
  it('has only sections that there are', () => {
    const sections = Object.keys(SECTIONS);
    expect(fragmentTypes().map((resourceType) => describeFragment({ resourceType }).section)).toEqual(
      expect.arrayContaining(['demographics', 'medications', 'directory', 'audit', 'administration']),
    );
    expect(SECTION_RULES.filter(({ section }) => !sections.includes(section))).toEqual([]);
    expect(fragmentTypes().filter((resourceType) => !sections.includes(describeFragment({ resourceType }).section))).toEqual([]);
  });

  it.each(SECTION_RULES)('moves a $type to $section', ({ type, element, codes, section }) => {
    for (const code of codes) {
      expect(describeFragment({ resourceType: type, [element]: { coding: [{ system: 'urn:x', code }] } }).section).toBe(section);
      expect(describeFragment({ resourceType: type, [element]: [{ coding: [{ code: 'other' }, { code }] }] }).section).toBe(
        section,
      );
    }
  });

  it.each([
    [{ resourceType: 'Observation', effectivePeriod: { start: '2026-01' }, issued: '2026-02-01T00:00:00Z' }, '2026-01'],
    [{ resourceType: 'Observation', issued: '2026-02-01T00:00:00Z' }, '2026-02-01T00:00:00Z'],
    [{ resourceType: 'Encounter', period: { end: '2026' } }, '2026'],
    [{ resourceType: 'DocumentReference', context: { period: { start: '2025' } }, date: '2026' }, '2025'],
    [{ resourceType: 'Condition', onsetString: 'in spring', recordedDate: '2026-03-01' }, '2026-03-01'],
    [{ resourceType: 'Patient', birthDate: '1950' }, undefined],
  ])('has the date when it happened, as it was given: %o', (resource, date) => {
    expect(describeFragment(resource).date).toBe(date);
  });

  it('has the codes of what it is about, and its labels', () => {
    const concept = (code: string) => ({ coding: [{ system: 'urn:s', code }] });
    expect(
      describeFragment({
        resourceType: 'MedicationRequest',
        meta: { security: [{ system: 'urn:l', code: 'R' }, { code: 'V' }] },
        contained: [{ resourceType: 'Medication', id: 'm', code: concept('amoxicillin') }],
        medicationReference: { reference: '#m' },
      }),
    ).toEqual({ section: 'medications', codes: ['urn:s|amoxicillin'], labels: ['urn:l|R', '|V'] });
    expect(
      describeFragment({ resourceType: 'Encounter', class: { system: 'urn:c', code: 'IMP' }, type: [concept('a'), concept('a')] })
        .codes,
    ).toEqual(['urn:c|IMP', 'urn:s|a']);
  });

  it('says by a label that there were more labels than are kept, whatever they were', () => {
    const security = Array.from({ length: 51 }, (_, index) => ({ system: 'urn:l', code: String(index) }));
    expect(describeFragment({ resourceType: 'Condition', meta: { security } }).labels.at(-1)).toBe('|more');
  });

  it('names the practices that a person is registered with, and none that has ended', () => {
    const ods = (value: string, more = {}) => ({
      identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value, ...more },
    });
    const patient = {
      resourceType: 'Patient',
      contained: [{ resourceType: 'Organization', id: 'gp', identifier: [ods('X99002').identifier] }],
      generalPractitioner: [ods('X99001'), { reference: '#gp' }, ods('X99003', { period: { end: '2020-01-01' } })],
    };
    expect(describeFragment(patient).codes).toEqual([
      'https://fhir.nhs.uk/Id/ods-organization-code|X99001',
      'https://fhir.nhs.uk/Id/ods-organization-code|X99002',
    ]);
  });
});
