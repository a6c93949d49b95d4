import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addressesIn,
  addressIn,
  noticesIn,
  numbered,
  type Partners,
  personIn,
  putEntry,
  SAYING,
  startPartners,
  statusesIn,
} from '../partners.ts';
import { allergy, byNhs, mr, nhs, nhsNumber, result, somebody, unique } from '../resources.ts';

let partners: Partners;
beforeAll(async () => {
  partners = await startPartners([{ organisation: 'uhd', name: 'converter', stableIds: false }]);
});
afterAll(() => partners.stop());

const LAB = 'https://uhd.example/lab';
const coded = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }], text: code });

/** What a converter sends each night: the same things, under ids that it makes up anew. */
function extract(number: string, key: string, withIds: boolean) {
  const id = () => (withIds ? { id: unique('random') } : {});
  const identifier = (value: string) => [{ system: LAB, value: `${key}-${value}` }];
  return [
    { ...somebody('Ada', [nhs(number), mr(key)]), ...id() },
    { ...result('potassium', byNhs(number), { identifier: identifier('1'), code: coded('2823-3') }), ...id() },
    { ...result('sodium', byNhs(number), { identifier: identifier('1'), code: coded('2951-2') }), ...id() },
    { ...allergy('penicillin', byNhs(number), { identifier: identifier('2') }), ...id() },
  ];
}

describe('a source whose ids are not stable', () => {
  it.each(['transaction', 'batch', 'POST', 'PUT'] as const)('never doubles the record, night after night, by %s', async (how) => {
    const converter = partners.partner('uhd', 'converter');
    const [number, key] = [nhsNumber(), unique('M')];
    const nights: (string | undefined)[][] = [];
    for (let night = 0; night < 3; night++) {
      const resources = extract(number, key, true);
      if (how === 'transaction' || how === 'batch') nights.push(addressesIn(await converter[how](...resources)));
      else {
        const addresses = [];
        for (const one of resources)
          addresses.push(
            addressIn(
              how === 'POST'
                ? await converter.post(one)
                : await converter.put(`${one.resourceType}/${(one as { id: string }).id}`, one),
            ),
          );
        nights.push(addresses);
      }
    }
    expect(nights[1]).toEqual(nights[0]);
    expect(nights[2]).toEqual(nights[0]);
    const fold = await partners.ingest.store.fold(numbered(number));
    expect([...fold.fragments.values()].map(({ version }) => version)).toEqual([1, 1, 1, 1]);
    expect(await partners.questions(numbered(number))).toEqual([]);
  });

  it('refers to its other entries by those ids all the same, within one bundle', async () => {
    const converter = partners.partner('uhd', 'converter');
    const number = nhsNumber();
    for (let night = 0; night < 2; night++) {
      const [patient, weight] = [unique('p'), unique('o')];
      const answer = await converter.transaction(
        putEntry(somebody('Ada', [nhs(number)], { id: patient })),
        putEntry(
          result('weight', { reference: `Patient/${patient}` }, { id: weight, identifier: [{ system: LAB, value: number }] }),
        ),
        putEntry(
          result(
            'sum',
            { reference: `Patient/${patient}` },
            {
              id: unique('o'),
              identifier: [{ system: LAB, value: `${number}-sum` }],
              derivedFrom: [{ reference: `Observation/${weight}` }],
            },
          ),
        ),
      );
      expect(statusesIn(answer)).toEqual(night === 0 ? [201, 201, 201] : [200, 200, 200]);
      const [, one, sum] = addressesIn(answer);
      const [latest, ...older] = await partners.versions(sum!);
      expect([JSON.parse(latest!.body!).derivedFrom, older]).toEqual([[{ reference: one }], []]);
    }
  });

  it('does not know a patient by such an id in the next request', async () => {
    const converter = partners.partner('uhd', 'converter');
    const id = unique('random');
    const first = await converter.post(somebody('Ada', [mr(unique('M'))], { id }));
    const second = await converter.post(somebody('Ben', [mr(unique('M'))], { id }));
    expect(personIn(second)).not.toBe(personIn(first));
    expect((await converter.post(allergy('latex', { reference: `Patient/${id}` }))).status).toBe(422);
  });
});

describe('a source that is taken to have stable ids', () => {
  it('is told, and asked, when the same thing comes under another id', async () => {
    const source = partners.partner('uhd');
    const [number, key] = [nhsNumber(), unique('M')];
    await source.transaction(...extract(number, key, true));
    const answer = await source.transaction(...extract(number, key, true));
    expect(new Set(noticesIn(answer))).toEqual(new Set(['unstable-ids']));
    expect(await partners.questions(numbered(number))).toContain('unstable-ids');
  });

  it('is told by POST and PUT alone too', async () => {
    const source = partners.partner('uhd');
    const number = nhsNumber();
    const weight = () => result('weight', byNhs(number), { id: unique('o'), identifier: [{ system: LAB, value: number }] });
    await source.post(weight());
    const posted = await source.post(weight(), SAYING);
    const again = weight();
    const put = await source.put(`Observation/${again.id}`, again, SAYING);
    expect([noticesIn(posted), noticesIn(put)]).toEqual([['unstable-ids'], ['unstable-ids']]);
  });

  it('is not told of different things that share an identifier, nor of the same thing sent again', async () => {
    const source = partners.partner('uhd');
    const number = nhsNumber();
    const identifier = [{ system: LAB, value: number }];
    const potassium = result('potassium', byNhs(number), { id: unique('o'), identifier, code: coded('2823-3') });
    const sodium = result('sodium', byNhs(number), { id: unique('o'), identifier, code: coded('2951-2') });
    const answers = [
      await source.post(potassium, SAYING),
      await source.post(sodium, SAYING),
      await source.post(potassium, SAYING),
    ];
    expect(answers.flatMap(noticesIn).filter((code) => code === 'unstable-ids')).toEqual([]);
    expect(await partners.questions(numbered(number))).not.toContain('unstable-ids');
  });
});
