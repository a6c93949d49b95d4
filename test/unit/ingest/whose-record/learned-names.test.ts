import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addressIn,
  numbered,
  type Partner,
  type Partners,
  personIn,
  type Resource,
  startPartners,
  statusesIn,
} from '../partners.ts';
import { allergy, byMr, mr, nhs, nhsNumber, result, somebody, unique } from '../resources.ts';

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

/** Names of one patient, and Patients that bear some of them. */
function names() {
  const [id, first, second, number] = [unique('own'), unique('M'), unique('N'), nhsNumber()];
  const bear = (...parts: ('id' | 'first' | 'second' | 'number')[]): Resource =>
    somebody(
      'Ada',
      [
        ...(parts.includes('first') ? [mr(first)] : []),
        ...(parts.includes('second') ? [mr(second)] : []),
        ...(parts.includes('number') ? [nhs(number)] : []),
      ],
      parts.includes('id') ? { id } : {},
    );
  return { id, first, second, number, bear };
}
type Names = ReturnType<typeof names>;

const ABOUT: Readonly<Record<string, (known: Names) => object>> = {
  id: ({ id }) => ({ reference: `Patient/${id}` }),
  first: ({ first }) => byMr(first),
  second: ({ second }) => byMr(second),
};

/** Histories of what one patient's Patients bear, and by which names things can be said then. */
const HISTORIES: readonly (readonly [readonly Parameters<Names['bear']>[], readonly string[]])[] = [
  [
    [['id'], ['id', 'first']],
    ['id', 'first'],
  ],
  [
    [['first'], ['id', 'first']],
    ['id', 'first'],
  ],
  [
    [['id', 'first'], ['id']],
    ['id', 'first'],
  ],
  [
    [['id', 'first'], ['first']],
    ['id', 'first'],
  ],
  [
    [['id'], ['id', 'first'], ['first', 'second']],
    ['id', 'first', 'second'],
  ],
  [
    [['first', 'second'], ['second'], ['id', 'second']],
    ['id', 'first', 'second'],
  ],
  [
    [
      ['id', 'first'],
      ['id', 'second'],
    ],
    ['id', 'first', 'second'],
  ],
  [
    [['id'], ['id', 'number'], ['id', 'first', 'number']],
    ['id', 'first'],
  ],
  [
    [['first'], ['first', 'number'], ['id', 'first']],
    ['id', 'first'],
  ],
  [
    [['number'], ['first', 'number'], ['id', 'first']],
    ['id', 'first'],
  ],
  [
    [
      ['id', 'number'],
      ['first', 'number'],
      ['first', 'second', 'number'],
    ],
    ['id', 'first', 'second'],
  ],
];

const titled = HISTORIES.map(([history, by]) => [history.map((parts) => parts.join('+')).join(', then '), history, by] as const);

describe('a patient whose names are learned one after the other', () => {
  it.each(titled)('is one person by all of them: %s', async (_title, history, by) => {
    const known = names();
    for (const parts of history) expect([200, 201]).toContain((await hospital.post(known.bear(...parts))).status);
    const said = [];
    for (const name of by) said.push(await hospital.post(result(`by ${name}`, ABOUT[name]!(known))));
    expect(said.map(({ status }) => status)).toEqual(by.map(() => 201));
    const records = new Set(
      await Promise.all(said.map(async (answer) => JSON.stringify(await partners.linked(personIn(answer))))),
    );
    expect(records.size).toBe(1);
    const record = await partners.record(personIn(said[0]!));
    expect(record.filter((line) => line.includes('Observation'))).toHaveLength(by.length);
    expect(await partners.questions(...(await partners.linked(personIn(said[0]!))))).toEqual([]);
  });

  it('is one person when they all come at once, to many instances', async () => {
    const known = names();
    const messages = [known.bear('id', 'first'), known.bear('id', 'first', 'number'), known.bear('first', 'number')];
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        partners.ingest.instance().send('POST', 'Patient', messages[index % messages.length], { as: 'uhd' }),
      ),
    );
    for (const { status } of answers) expect([200, 201]).toContain(status);
    // Once more, one after the other, as the next extract does
    for (const message of messages.toReversed()) await hospital.post(message);
    await hospital.post(allergy('latex', byMr(known.first)));
    expect(await partners.record(numbered(known.number))).toContain('uhd AllergyIntolerance latex');
  });
});

describe('two patients of one transaction who share a patient number', () => {
  it('are one person with two Patients, and everything said by either', async () => {
    const [number, one, two] = [unique('M'), unique('one'), unique('two')];
    const answer = await hospital.transaction(
      somebody('Ada', [mr(number)], { id: one }),
      somebody('Ada', [mr(number)], { id: two }),
      result('by one', { reference: `Patient/${one}` }),
      result('by two', { reference: `Patient/${two}` }),
    );
    expect(statusesIn(answer)).toEqual([201, 201, 201, 201]);
    const later = await hospital.post(result('by number', byMr(number)));
    expect(await partners.record(personIn(later))).toEqual([
      'uhd Observation by number',
      'uhd Observation by one',
      'uhd Observation by two',
      'uhd Patient Ada',
      'uhd Patient Ada',
    ]);
  });

  it('under one NHS number are one person too, and a third that comes later', async () => {
    const number = nhsNumber();
    const [one, two] = [
      somebody('Ada', [nhs(number)], { id: unique('one') }),
      somebody('Ada', [nhs(number)], { id: unique('two') }),
    ];
    await hospital.transaction(one, two);
    const third = await hospital.post(somebody('Ada', [nhs(number)]));
    expect(personIn(third)).toBe(numbered(number));
    expect(await partners.record(numbered(number))).toHaveLength(3);
    expect((await hospital.delete(addressIn(third))).status).toBe(204);
    expect(await partners.record(numbered(number))).toHaveLength(2);
  });
});
