import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressesIn, addressIn, type Partner, type Partners, putEntry, type Resource, startPartners } from '../partners.ts';
import { unique } from '../resources.ts';
import { amountsOf, coding, LAB, POTASSIUM, report, SODIUM } from './report.ts';

let partners: Partners;
let laboratory: Partner;
beforeAll(async () => {
  partners = await startPartners();
  laboratory = partners.partner('uhd');
});
afterAll(() => partners.stop());

describe('two results that share a report number', () => {
  const BOTH = [[128], [6.9]];

  it.each(['PUT', 'POST with ids', 'POST without ids', 'transaction', 'batch', 'transaction of PUTs'])(
    'are two by %s, in either order',
    async (how) => {
      for (const backwards of [false, true]) {
        const { number, potassium, sodium } = report();
        const named =
          how === 'POST without ids' ? [potassium, sodium] : [potassium, sodium].map((one) => ({ ...one, id: unique('o') }));
        const resources = backwards ? named.toReversed() : named;
        if (how === 'PUT') for (const one of resources) await laboratory.put(`Observation/${(one as { id: string }).id}`, one);
        else if (how.startsWith('POST')) for (const one of resources) await laboratory.post(one);
        else if (how === 'transaction of PUTs') await laboratory.transaction(...resources.map((one) => putEntry(one)));
        else await laboratory[how as 'transaction' | 'batch'](...resources);
        expect(await amountsOf(partners, number)).toEqual(BOTH);
      }
    },
  );

  it('stay two when each is corrected, without ids', async () => {
    const { number, of, potassium, sodium } = report();
    await laboratory.transaction(potassium, sodium);
    await laboratory.post(of(SODIUM, 138));
    await laboratory.transaction(of(POTASSIUM, 4.1), of(SODIUM, 138));
    expect(await amountsOf(partners, number)).toEqual([
      [128, 138],
      [6.9, 4.1],
    ]);
  });

  it('are two with one code too when their source gives them ids', async () => {
    const { number, of } = report();
    const [one, two] = [of(POTASSIUM, 6.9, { id: unique('k') }), of(POTASSIUM, 4.1, { id: unique('n') })];
    await laboratory.put(`Observation/${one.id}`, one);
    await laboratory.put(`Observation/${two.id}`, two);
    expect(await amountsOf(partners, number)).toEqual([[6.9], [4.1]]);
  });

  it('are one when both number and code are the same and nothing else names them', async () => {
    const { number, of } = report();
    const first = await laboratory.post(of(POTASSIUM, 6.9));
    const second = await laboratory.post(of(POTASSIUM, 4.1));
    expect([second.status, addressIn(second)]).toEqual([200, addressIn(first)]);
    expect(await amountsOf(partners, number)).toEqual([[6.9, 4.1]]);
  });

  it('are named by the code, never by how it is displayed, nor by the order of codings and identifiers', async () => {
    const { number, of, value } = report();
    const second = { system: 'https://uhd.example/order', value };
    const identifier = [{ system: LAB, value }, second];
    const local = { system: 'https://uhd.example/tests', code: 'K' };
    const codes = [
      { coding: [coding('2823-3'), local] },
      { coding: [coding('2823-3', 'Potassium'), local], text: 'K+' },
      { coding: [local, coding('2823-3', 'Kalium')] },
    ];
    const addresses = [];
    for (const [index, code] of codes.entries())
      addresses.push(
        addressIn(await laboratory.post(of(code, index, { identifier: index === 1 ? identifier.toReversed() : identifier }))),
      );
    expect(new Set(addresses).size).toBe(1);
    expect(await amountsOf(partners, number)).toEqual([[0, 1, 2]]);
  });

  it('are two where only a text tells them apart', async () => {
    const { number, of } = report();
    await laboratory.transaction(of({ text: 'Potassium' }, 6.9), of({ text: 'Sodium' }, 128));
    await laboratory.post(of({ text: 'Sodium' }, 128));
    expect(await amountsOf(partners, number)).toEqual(BOTH);
  });

  it('are two in different systems of one code', async () => {
    const { number, of } = report();
    await laboratory.transaction(
      of({ coding: [{ system: 'urn:a', code: '1' }] }, 6.9),
      of({ coding: [{ system: 'urn:b', code: '1' }] }, 128),
    );
    expect(await amountsOf(partners, number)).toEqual(BOTH);
  });

  it('are two where system and code only join to the same text', async () => {
    const { number, of } = report();
    await laboratory.transaction(
      of({ coding: [{ system: 'urn:a', code: 'x|y' }] }, 6.9),
      of({ coding: [{ system: 'urn:a|x', code: 'y' }] }, 128),
    );
    expect(await amountsOf(partners, number)).toEqual(BOTH);
  });
});

describe('results e and f in a bundle, g alone, then e again alone', () => {
  const CODES = { e: POTASSIUM, f: SODIUM, g: { coding: [coding('2160-0')] } };

  it.each(['with ids', 'without ids'])('are three, and e is unchanged: %s', async (how) => {
    const { number, of } = report();
    const [e, f, g] = Object.entries(CODES).map(([id, code], index) =>
      of(code, index + 1, how === 'with ids' ? { id: unique(id) } : {}),
    ) as [Resource, Resource, Resource];
    const bundle = await laboratory.transaction(e, f);
    await laboratory.post(g);
    const again = await laboratory.post(e);
    expect([again.status, addressIn(again), again.headers.etag]).toEqual([200, addressesIn(bundle)[0], 'W/"1"']);
    expect(await amountsOf(partners, number)).toEqual([[3], [2], [1]]);
  });

  it('are three with one code, by their ids', async () => {
    const { number, of } = report();
    const [e, f, g] = ['e', 'f', 'g'].map((id, index) => of(POTASSIUM, index + 1, { id: unique(id) })) as [
      Resource,
      Resource,
      Resource,
    ];
    await laboratory.transaction(e, f);
    await laboratory.post(g);
    await laboratory.transaction(g, e);
    await laboratory.batch(f, e, g);
    expect(await amountsOf(partners, number)).toEqual([[3], [2], [1]]);
  });
});
