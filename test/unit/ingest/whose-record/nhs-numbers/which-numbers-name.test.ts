import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codesOf } from '../../ingesting.ts';
import { noticesIn, numbered, type Partner, type Partners, personIn, SAYING, startPartners } from '../../partners.ts';
import { byNhs, mr, NHS, nhs, nhsNumber, nhsWithStatus, result, somebody, unique } from '../../resources.ts';

let partners: Partners;
let hospital: Partner;
let other: Partner;
beforeAll(async () => {
  partners = await startPartners();
  [hospital, other] = [partners.partner('uhd'), partners.partner('dch')];
});
afterAll(() => partners.stop());

/** The last digit is wrong. */
const wrong = (number: string) => `${number.slice(0, 9)}${(Number(number[9]) + 1) % 10}`;

/** Texts and identifiers that name nobody. */
const NOBODY: readonly (readonly [string, () => object])[] = [
  ...Array.from({ length: 10 }, (_, digit) => [`${digit}`.repeat(10), () => nhs(`${digit}`.repeat(10))] as const),
  ['use old', () => nhs(nhsNumber(), { use: 'old' })],
  ['use temp', () => nhs(nhsNumber(), { use: 'temp' })],
  ['a period that has ended', () => nhs(nhsNumber(), { period: { end: '2020-01-31' } })],
  ['status 04, traced to none or several', () => nhsWithStatus(nhsNumber(), '04')],
  ['status 05, conflicting details', () => nhsWithStatus(nhsNumber(), '05')],
];

describe.each(NOBODY)('an NHS number that names nobody: %s', (_case, make) => {
  it('refuses nothing, and makes nobody somebody', async () => {
    const identifier = make() as { value: string };
    const [a, b] = [unique('A'), unique('B')];
    const first = await hospital.post(somebody('Ada', [identifier, mr(a)]));
    const second = await hospital.post(somebody('Ben', [identifier, mr(b)]), SAYING);
    const theirs = await other.post(somebody('Cem', [identifier]));
    expect([first.status, second.status, theirs.status, noticesIn(second)]).toEqual([201, 201, 201, []]);
    expect(new Set([first, second, theirs].map(personIn)).size).toBe(3);
    expect([first, second, theirs].map(personIn)).not.toContain(numbered(identifier.value));
  });

  it('leads to a new person each time when it is all there is', async () => {
    const identifier = make();
    const answers = [await hospital.post(somebody('Ada', [identifier])), await hospital.post(somebody('Ben', [identifier]))];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(new Set(answers.map(personIn)).size).toBe(2);
  });
});

describe('an NHS number that was never issued', () => {
  it.each(['0000000000', '9999999999', wrong('9990000018'), 'UNKNOWN'])('%s is nobody that a result is about', async (value) => {
    await hospital.post(somebody('Ada', [nhs(value), mr(unique('A'))]));
    for (const subject of [byNhs(value), { reference: `Patient?identifier=${encodeURIComponent(`${NHS}|${value}`)}` }]) {
      const answer = await hospital.post(result('weight', subject));
      expect([400, 422]).toContain(answer.status);
      expect(JSON.stringify(answer.body)).not.toContain(value);
    }
  });
});

/** The ten digits as people write them. */
const WRITTEN: readonly (readonly [string, (number: string) => string])[] = [
  ['spaces', (number) => number.replace(/(...)(...)/, '$1 $2 ')],
  ['hyphens', (number) => number.replace(/(...)(...)/, '$1-$2-')],
  ['no-break spaces', (number) => number.replace(/(...)(...)/, '$1\u00a0$2\u00a0')],
];

/** Numbers that are no NHS number at all: told at once, so that somebody mends them. */
const INVALID: readonly (readonly [string, (number: string) => string])[] = [
  ...WRITTEN,
  ['a wrong check digit', wrong],
  ['nine digits', (number) => number.slice(0, 9)],
  ['eleven digits', (number) => `${number}0`],
  ['words', () => 'UNKNOWN'],
];

describe.each(INVALID)('an NHS number with %s', (_case, write) => {
  it('is refused with what to do, and makes nobody somebody', async () => {
    const number = nhsNumber();
    await other.post(somebody('Ada', [nhs(number)]));
    const answer = await hospital.post(somebody('Ben', [nhs(write(number)), mr(unique('A'))]));
    expect([answer.status, codesOf(answer)]).toEqual([400, ['bad-nhs-number']]);
    expect(await partners.record(numbered(number))).toEqual(['dch Patient Ada']);
  });
});

describe.each(WRITTEN)('a condition with an NHS number written with %s', (_case, write) => {
  it('finds the person of its ten digits', async () => {
    const number = nhsNumber();
    await other.post(somebody('Ada', [nhs(number)]));
    const conditional = { reference: `Patient?identifier=${encodeURIComponent(`${NHS}|${write(number)}`)}` };
    const referred = await hospital.post(result('weight', conditional));
    expect([referred.status, personIn(referred)]).toEqual([201, numbered(number)]);
  });
});

describe('an NHS number that is good', () => {
  it.each<[string, (number: string) => object]>([
    ['verified', (number) => nhsWithStatus(number, '01')],
    ['not yet verified', (number) => nhsWithStatus(number, '02')],
    ['of a period that goes on', (number) => nhs(number, { period: { start: '2020-01-01', end: '2999-12-31' } })],
    ['official', (number) => nhs(number, { use: 'official' })],
    ['secondary', (number) => nhs(number, { use: 'secondary' })],
  ])('names the same person for everybody: %s', async (_case, make) => {
    const number = nhsNumber();
    const ours = await hospital.post(somebody('Ada', [make(number), mr(unique('A'))]));
    const theirs = await other.post(somebody('Ada', [nhs(number)]));
    expect([personIn(ours), personIn(theirs)]).toEqual([numbered(number), numbered(number)]);
  });
});
