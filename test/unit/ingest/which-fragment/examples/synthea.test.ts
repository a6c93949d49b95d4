/**
 * With a folder of bundles that Synthea itself wrote (`*.json`, gzipped or not) those are sent too:
 *
 *   SYNTHEA_FOLDER=../synthea/output/fhir npx vitest run test/unit/ingest/which-fragment/examples/synthea.test.ts
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressesIn, type Entry, type Partner, type Partners, personAt, startPartners, statusesIn } from '../../partners.ts';
import { unique } from '../../resources.ts';
import { bundleOf } from './synthea.ts';

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

const PERSON = /^Patient$/;

/** Sends a bundle three times, whole; and expects one person with everything in it, and nothing more. */
async function expectOnePerson(entries: readonly Entry[]): Promise<string> {
  const answer = await hospital.transaction(...entries);
  expect(statusesIn(answer)).toEqual(entries.map(() => 201));
  const addresses = addressesIn(answer);
  const persons = new Set(addresses.map(personAt));
  expect(persons.size).toBe(1);
  const [person] = [...persons] as [string];
  expect(await partners.linked(person)).toEqual([person]);
  const fold = await partners.ingest.store.fold(person);
  expect(fold.fragments.size).toBe(entries.length);
  expect(entries.filter(({ resource }) => PERSON.test(resource!.resourceType))).toHaveLength(1);
  for (const send of [hospital.transaction, hospital.batch]) {
    const again = await send(...entries);
    expect(addressesIn(again)).toEqual(addresses);
    expect(new Set(statusesIn(again))).toEqual(new Set([200]));
  }
  expect((await partners.ingest.store.fold(person)).sequence).toBe(fold.sequence);
  expect(await partners.questions(person)).toEqual([]);
  return person;
}

describe('a bundle in the shape of Synthea', () => {
  it('is exactly one person, whole, and the same when it comes again', async () => {
    await expectOnePerson(bundleOf(unique('one'), '999-00-0001'));
  });

  it('is another person than the next one, though they share every number that describes them', async () => {
    const shared = unique('shared');
    const persons = [];
    for (const key of [unique('mother'), unique('child'), unique('stranger')])
      persons.push(await expectOnePerson(bundleOf(key, shared)));
    expect(new Set(persons).size).toBe(3);
  });

  it('is two people when two of them come in one', async () => {
    const [one, two] = [bundleOf(unique('one'), '1'), bundleOf(unique('two'), '1')];
    const addresses = addressesIn(await hospital.transaction(...one, ...two));
    const [first, second] = [addresses.slice(0, one.length), addresses.slice(one.length)].map(
      (each) => new Set(each.map(personAt)),
    );
    expect([first!.size, second!.size, [...first!].some((one) => second!.has(one))]).toEqual([1, 1, false]);
  });
});

const folder = process.env.SYNTHEA_FOLDER;
const bundles = folder === undefined ? [] : readdirSync(folder).filter((file) => /\.json(\.gz)?$/.test(file));

describe.runIf(bundles.length > 0)('bundles of Synthea itself', () => {
  it('are exactly one person each', async () => {
    const persons = new Set<string>();
    let people = 0;
    for (const file of bundles) {
      const bytes = readFileSync(join(folder!, file));
      const bundle = JSON.parse(String(file.endsWith('.gz') ? gunzipSync(bytes) : bytes));
      if (bundle.type !== 'transaction') continue;
      people++;
      persons.add(await expectOnePerson(bundle.entry));
    }
    expect(persons.size).toBe(people);
  }, 600_000);
});
