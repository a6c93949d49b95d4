import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressIn, noticesIn, numbered, type Partner, type Partners, personIn, SAYING, startPartners } from '../partners.ts';
import { allergy, byMr, mr, nhs, nhsNumber, result, somebody, unique } from '../resources.ts';

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

const AGED = { birthDate: '1950-02-03' };

/** How the Patient of a migration differs from the one before it. */
const SAME_PERSON: readonly (readonly [string, object, object])[] = [
  ['nothing but the number', { family: 'Brackwater', ...AGED }, { family: 'Brackwater', ...AGED }],
  ['a changed surname alone', { family: 'Brackwater', ...AGED }, { family: 'Ashdown', ...AGED }],
  ['another date of birth alone', { family: 'Brackwater', ...AGED }, { family: 'Brackwater', birthDate: '1950-03-02' }],
  [
    'a placeholder date of birth, and another surname',
    { family: 'Brackwater', birthDate: '1900-01-01' },
    { family: 'Ashdown', ...AGED },
  ],
  ['a placeholder that comes later', { family: 'Brackwater', ...AGED }, { family: 'Ashdown', birthDate: '1900-01-01' }],
  ['no date of birth, and another surname', { family: 'Brackwater' }, { family: 'Ashdown', ...AGED }],
  [
    'a year of birth of that date, and another surname',
    { family: 'Brackwater', birthDate: '1950' },
    { family: 'Ashdown', ...AGED },
  ],
  [
    '"Baby of", and a corrected date',
    { family: 'Baby of Brackwater', birthDate: '2026-01-02' },
    { family: 'Ashdown', birthDate: '2026-01-03' },
  ],
  ['"BABY", and a corrected date', { family: 'BABY', birthDate: '2026-01-02' }, { family: 'Ashdown', birthDate: '2026-01-03' }],
  [
    'case and accents alone, and another date',
    { family: 'BRÖCKWATER', ...AGED },
    { family: 'Brockwater', birthDate: '1960-01-01' },
  ],
  ['no family name, and another date', { ...AGED }, { family: 'Ashdown', birthDate: '1960-01-01' }],
];

interface Described {
  readonly family?: string;
  readonly birthDate?: string;
}
const describedAs = ({ family, birthDate }: Described, identifier: readonly object[], id: string) => ({
  ...somebody('', identifier, { id, ...(birthDate === undefined ? {} : { birthDate }) }),
  name: [family === undefined ? { given: ['Edith'] } : { family }],
});

const METHODS = ['POST', 'PUT', 'transaction'] as const;
const send = async (method: (typeof METHODS)[number], patient: ReturnType<typeof describedAs>) => {
  if (method === 'POST') return hospital.post(patient, SAYING);
  if (method === 'PUT') return hospital.put(`Patient/${patient.id}`, patient, SAYING);
  return hospital.transaction(patient);
};

describe.each(SAME_PERSON)('a patient known by own id who comes with another patient number: %s', (_case, before, after) => {
  it.each(METHODS)('is the same person by %s, and the old number still leads there', async (method) => {
    const [id, old, now] = [unique('own'), unique('old'), unique('new')];
    const first = await hospital.post(describedAs(before, [mr(old)], id));
    await hospital.post(allergy('penicillin', byMr(old)));
    const second = await send(method, describedAs(after, [mr(now)], id));
    expect([200, 201]).toContain(second.status);
    expect(noticesIn(second)).toEqual([]);
    const person = personIn(first);
    for (const [text, about] of [
      ['by the old number', byMr(old)],
      ['by the new number', byMr(now)],
      ['by the id', { reference: `Patient/${id}` }],
    ] as const)
      expect(personIn(await hospital.post(result(text, about)))).toBe(person);
    expect(await partners.record(person)).toContain('uhd AllergyIntolerance penicillin');
    expect((await partners.record(person)).filter((line) => line.includes('Patient'))).toHaveLength(1);
    expect(await partners.questions(person)).toEqual([]);
  });
});

const TWO_PEOPLE: readonly (readonly [string, Described, Described])[] = [
  ['both', { family: 'Brackwater', birthDate: '1950-02-03' }, { family: 'Ashdown', birthDate: '1990-05-06' }],
  [
    'both, the date known by its year',
    { family: 'Brackwater', birthDate: '1950' },
    { family: 'Ashdown', birthDate: '1990-05-06' },
  ],
];

describe.each(TWO_PEOPLE)(
  'a patient known by own id whose number is new, and who differs in date of birth and family name: %s',
  (_case, before, after) => {
    it('is somebody else: two persons, it is said, and asked', async () => {
      const [id, old, now] = [unique('own'), unique('old'), unique('new')];
      const first = await hospital.post(describedAs(before, [mr(old)], id));
      await hospital.post(allergy('penicillin', byMr(old)));
      const second = await hospital.post(describedAs(after, [mr(now)], id), SAYING);
      expect(noticesIn(second)).toEqual(['two-persons']);
      expect(personIn(second)).not.toBe(personIn(first));
      expect(await partners.record(personIn(second))).toEqual([`uhd Patient ${after.family}`]);
      expect(await partners.record(personIn(first))).toContain('uhd AllergyIntolerance penicillin');
      expect(await partners.questions(personIn(first), personIn(second))).toContain('possible-duplicate');
      expect(await partners.linked(personIn(first))).toEqual([personIn(first)]);
    });
  },
);

describe('a patient number that is known, of somebody else', () => {
  /** Two patients of one source, each with an allergy. */
  async function two() {
    const [a, b] = [unique('A'), unique('B')];
    const ada = await hospital.post(somebody('Ada', [mr(a)], { id: a, birthDate: '1950-02-03' }));
    const ben = await hospital.post(somebody('Ben', [mr(b)], { id: b, birthDate: '1990-05-06' }));
    await hospital.post(allergy('penicillin', byMr(a)));
    await hospital.post(allergy('latex', byMr(b)));
    return { a, b, ada: personIn(ada), ben: personIn(ben) };
  }

  it('is stronger than an own id, and nothing is joined', async () => {
    const { a, b, ada, ben } = await two();
    const answer = await hospital.post(somebody('Ben', [mr(b)], { id: a, birthDate: '1990-05-06' }), SAYING);
    expect(noticesIn(answer)).toEqual(['two-persons']);
    expect(personIn(answer)).toBe(ben);
    expect(await partners.linked(ada)).toEqual([ada]);
    expect(await partners.linked(ben)).toEqual([ben]);
    expect(await partners.questions(ada, ben)).toContain('possible-duplicate');
    expect(await partners.record(ada)).not.toContain('uhd AllergyIntolerance latex');
    expect(await partners.record(ben)).not.toContain('uhd AllergyIntolerance penicillin');
  });

  it('beside another known one joins nobody', async () => {
    const { a, b, ada, ben } = await two();
    const answer = await hospital.post(somebody('Cem', [mr(a), mr(b)]), SAYING);
    expect(noticesIn(answer)).toEqual(['two-persons']);
    expect([ada, ben]).toContain(personIn(answer));
    expect(await partners.linked(ada)).toEqual([ada]);
    expect(await partners.linked(ben)).toEqual([ben]);
  });

  it('still leads to its own person afterwards', async () => {
    const { a, b, ada, ben } = await two();
    await hospital.post(somebody('Cem', [mr(a), mr(b)], { id: unique('cem') }));
    expect(personIn(await hospital.post(result('of Ada', byMr(a))))).toBe(ada);
    expect(personIn(await hospital.post(result('of Ben', byMr(b))))).toBe(ben);
    expect(personIn(await hospital.post(result('of Ada', { reference: `Patient/${a}` })))).toBe(ada);
    expect(personIn(await hospital.post(result('of Ben', { reference: `Patient/${b}` })))).toBe(ben);
  });
});

describe('different local numbers where NHS numbers agree', () => {
  it('are no disagreement: one person, nobody is asked', async () => {
    const [a, b, number] = [unique('A'), unique('B'), nhsNumber()];
    const first = await hospital.post(somebody('Ada', [mr(a), nhs(number)], { ...AGED, id: a }));
    const second = await hospital.post(somebody('Ada', [mr(b), nhs(number)], { ...AGED, id: b }), SAYING);
    expect([personIn(first), personIn(second)]).toEqual([numbered(number), numbered(number)]);
    expect(noticesIn(second)).toEqual([]);
    expect(await partners.questions(numbered(number))).toEqual([]);
    for (const value of [a, b]) expect(personIn(await hospital.post(result(value, byMr(value))))).toBe(numbered(number));
  });

  it('are none either under one own id', async () => {
    const [id, a, b, number] = [unique('own'), unique('A'), unique('B'), nhsNumber()];
    const first = await hospital.post(somebody('Ada', [mr(a), nhs(number)], { id }));
    const second = await hospital.post(somebody('Ada', [mr(b), nhs(number)], { id }), SAYING);
    expect([addressIn(second), noticesIn(second)]).toEqual([addressIn(first), []]);
    expect(personIn(await hospital.post(result('by the old one', byMr(a))))).toBe(numbered(number));
  });
});

describe('a temporary number of a baby', () => {
  it('strands nothing when the number that stays comes, with another name and a corrected date', async () => {
    const [id, temporary, stays] = [unique('own'), unique('T'), unique('M')];
    const first = await hospital.post(describedAs({ family: 'Baby of Ashdown', birthDate: '2026-01-02' }, [mr(temporary)], id));
    await hospital.post(allergy('latex', { reference: `Patient/${id}` }));
    const identifier = [mr(stays), mr(temporary, { use: 'old' })];
    const second = await hospital.post(describedAs({ family: 'Ashdown', birthDate: '2026-01-03' }, identifier, id), SAYING);
    expect([addressIn(second), noticesIn(second)]).toEqual([addressIn(first), []]);
    expect(await partners.record(personIn(first))).toEqual(['uhd AllergyIntolerance latex', 'uhd Patient Ashdown']);
  });

  it('that is marked temporary names nobody: two babies who get the same one are two', async () => {
    const temporary = unique('T');
    const [one, two] = [
      await hospital.post(somebody('One', [mr(temporary, { use: 'temp' })], { id: unique('own') })),
      await hospital.post(somebody('Two', [mr(temporary, { use: 'temp' })], { id: unique('own') })),
    ];
    expect(personIn(one)).not.toBe(personIn(two));
  });
});
