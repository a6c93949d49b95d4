import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codesOf } from '../ingesting.ts';
import {
  addressesIn,
  addressIn,
  noticesIn,
  type Partner,
  type Partners,
  type Resource,
  SAYING,
  startPartners,
  statusesIn,
} from '../partners.ts';
import { byNhs, nhsNumber, typed, unique } from '../resources.ts';
import { amountsOf, coding, LAB, POTASSIUM, report, SODIUM } from './report.ts';

let partners: Partners;
let laboratory: Partner;
beforeAll(async () => {
  partners = await startPartners();
  laboratory = partners.partner('uhd');
});
afterAll(() => partners.stop());

const IMP = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' };

describe('which identifiers name', () => {
  const at = (value: string, more: object = {}) => ({ system: LAB, value, ...more });
  const same = async (one: object[], other: object[]) => {
    const number = nhsNumber();
    const stay = (identifier: object[]) => ({
      resourceType: 'Encounter',
      status: 'in-progress',
      class: IMP,
      subject: byNhs(number),
      identifier,
    });
    const [first, second] = [await laboratory.post(stay(one)), await laboratory.post(stay(other))];
    expect(first.status).toBe(201);
    return addressIn(first) === addressIn(second);
  };

  it.each<[string, (a: string, b: string) => [object[], object[]], boolean]>([
    [
      'the official ones, whatever others come and go',
      (a, b) => [[at(a, { use: 'official' }), at(b)], [at(a, { use: 'official' })]],
      true,
    ],
    ['all of the best rank together', (a, b) => [[at(a), at(b)], [at(a)]], false],
    [
      'in any order',
      (a, b) => [
        [at(a), at(b)],
        [at(b), at(a)],
      ],
      true,
    ],
    ['given twice', (a) => [[at(a)], [at(a), at(a)]], true],
    [
      'usual and no use are one rank',
      (a, b) => [
        [at(a, { use: 'usual' }), at(b)],
        [at(a), at(b, { use: 'usual' })],
      ],
      true,
    ],
    ['secondary ones only where there is no better', (a, b) => [[at(a), at(b, { use: 'secondary' })], [at(a)]], true],
    ['never temporary ones', (a) => [[at(a, { use: 'temp' })], [at(a, { use: 'temp' })]], false],
    ['never old ones', (a) => [[at(a, { use: 'old' })], [at(a, { use: 'old' })]], false],
    ['never one without a system', (a) => [[{ value: a }], [{ value: a }]], false],
    ['never a patient number', (a) => [[typed('MR', LAB, a)], [typed('MR', LAB, a)]], false],
    [
      'not where the text of system and value only joins alike',
      (a) => [[{ system: `urn:x`, value: `y|${a}` }], [{ system: 'urn:x|y', value: a }]],
      false,
    ],
  ])('%s', async (_case, make, expected) => {
    expect(await same(...make(unique('a'), unique('b')))).toBe(expected);
  });

  it('never an accession number on results: they are two, and each request makes them anew', async () => {
    const { number, of } = report();
    const identifier = [typed('ACSN', LAB, unique('acc'))];
    await laboratory.transaction(of(POTASSIUM, 6.9, { identifier }), of(POTASSIUM, 4.1, { identifier }));
    expect(await amountsOf(partners, number)).toEqual([[6.9], [4.1]]);
    await laboratory.transaction(of(POTASSIUM, 6.9, { identifier }), of(POTASSIUM, 4.1, { identifier }));
    expect(await amountsOf(partners, number)).toEqual([[6.9], [4.1]]);
  });

  it('the master identifier of a document alone', async () => {
    const [number, master] = [nhsNumber(), unique('master')];
    const letter = (value: string): Resource => ({
      resourceType: 'DocumentReference',
      status: 'current',
      masterIdentifier: { system: LAB, value: master },
      identifier: [{ system: LAB, value, use: 'official' }],
      subject: byNhs(number),
      content: [{ attachment: { title: value } }],
    });
    const [first, second] = [await laboratory.post(letter('1')), await laboratory.post(letter('2'))];
    expect([second.status, addressIn(second)]).toEqual([200, addressIn(first)]);
  });
});

describe('a POST whose identifier stands on another thing', () => {
  it('is told where, so that it can be corrected', async () => {
    const { of } = report();
    const first = await laboratory.post(of(POTASSIUM, 6.9));
    const second = await laboratory.post(of(SODIUM, 6.9), SAYING);
    expect([second.status, noticesIn(second)]).toEqual([201, ['identifier-stands-elsewhere']]);
    expect(JSON.stringify(second.body)).toContain(addressIn(first));
    const bundle = await laboratory.transaction(of({ coding: [coding('2160-0')] }, 1));
    expect(noticesIn(bundle)).toEqual(['identifier-stands-elsewhere']);
    // Corrected as it says
    expect((await laboratory.delete(addressIn(first))).status).toBe(204);
  });

  it('is not told of what another organisation or nobody has, nor when it is only sent again', async () => {
    const { of, potassium } = report();
    await partners.partner('dch').post(potassium);
    const answers = [await laboratory.post(of(SODIUM, 1), SAYING), await laboratory.post(of(SODIUM, 1), SAYING)];
    expect(answers.flatMap(noticesIn)).toEqual([]);
  });

  it('may be stated otherwise at its address: a code is corrected by PUT of our id', async () => {
    const { number, of } = report();
    const first = await laboratory.post(of(POTASSIUM, 6.9));
    const corrected = await laboratory.put(addressIn(first), { ...of(SODIUM, 6.9), id: addressIn(first).split('/')[1] });
    expect([corrected.status, addressIn(corrected)]).toEqual([200, addressIn(first)]);
    expect(await amountsOf(partners, number)).toEqual([[6.9, 6.9]]);
  });
});

describe('two entries of one transaction with one name', () => {
  it('are one where they say the same, and both are answered', async () => {
    const { number, potassium } = report();
    const answer = await laboratory.transaction(potassium, potassium);
    expect(statusesIn(answer)).toEqual([201, 201]);
    const [one, two] = addressesIn(answer);
    expect(one).toBe(two);
    expect(await amountsOf(partners, number)).toEqual([[6.9]]);
  });

  it('are refused where they say different things', async () => {
    const { number, of } = report();
    for (const entries of [
      [of(POTASSIUM, 6.9), of(POTASSIUM, 4.1)],
      [of(POTASSIUM, 6.9, { id: 'twice' }), of(SODIUM, 4.1, { id: 'twice' })],
    ]) {
      const answer = await laboratory.transaction(...entries);
      expect([answer.status, codesOf(answer)]).toEqual([400, ['duplicate-entry']]);
    }
    expect(await amountsOf(partners, number)).toEqual([]);
  });

  it('are written one after the other in a batch', async () => {
    const { number, of } = report();
    const answer = await laboratory.batch(of(POTASSIUM, 6.9), of(POTASSIUM, 4.1));
    expect(statusesIn(answer)).toEqual([201, 200]);
    expect(await amountsOf(partners, number)).toEqual([[6.9, 4.1]]);
  });
});
