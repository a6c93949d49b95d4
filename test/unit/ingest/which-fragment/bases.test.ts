import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressesIn, type Partner, type Partners, postEntry, type Resource, startPartners, statusesIn } from '../partners.ts';
import { byNhs, nhsNumber, result, unique } from '../resources.ts';

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

const A = 'https://a.example';
const B = 'https://b.example';

const encounter = (number: string): Resource => ({
  resourceType: 'Encounter',
  status: 'finished',
  class: { code: 'IMP' },
  subject: byNhs(number),
});

/** Encounters of one id under two bases, and a result of each server that refers to its own by a relative reference. */
function twoServers() {
  const [number, id] = [nhsNumber(), unique('5')];
  const at = (base: string, more: object = {}) => postEntry({ ...encounter(number), ...more }, `${base}/Encounter/${id}`);
  const measured = (base: string, text: string) =>
    postEntry(result(text, byNhs(number), { encounter: { reference: `Encounter/${id}` } }), `${base}/Observation/${unique('o')}`);
  return { number, id, at, measured };
}

/** The encounter that a result refers to. */
const encounterOf = async (address: string) => JSON.parse((await partners.versions(address))[0]!.body!).encounter;

describe.each(['transaction', 'batch'] as const)('a relative reference in a %s', (kind) => {
  it('leads to what has the base of its own entry, in any order', async () => {
    const { at, measured } = twoServers();
    const entries = [at(A), at(B, { priority: { text: 'b' } }), measured(A, 'of a'), measured(B, 'of b')];
    for (const [order, back] of [
      [
        [0, 1, 2, 3],
        [0, 1, 2, 3],
      ],
      [
        [3, 2, 1, 0],
        [3, 2, 1, 0],
      ],
      [
        [1, 2, 0, 3],
        [2, 0, 1, 3],
      ],
    ] as const) {
      const answer = await hospital[kind](...order.map((index) => entries[index]!));
      const addresses = back.map((place) => addressesIn(answer)[place]!);
      expect(addresses[0]).not.toBe(addresses[1]);
      expect((await encounterOf(addresses[2]!)).reference).toBe(addresses[0]);
      expect((await encounterOf(addresses[3]!)).reference).toBe(addresses[1]);
    }
  });

  it('leads to nothing when only another base has that id, in the bundle or before', async () => {
    const { id, at, measured } = twoServers();
    const [, ofB] = addressesIn(await hospital[kind](at(A), measured(B, 'of b')));
    await hospital.transaction(at(A));
    const [later] = addressesIn(await hospital[kind](measured(B, 'of b, later')));
    for (const address of [ofB!, later!]) {
      const { reference, type, identifier } = await encounterOf(address);
      expect(reference).toBeUndefined();
      expect([type, identifier]).toEqual(['Encounter', { system: 'urn:chesil:source-id', value: `${B}/Encounter/${id}` }]);
    }
  });

  it('leads to what came under that base before', async () => {
    const { at, measured } = twoServers();
    const [before] = addressesIn(await hospital.transaction(at(B)));
    const [address] = addressesIn(await hospital[kind](measured(B, 'of b')));
    expect((await encounterOf(address!)).reference).toBe(before);
  });

  it('that led to nothing is resolved when both are sent again', async () => {
    const { at, measured } = twoServers();
    const ofB = measured(B, 'of b');
    const [address] = addressesIn(await hospital[kind](ofB));
    expect((await encounterOf(address!)).reference).toBeUndefined();
    const answer = await hospital[kind](at(B), ofB);
    expect(addressesIn(answer)[1]).toBe(address);
    expect((await encounterOf(address!)).reference).toBe(addressesIn(answer)[0]);
  });

  it('of an entry under urn:uuid, or without fullUrl, has no base', async () => {
    const { number, id } = twoServers();
    const [bare] = addressesIn(await hospital.transaction(postEntry({ ...encounter(number), id })));
    const refers = (text: string) => result(text, byNhs(number), { encounter: { reference: `Encounter/${id}` } });
    const answer = await hospital[kind](
      postEntry(refers('without')),
      postEntry(refers('with uuid'), 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0'),
    );
    for (const address of addressesIn(answer)) expect((await encounterOf(address)).reference).toBe(bare);
  });
});

describe('an absolute reference', () => {
  it('leads to the entry of that address, or to what came under it before, and else stays', async () => {
    const { number, id, at } = twoServers();
    const refers = (base: string, text: string) =>
      postEntry(result(text, byNhs(number), { id: unique('o'), encounter: { reference: `${base}/Encounter/${id}` } }));
    const answer = await hospital.transaction(at(A), at(B, { priority: { text: 'b' } }), refers(A, 'of a'), refers(B, 'of b'));
    const [a, b, ofA, ofB] = addressesIn(answer) as [string, string, string, string];
    expect([(await encounterOf(ofA)).reference, (await encounterOf(ofB)).reference]).toEqual([a, b]);
    const [later] = addressesIn(await hospital.transaction(refers(A, 'later')));
    expect((await encounterOf(later!)).reference).toBe(a);
    const [nowhere] = addressesIn(await hospital.transaction(refers('https://c.example', 'of c')));
    expect((await encounterOf(nowhere!)).reference).toBe(`https://c.example/Encounter/${id}`);
  });
});

it('two entries under one id and two bases are two, by their fullUrl alone and with resource ids', async () => {
  const { number, id, at } = twoServers();
  const alone = await hospital.transaction(at(A), at(B));
  const withIds = await hospital.transaction(at(A, { id }), at(B, { id }));
  expect(statusesIn(alone)).toEqual([201, 201]);
  expect(addressesIn(withIds)).toEqual(addressesIn(alone));
  expect(new Set(addressesIn(alone)).size).toBe(2);
  expect(number).toHaveLength(10);
});
