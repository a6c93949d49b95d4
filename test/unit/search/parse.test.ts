import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../shared/fhir/outcomes.ts';
import { parseSearch } from '../../../shared/fhir/search/parse.ts';
import { MERGED, PERSON, planOf, queryOf, refusalOf } from './record.ts';

const NHS = 'https://fhir.nhs.uk/Id/nhs-number';
const NUMBER = '9990000018';
const FRAGMENT = `${PERSON}.aaaaaaaaaaaaaaaa`;

const alone = { person: undefined, strict: false };

describe('whose record is searched', () => {
  const byId = { id: PERSON };
  const byNumber = { identifier: { system: NHS, value: NUMBER } };

  it.each([
    [`Observation?patient=${PERSON}`, byId],
    [`Observation?patient=Patient/${PERSON}`, byId],
    [`Observation?patient:Patient=${PERSON}`, byId],
    [`Observation?subject=${PERSON}`, byId],
    [`Observation?subject:Patient=${PERSON}`, byId],
    [`Observation?subject=${FRAGMENT}`, byId],
    [`Observation?subject=https://chesil.example/fhir/R4/Patient/${PERSON}`, byId],
    [`Observation?patient._id=${PERSON}`, byId],
    ['Observation?patient=123', { id: '123' }],
    [`Observation?patient.identifier=${NHS}|${NUMBER}`, byNumber],
    [`Observation?subject.identifier=${NHS}|${NUMBER}`, byNumber],
    [`Observation?subject:Patient.identifier=${NHS}|${NUMBER}`, byNumber],
    [`Observation?patient:identifier=${NHS}|${NUMBER}`, byNumber],
    [`Observation?patient.identifier=${NHS}|999 000 0018`, byNumber],
    [`Observation?patient.identifier=${NUMBER}`, byNumber],
    ['Observation?patient.identifier=urn:local|7', { identifier: { system: 'urn:local', value: '7' } }],
    [`Coverage?beneficiary=${PERSON}`, byId],
    [`Appointment?actor=Patient/${PERSON}`, byId],
    [`Immunization?patient=${PERSON}`, byId],
    [`Medication?patient=${PERSON}`, byId],
    [`Patient?_id=${PERSON}`, byId],
    [`Patient?_id=${FRAGMENT}`, byId],
    [`Patient?identifier=${NHS}|${NUMBER}`, byNumber],
    [`Observation?encounter=Encounter/${FRAGMENT}`, byId],
    [`Provenance?target=Observation/${FRAGMENT}`, byId],
    [`Observation?_id=${FRAGMENT},${PERSON}.bbbbbbbbbbbbbbbb`, byId],
    [`Observation?encounter=Encounter/${MERGED}.aaaaaaaaaaaaaaaa&patient=${PERSON}`, byId],
  ])('%s: %j', (address, person) => {
    expect(planOf(address, { ...alone, fhirUrl: 'https://chesil.example/fhir/R4' }).person).toEqual(person);
  });

  it.each([
    ['Observation?code=1', 'search-unbounded'],
    ['Observation?patient:missing=false', 'search-unbounded'],
    ['Observation?patient=', 'search-unbounded'],
    ['Observation?subject.name=smith', 'search-unbounded'],
    ['Observation?patient.identifier=7', 'search-unbounded'],
    ['Patient?name=smith&birthdate=1950', 'search-unbounded'],
    ['Appointment?actor=Practitioner/uhd.aaaaaaaaaaaaaaaa', 'search-unbounded'],
    [`Observation?_id=${FRAGMENT},${MERGED}.aaaaaaaaaaaaaaaa`, 'search-unbounded'],
    [`Observation?patient=${PERSON},${MERGED}`, 'bad-parameter Observation?patient'],
    [`Observation?patient.identifier=${NHS}|9990000019`, 'bad-nhs-number Observation?patient.identifier'],
    [`Patient?identifier=${NHS}|12345`, 'bad-nhs-number Patient?identifier'],
  ])('%s is refused: %s', (address, issue) => {
    expect(refusalOf(address, alone)).toEqual([issue]);
  });

  it('is nobody for what is about an organisation', () => {
    expect(planOf('Practitioner?name=smith', alone).person).toBeUndefined();
  });

  it('is told by the address where the compartment is searched', () => {
    expect(planOf('Observation?code=1').person).toEqual({ id: PERSON });
  });
});

describe('what is not known', () => {
  it.each([
    'nonsense=1',
    '_filter=x',
    '_text=x',
    '_list=1',
    '_sort=nothing',
    '_elements=nothing',
    'status=',
    '_contained=true',
    'name=x',
  ])('%s is ignored and told, or refused when strictness is asked for', (query) => {
    const name = query.split('=')[0];
    const { ignored, applied } = planOf(`Observation?${query}`, { strict: false });
    expect(ignored).toMatchObject([{ code: 'ignored-parameter', expression: `Observation?${name}` }]);
    expect(applied).toEqual([]);
    expect(refusalOf(`Observation?${query}`, { strict: true })).toEqual([`unknown-parameter Observation?${name}`]);
  });

  it.each([`${NUMBER}=x`, `patient|${NUMBER}=x`, 'a b=x', `${'x'.repeat(90)}=y`])(
    '%s is not repeated when it can be no name',
    (query) => {
      expect(planOf(`Observation?${query}`, { strict: false }).ignored).toMatchObject([{ expression: 'Observation?' }]);
    },
  );

  it('tells every problem at once', () => {
    expect(refusalOf('Observation?date=x&_count=y&value-quantity=z')).toEqual([
      'bad-parameter Observation?date',
      'bad-parameter Observation?_count',
      'bad-parameter Observation?value-quantity',
    ]);
  });

  it('never repeats a value', () => {
    const [type, query] = queryOf(
      `Observation?date=secret1&patient.identifier=${NHS}|9990000019&encounter=secret 2&_count=secret3&_sort=secret4`,
    );
    for (const strict of [true, false]) {
      const refusal = parseSearch(type, query, { strict });
      expect(isRefusal(refusal)).toBe(true);
      expect(JSON.stringify(refusal)).not.toMatch(/secret|9990000019/);
    }
  });
});

describe('what is said of the answer', () => {
  it.each([
    ['_count=20', { count: 20, summary: 'false' }],
    ['_count=0', { count: 0, summary: 'count' }],
    ['_summary=true', { summary: 'true' }],
    ['_total=accurate', { total: 'accurate' }],
    ['_elements=code,Observation.status', { elements: ['code', 'status'] }],
    ['_format=json&_pretty=true&_contained=false', { summary: 'false', elements: undefined }],
  ])('%s: %j', (query, expected) => {
    expect(planOf(`Observation?${query}`)).toMatchObject(expected);
  });

  it.each([
    '_count=-1',
    '_count=many',
    '_count=1.5',
    '_count=1&_count=2',
    '_summary=yes',
    '_total=some',
    '_summary=true&_elements=code',
  ])('%s is refused', (query) => {
    expect(refusalOf(`Observation?${query}`)).toHaveLength(1);
  });

  it('leaves identifiers of the person out of what was applied, and keeps the rest', () => {
    const address = `Observation?patient.identifier=urn:local|7&code=1&_has:Provenance:target:agent=x&performer:identifier=${NHS}|${NUMBER}&_count=5`;
    expect(planOf(address, alone).applied).toEqual([
      ['code', '1'],
      ['_has:Provenance:target:agent', 'x'],
      ['_count', '5'],
    ]);
    expect(planOf(`Observation?patient=${PERSON}&code=1`, alone).applied).toEqual([
      ['patient', PERSON],
      ['code', '1'],
    ]);
  });
});

describe('what a request may cost', () => {
  it('is bounded: in parameters, in length, in steps of a chain', () => {
    const many = Array.from({ length: 101 }, (_, index) => `status=s${index}`).join('&');
    expect(refusalOf(`Observation?${many}`)).toEqual(['bad-parameter']);
    expect(refusalOf(`Observation?status=${'x'.repeat(20_001)}`)).toEqual(['bad-parameter Observation?status']);
  });

  it('does not count what is said again', () => {
    const repeated = 'status=final&_count=5&_include=Observation:subject&';
    expect(planOf(`Observation?${repeated.repeat(90)}`).applied).toEqual(planOf(`Observation?${repeated}`).applied);
  });

  it('compares at most a hundred values one by one, and looks up a thousand', () => {
    const list = (count: number) => Array.from({ length: count }, (_, index) => `x${index}`).join(',');
    for (const name of ['code:text', 'value-string', 'value-string:contains', 'instantiates-uri:below'])
      expect(refusalOf(`${name.startsWith('inst') ? 'CarePlan' : 'Observation'}?${name}=${list(101)}`)).toHaveLength(1);
    for (const name of ['code', 'code:not', '_id', 'encounter', 'value-string:exact'])
      expect(refusalOf(`Observation?${name}=${list(1_000)}`)).toEqual([]);
    expect(refusalOf(`Observation?component-code-value-quantity=${'1$2,'.repeat(101)}`)).toHaveLength(1);
  });

  it.each([
    ['_include=Observation:subject', ['Observation?_include']],
    ['_revinclude:iterate=*&_include=*', ['Observation?_revinclude', 'Observation?_include']],
    ['encounter.status=finished&status=final', ['Observation?encounter.status']],
    ['_has:Provenance:target:agent=x', ['Observation?_has:Provenance:target:agent']],
    [`value-string=${'x,'.repeat(50)}`, ['Observation?value-string']],
    ['_sort=date,code,status,_id', ['Observation?_sort']],
    ['code=1,2,3&status=final&date=ge2020&_sort=-date&_count=1000&_summary=true', []],
    [`_id=${'x,'.repeat(900)}`, []],
  ])('tells which parts of %s can cost much', (query, expressions) => {
    expect(planOf(`Observation?${query}`).costly.map(({ expression }) => expression)).toEqual(expressions);
  });

  it('stays small for chains through references to anything', () => {
    // Were the work to grow with what is sent as it once did, this would not end in the time that a test has.
    expect(planOf('List?item.item.item.item.code=x')).toBeDefined();
    expect(refusalOf(`Observation?encounter=${'a/'.repeat(9_000)}`)).toBeDefined();
  });
});
