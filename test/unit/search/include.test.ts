import { describe, expect, it } from 'vitest';
import { runSearch } from '../../../shared/fhir/search/run.ts';
import { MERGED, PERSON, planOf, type Resource, recordOf, refusalOf } from './record.ts';

const record: readonly Resource[] = [
  { resourceType: 'Patient', id: PERSON, generalPractitioner: [{ reference: 'Organization/practice' }] },
  { resourceType: 'Organization', id: 'practice', partOf: { reference: 'Organization/network' } },
  { resourceType: 'Organization', id: 'network' },
  { resourceType: 'Encounter', id: 'e1', subject: { reference: `Patient/${PERSON}` }, partOf: { reference: 'Encounter/e2' } },
  { resourceType: 'Encounter', id: 'e2', subject: { reference: `Patient/${PERSON}` } },
  {
    resourceType: 'Observation',
    id: 'o1',
    subject: { reference: `Patient/${PERSON}` },
    encounter: { reference: 'Encounter/e1' },
  },
  {
    resourceType: 'Observation',
    id: 'o2',
    subject: { reference: `Patient/${MERGED}` },
    encounter: { reference: 'Encounter/e1' },
  },
  { resourceType: 'Observation', id: 'o3', hasMember: [{ reference: 'Observation/o1' }, { reference: 'Observation/gone' }] },
  { resourceType: 'Provenance', id: 'p1', target: [{ reference: 'Observation/o1' }, { reference: 'Encounter/e2' }] },
];

function included(address: string, pageSize = 100): string[] {
  const { matches, included } = runSearch(planOf(address), recordOf(record));
  return included(matches.slice(0, pageSize)).map(({ id }) => id);
}

describe('what is included', () => {
  it.each([
    ['Observation?_id=o1&_include=Observation:encounter', ['e1']],
    ['Observation?_id=o1,o2&_include=Observation:encounter', ['e1']],
    ['Observation?_id=o1&_include=Observation:subject', [PERSON]],
    ['Observation?_id=o2&_include=Observation:subject', [PERSON]],
    ['Observation?_id=o1&_include=Observation:subject:Device', []],
    ['Observation?_id=o1&_include=Observation:subject:Patient&_include=Observation:encounter', [PERSON, 'e1']],
    ['Observation?_id=o1&_include=*', ['e1', PERSON]],
    ['Observation?_id=o1&_include=Observation:*', ['e1', PERSON]],
    ['Observation?_id=o3&_include=Observation:has-member', ['o1']],
    ['Observation?_id=o1,o3&_include=Observation:has-member', []],
    ['Observation?_id=o1&_include=Encounter:part-of', []],
    ['Observation?_id=o1&_include=Observation:encounter&_include:iterate=Encounter:part-of', ['e1', 'e2']],
    ['Observation?_id=o1&_include=Observation:encounter&_include=Encounter:part-of', ['e1']],
    ['Observation?_id=o1&_include=Observation:encounter&_include:recurse=Encounter:part-of', ['e1', 'e2']],
    [
      'Observation?_id=o1&_include=Observation:patient&_include:iterate=Patient:general-practitioner&_include:iterate=Organization:partof',
      [PERSON, 'practice', 'network'],
    ],
    ['Encounter?_id=e1&_revinclude=Observation:encounter', ['o1', 'o2']],
    ['Encounter?_id=e1&_revinclude=Observation:encounter&_revinclude:iterate=Provenance:target', ['o1', 'o2', 'p1']],
    ['Encounter?_id=e1&_revinclude=Observation:encounter&_revinclude=Provenance:target', ['o1', 'o2']],
    ['Encounter?_id=e2&_revinclude=Provenance:target&_revinclude=Encounter:part-of', ['p1', 'e1']],
    ['Encounter?_id=e2&_revinclude=*', ['e1', 'p1']],
    [`Patient?_id=${PERSON}&_revinclude=Observation:patient`, ['o1', 'o2']],
    ['Observation?_id=o1&_revinclude=Observation:has-member&_include:iterate=Observation:has-member', ['o3']],
  ])('%s adds %j', (address, ids) => {
    expect(included(address)).toEqual(ids);
  });

  it('stands with its page: each page is whole, and its own matches are not said twice', () => {
    expect(included('Encounter?_include=Encounter:part-of', 1)).toEqual(['e2']);
    expect(included('Encounter?_include=Encounter:part-of', 2)).toEqual([]);
  });

  it.each([
    'Observation?_include=Observation:nothing',
    'Observation?_include=Observation:status',
    'Observation?_include=Nothing:subject',
    'Observation?_include=Observation:subject:Nothing',
    'Observation?_include=Observation',
    'Observation?_include:all=Observation:subject',
    'Observation?_revinclude=Provenance:target:Observation:x',
  ])('%s is not known', (address) => {
    expect(refusalOf(address, { strict: true })[0]).toMatch(/^unknown-parameter Observation\?_(rev)?include/);
  });

  it('does not go with a summary of text', () => {
    expect(refusalOf('Observation?_summary=text&_include=*')).toEqual(['bad-parameter Observation?_summary']);
  });
});

it('takes time in proportion to the record, however long the chain that it follows', () => {
  const chain = Array.from({ length: 3_000 }, (_, index): Resource => {
    const id = `o${index}`;
    return {
      resourceType: 'Observation',
      id,
      ...(index === 0 ? {} : { hasMember: [{ reference: `Observation/o${index - 1}` }] }),
    };
  });
  const began = performance.now();
  const { matches, included } = runSearch(planOf('Observation?_id=o0&_revinclude:iterate=*'), recordOf(chain));
  expect(included(matches)).toHaveLength(2_999);
  expect(performance.now() - began).toBeLessThan(2_000);
});

it('refuses more values than a search may compare', () => {
  const values = Array.from({ length: 1_001 }, (_, index) => `c${index}`).join(',');
  expect(refusalOf(`Observation?patient=${PERSON}&code=${values}`)).toEqual(['bad-parameter']);
});
