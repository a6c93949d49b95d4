import { describe, expect, it } from 'vitest';
import { MERGED, PERSON, type Resource, refusalOf, searchCounted } from './record.ts';

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

const included = async (address: string, pageSize = 100): Promise<string[]> =>
  (await searchCounted(record, address, { pageSize })).included;

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
    ['Encounter?_id=e2&_revinclude=Provenance:target&_revinclude=Encounter:part-of', ['e1', 'p1']],
    ['Encounter?_id=e2&_revinclude=*', ['e1', 'p1']],
    [`Patient?_id=${PERSON}&_revinclude=Observation:patient`, ['o1', 'o2']],
    ['Observation?_id=o1&_revinclude=Observation:has-member&_include:iterate=Observation:has-member', ['o3']],
  ])('%s adds %j', async (address, ids) => {
    expect(await included(address)).toEqual(ids);
  });

  it('stands with its page: each page is whole, and its own matches are not said twice', async () => {
    expect(await included('Encounter?_include=Encounter:part-of', 1)).toEqual(['e2']);
    expect(await included('Encounter?_include=Encounter:part-of', 2)).toEqual([]);
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

describe('the work of including', () => {
  const LENGTH = 3_000;
  /** Each refers to the one before it. */
  const chain = Array.from({ length: LENGTH }, (_, index): Resource => {
    const before = index === 0 ? {} : { hasMember: [{ reference: `Observation/o${index - 1}` }] };
    return { resourceType: 'Observation', id: `o${index}`, ...before };
  });
  const first = 'Observation?_id=o0&_revinclude:iterate=*';
  const last = `Observation?_id=o${LENGTH - 1}&_include:iterate=*`;

  it('is in proportion to the record, however long the chain that it follows', async () => {
    for (const address of [first, last]) {
      const { included, work } = await searchCounted(chain, address);
      expect(included).toHaveLength(LENGTH - 1);
      expect(work.visits).toBeLessThan(LENGTH * 8);
    }
  });

  it('does not grow with what is asked for again, in the same words or in others', async () => {
    const once = await searchCounted(chain, last);
    const again = await searchCounted(chain, last + '&_include:iterate=*'.repeat(90));
    const others = ['Observation:*', 'Observation:has-member', 'Observation:has-member:Observation'].map(
      (value) => `&_include:iterate=${value}&_include:recurse=${value}`,
    );
    const inOtherWords = await searchCounted(chain, last + others.join(''));
    expect(again.included).toEqual(once.included);
    expect(inOtherWords.included).toEqual(once.included);
    expect(again.work.visits).toBe(once.work.visits);
    expect(inOtherWords.work.visits).toBe(once.work.visits);
  });

  it('stops where there is no more room', async () => {
    const { included, work } = await searchCounted(chain, last, { most: 10 });
    expect(included).toHaveLength(10);
    // One visit to each fragment, to find the match.
    expect(work.visits).toBeLessThan(LENGTH * 2 + 200);
  });

  it('is done once for each entry, however many matches lead there', async () => {
    const all = await searchCounted(chain, 'Observation?_include:iterate=*&_revinclude:iterate=*', { pageSize: 1_000 });
    expect(all.included).toHaveLength(LENGTH - 1_000);
    expect(all.work.visits).toBeLessThan(LENGTH * 16);
  });
});

it('refuses more values than a search may compare', () => {
  const values = Array.from({ length: 1_001 }, (_, index) => `c${index}`).join(',');
  expect(refusalOf(`Observation?patient=${PERSON}&code=${values}`)).toEqual(['bad-parameter']);
});
