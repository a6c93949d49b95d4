import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addressesIn,
  noticesIn,
  numbered,
  type Partner,
  type Partners,
  personAt,
  personIn,
  postEntry,
  SAYING,
  startPartners,
  statusesIn,
} from '../partners.ts';
import { allergy, byMr, byNhs, MRN, mr, nhs, nhsNumber, nhsWithStatus, somebody, typed, unique } from '../resources.ts';

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

/** Identifiers that two people share, or that say nothing certain. */
const SHARED: readonly (readonly [string, (value: string) => object])[] = [
  ['household number', (value) => ({ system: 'https://council.example/household', value })],
  ['insurance number', (value) => typed('MB', 'https://insurer.example/members', value)],
  ['driving licence', (value) => typed('DL', 'https://dvla.example/licences', value)],
  ['passport "NONE"', () => typed('PPN', 'https://passports.example/gb', 'NONE')],
  ['social security number "UNKNOWN"', () => typed('SS', 'https://tax.example/numbers', 'UNKNOWN')],
  ['temporary patient number', (value) => mr(value, { use: 'temp' })],
  ['superseded patient number', (value) => mr(value, { use: 'old' })],
  ['official number of a system that nobody declared', (value) => ({ use: 'official', system: 'urn:x', value })],
  ['patient number without a system', (value) => ({ type: mr('x').type, value })],
  ['local code that is spelt MR', (value) => ({ ...mr(value), system: 'urn:y', type: localType('MR') })],
  ['type that only its text calls MR', (value) => ({ system: 'urn:z', value, type: { text: 'MR' } })],
  ['NHS number that was never issued', () => nhs('0000000000')],
  ['NHS number that was traced to several people', (value) => nhsWithStatus(numberFor(value), '04')],
  ['superseded NHS number', (value) => nhs(numberFor(value), { use: 'old' })],
];

const localType = (code: string) => ({ coding: [{ system: 'https://uhd.example/identifier-types', code }] });

const numbers = new Map<string, string>();
function numberFor(value: string): string {
  const known = numbers.get(value) ?? nhsNumber();
  numbers.set(value, known);
  return known;
}

const ORDERS = [
  ['last', (own: object, shared: object) => [own, shared]],
  ['first', (own: object, shared: object) => [shared, own]],
] as const;

const CASES = SHARED.flatMap(([kind, make]) => ORDERS.map(([place, order]) => [kind, place, make, order] as const));

describe.each(CASES)('two patients who share a %s, which comes %s', (_kind, _place, make, order) => {
  /** Ada has an allergy; Ben is the next one to be registered. */
  const share = () => {
    const [a, b, shared] = [unique('A'), unique('B'), make(unique('S'))];
    return { a, b, ada: somebody('Ada', order(mr(a), shared)), ben: somebody('Ben', order(mr(b), shared)), shared };
  };

  it('are two people, and nobody is asked about it', async () => {
    const { a, ada, ben } = share();
    const first = await hospital.post(ada);
    await hospital.post(allergy('penicillin', byMr(a)));
    const second = await hospital.post(ben, SAYING);
    expect([second.status, noticesIn(second)]).toEqual([201, []]);
    expect(await partners.record(personIn(first))).toEqual(['uhd AllergyIntolerance penicillin', 'uhd Patient Ada']);
    expect(await partners.record(personIn(second))).toEqual(['uhd Patient Ben']);
    expect(await partners.questions(personIn(first), personIn(second))).toEqual([]);
  });

  it('are two people in one bundle, each with what is theirs', async () => {
    const { a, b, ada, ben } = share();
    const answer = await hospital.transaction(ada, ben, allergy('penicillin', byMr(a)), allergy('latex', byMr(b)));
    expect(statusesIn(answer)).toEqual([201, 201, 201, 201]);
    const [one, other] = addressesIn(answer).map(personAt) as [string, string];
    expect(await partners.record(one)).toEqual(['uhd AllergyIntolerance penicillin', 'uhd Patient Ada']);
    expect(await partners.record(other)).toEqual(['uhd AllergyIntolerance latex', 'uhd Patient Ben']);
  });

  it('stay two when one of them gets an NHS number, whichever it is', async () => {
    for (const numberedFirst of [true, false]) {
      const { a, b, ada, ben, shared } = share();
      const number = nhsNumber();
      const first = await hospital.post(ada);
      await hospital.post(allergy('penicillin', byMr(a)));
      const second = await hospital.post(ben);
      const [mine, family] = numberedFirst ? [a, 'Ada'] : [b, 'Ben'];
      expect((await hospital.post(somebody(family, [...order(mr(mine), shared), nhs(number)]))).status).toBe(200);
      expect(await partners.linked(numbered(number))).not.toContain(personIn(numberedFirst ? second : first));
      expect(await partners.record(numbered(number))).toEqual(
        numberedFirst ? ['uhd AllergyIntolerance penicillin', 'uhd Patient Ada'] : ['uhd Patient Ben'],
      );
    }
  });

  it('are two when the second comes with an NHS number at once', async () => {
    const { a, b, ada, shared } = share();
    const number = nhsNumber();
    const first = await hospital.post(ada);
    await hospital.post(allergy('penicillin', byMr(a)));
    await hospital.post(somebody('Ben', [...order(mr(b), shared), nhs(number)]));
    expect(await partners.linked(numbered(number))).toEqual([numbered(number)]);
    expect(await partners.record(numbered(number))).toEqual(['uhd Patient Ben']);
    expect(await partners.linked(personIn(first))).toEqual([personIn(first)]);
  });

  it('leave each other alone when the second comes without it, is deleted and comes again', async () => {
    const { a, b, ada, ben } = share();
    const first = await hospital.post(ada);
    await hospital.post(allergy('penicillin', byMr(a)));
    const second = await hospital.post(ben);
    const untouched = await partners.ingest.store.fold(personIn(first));
    const without = await hospital.post(somebody('Ben', [mr(b)], { gender: 'male' }));
    expect([without.status, personIn(without)]).toEqual([200, personIn(second)]);
    expect((await hospital.delete(`Patient/${without.headers.location!.split('/Patient/')[1]!.split('/')[0]}`)).status).toBe(204);
    expect(await partners.record(personIn(second))).toEqual([]);
    expect([200, 201]).toContain((await hospital.post(ben)).status);
    expect(await partners.record(personIn(second))).toEqual(['uhd Patient Ben']);
    expect((await partners.ingest.store.fold(personIn(first))).sequence).toBe(untouched.sequence);
    expect(await partners.record(personIn(first))).toEqual(['uhd AllergyIntolerance penicillin', 'uhd Patient Ada']);
  });

  it('are two when they are put to ids of their source', async () => {
    const { a, b, ada, ben } = share();
    const first = await hospital.put(`Patient/${a}`, { ...ada, id: a });
    const second = await hospital.put(`Patient/${b}`, { ...ben, id: b });
    await hospital.post(allergy('penicillin', { reference: `Patient/${a}` }));
    expect(await partners.record(personIn(first))).toEqual(['uhd AllergyIntolerance penicillin', 'uhd Patient Ada']);
    expect(await partners.record(personIn(second))).toEqual(['uhd Patient Ben']);
  });
});

describe('a mother and her baby of one household', () => {
  const HOUSEHOLD = 'https://council.example/household';

  /** Both registered without numbers, each with an allergy. */
  async function born() {
    const [m, b, home] = [unique('mother'), unique('baby'), { system: HOUSEHOLD, value: unique('home') }];
    const numbers = { mother: nhsNumber(), baby: nhsNumber() };
    const mother = (more: object[] = []) => somebody('Mother', [home, mr(m), ...more], { id: m });
    const baby = (more: object[] = []) => somebody('Baby', [home, mr(b), ...more], { id: b });
    await hospital.transaction(
      postEntry(mother()),
      postEntry(baby()),
      postEntry(allergy('penicillin', { reference: `Patient/${m}` })),
      postEntry(allergy('latex', { reference: `Patient/${b}` })),
    );
    return { m, b, numbers, mother: mother([nhs(numbers.mother)]), baby: baby([nhs(numbers.baby)]) };
  }

  it.each(['the mother first', 'the baby first', 'both at once'])('each have their own record by number: %s', async (order) => {
    const { numbers, mother, baby } = await born();
    if (order === 'both at once') await hospital.transaction(mother, baby);
    else for (const one of order === 'the baby first' ? [baby, mother] : [mother, baby]) await hospital.post(one);
    expect(await partners.record(numbered(numbers.mother))).toEqual(['uhd AllergyIntolerance penicillin', 'uhd Patient Mother']);
    expect(await partners.record(numbered(numbers.baby))).toEqual(['uhd AllergyIntolerance latex', 'uhd Patient Baby']);
  });

  it('keep them apart while one has a number and the other has none', async () => {
    const { b, numbers, mother } = await born();
    await hospital.post(mother);
    await hospital.post(allergy('egg', { reference: `Patient/${b}` }));
    await partners.partner('dch').post(allergy('nuts', byNhs(numbers.mother)));
    expect(await partners.record(numbered(numbers.mother))).toEqual([
      'dch AllergyIntolerance nuts',
      'uhd AllergyIntolerance penicillin',
      'uhd Patient Mother',
    ]);
    expect(await partners.record(numbered(numbers.baby))).toEqual([]);
  });
});

describe('names that only look alike', () => {
  it('are not one: where the system ends and the value begins counts', async () => {
    const [one, other] = [somebody('Ada', [typed('MR', 'urn:x', 'y|z')]), somebody('Ben', [typed('MR', 'urn:x|y', 'z')])];
    const answers = [await hospital.post(one), await hospital.post(other)];
    expect(new Set(answers.map(personIn)).size).toBe(2);
  });

  it('are not one: an own id and a patient number, an id and an address', async () => {
    const text = unique('same');
    const answers = [
      await hospital.put(`Patient/${text}`, somebody('Ada', [], { id: text })),
      await hospital.post(somebody('Ben', [typed('MR', 'urn:chesil:source-id', `Patient/${text}`)])),
      await hospital.post(somebody('Cem', [typed('MR', 'urn:chesil:source-id', text)])),
      await hospital.post(somebody('Dot', [typed('MR', MRN, text)])),
      await hospital.post(somebody('Eve', [typed('MR', 'urn:chesil:source-id', JSON.stringify(['id', 'main', '', text]))])),
    ];
    expect(new Set(answers.map(personIn)).size).toBe(5);
  });

  it('are not one in two organisations', async () => {
    const number = unique('M');
    const answers = [];
    for (const organisation of ['uhd', 'dch', 'surgery'])
      answers.push(await partners.partner(organisation).post(somebody(organisation, [mr(number)])));
    expect(new Set(answers.map(personIn)).size).toBe(3);
  });

  it('are not one when nothing names anybody', async () => {
    const nameless = somebody('Nobody', [{ system: 'https://council.example/household', value: unique('home') }]);
    const answers = [await hospital.post(nameless), await hospital.post(nameless), await hospital.post(somebody('Nobody', []))];
    const bundle = await hospital.transaction(nameless, somebody('Nobody', []));
    const persons = [...answers.map(personIn), ...addressesIn(bundle).map(personAt)];
    expect(new Set(persons).size).toBe(5);
  });
});
