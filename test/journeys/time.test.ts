import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../infra/demo/feed.ts';
import * as tell from '../../infra/demo/fragments.ts';
import { type Partner, signIn } from './actors/partner.ts';
import { byNumber, heartRate, peopleOf } from './actors/people.ts';
import { allPages, codesOf, create, entriesWritten, idsOf, linkTo, push, type Written } from './actors/record.ts';

const somebody = peopleOf('time');
const demo = inject('demo');
let hospital: Partner;

beforeAll(async () => {
  hospital = await signIn(demo, 'uhd');
});

/** The values of somebody's observations, as a look at a record or a search shows them. */
const valuesOf = (bundle: fhir4.Bundle): number[] =>
  (bundle.entry ?? []).flatMap(({ resource }) => (resource as fhir4.Observation).valueQuantity?.value ?? []);

describe('a record that changes', () => {
  it('is read as it was at any contribution and at any instant', async () => {
    // Given a measurement that was made, corrected, joined by another, and retracted
    const person = somebody();
    const subject = byNumber(person.nhsNumber);
    const first = await create(hospital, heartRate('one', subject, 70));
    const read = await hospital.get(`Observation/${first.id}`);
    const made = read.json.meta.lastUpdated as string;
    await hospital.put(`Observation/${first.id}`, { ...read.json, valueQuantity: { value: 75 } });
    const second = await create(hospital, heartRate('two', subject, 80));
    const joined = (await hospital.get(`Observation/${second.id}`)).json.meta.lastUpdated as string;
    await hospital.delete(`Observation/${first.id}`);
    // Then each state can be shown again
    const at = async (moment: number | string) => {
      const answer = await hospital.get(`Patient/${first.personId}/$everything?_type=Observation&_at=${moment}`);
      expect(answer.status).toBe(200);
      return valuesOf(answer.json);
    };
    expect([await at(1), await at(2), await at(3), await at(4)]).toEqual([[70], [75], [75, 80], [80]]);
    expect([await at(made), await at(joined), await at(new Date().toISOString())]).toEqual([[70], [75, 80], [80]]);
    expect((await hospital.get(`Patient/${first.personId}/$everything?_at=2001-01-01T00:00:00Z`)).status).toBe(404);
    expect((await hospital.get(`Patient/${first.personId}/$everything?_at=yesterday`)).status).toBe(400);
  });

  it('keeps what arrives late in the history, and shows what is newest', async () => {
    const subject = byNumber(somebody().nhsNumber);
    const sent = (perMinute: number, lastUpdated: string) => heartRate('ordered', subject, perMinute, { meta: { lastUpdated } });
    const { id } = await create(hospital, sent(80, '2026-11-20T12:00:00Z'));
    // When what the source said before arrives after it
    const late = await hospital.post('Observation', sent(70, '2026-11-20T11:00:00Z'), { prefer: 'return=OperationOutcome' });
    // Then the source is told so, and nothing newer is overwritten
    expect([late.status, codesOf(late)]).toEqual([200, ['late-arrival']]);
    expect((await hospital.get(`Observation/${id}`)).json.valueQuantity.value).toBe(80);
    const history = (await hospital.get(`Observation/${id}/_history`)).json as fhir4.Bundle;
    expect(valuesOf(history)).toEqual([70, 80]);
    // When it says something newer, that stands
    await create(hospital, sent(90, '2026-11-20T13:00:00Z'));
    expect((await hospital.get(`Observation/${id}`)).json.valueQuantity.value).toBe(90);
  });

  it('answers 410 for what was retracted, keeps its history, and takes it back', async () => {
    const resource = heartRate('retracted', byNumber(somebody().nhsNumber));
    const { id, personId } = await create(hospital, resource);
    const retraction = await hospital.delete(`Observation/${id}`);
    expect([retraction.status, retraction.text]).toEqual([204, '']);
    // Then it is gone wherever it was
    const read = await hospital.get(`Observation/${id}`);
    expect([read.status, codesOf(read)]).toEqual([410, ['gone']]);
    expect((await hospital.get(`Observation?patient=${personId}`)).json.total).toBe(0);
    expect((await hospital.get(`Observation/${id}/_history/1`)).json.valueQuantity.value).toBe(72);
    expect((await hospital.get(`Observation/${id}/_history/2`)).status).toBe(410);
    expect((await hospital.delete(`Observation/${id}`)).status).toBe(204);
    // When it is sent again, it stands again
    await create(hospital, resource);
    expect((await hospital.get(`Observation/${id}`)).json.meta.versionId).toBe('3');
    const { entry } = (await hospital.get(`Observation/${id}/_history`)).json as fhir4.Bundle;
    expect(entry!.map(({ request }) => request!.method)).toEqual(['PUT', 'DELETE', 'POST']);
  });
});

describe('pages', () => {
  it.each([
    ['a search', (id: string) => `Observation?patient=${id}&_count=3`],
    ['a whole record', (id: string) => `Patient/${id}/$everything?_type=Observation&_count=3`],
  ])('of %s are of the moment of the first, whatever others write meanwhile', async (_name, pathOf) => {
    const person = somebody();
    const subject = byNumber(person.nhsNumber);
    const feed = createFeed('uhd', person);
    for (let day = 10; day < 20; day++) tell.bloodPressure(feed, 120, day, `2026-10-${day}T09:00:00Z`);
    const [patient, ...pressures] = (await push(hospital, feed.push())) as [Written, ...Written[]];
    const first = (await hospital.get(pathOf(patient.personId))).json as fhir4.Bundle;
    // When others write between the pages, and what no page has shown yet is corrected and retracted
    const neighbour = await signIn(demo, 'dhc');
    for (const name of ['a', 'b', 'c']) await create(neighbour, heartRate(name, subject));
    const last = pressures.at(-1)!;
    const { json } = await hospital.get(`Observation/${last.id}`);
    await hospital.put(`Observation/${last.id}`, { ...json, status: 'corrected' });
    await hospital.delete(`Observation/${pressures.at(-2)!.id}`);
    // Then the pages show it as it was: nothing twice, nothing left out
    const pages = [first, ...(await allPages(hospital, linkTo(first, 'next')!))];
    expect(pages.flatMap(idsOf)).toEqual(pressures.map(({ id }) => `Observation/${id}`));
    expect(pages.map(({ total, entry }) => [total, entry!.length])).toEqual([3, 3, 3, 1].map((shown) => [10, shown]));
    expect(pages.at(-1)!.entry!.at(-1)!.resource).toMatchObject({ status: 'final', meta: { versionId: '1' } });
    // And whoever asks anew sees what is there now
    const now = (await allPages(hospital, pathOf(patient.personId))).flatMap(idsOf);
    expect(now).toHaveLength(12);
    expect(now).not.toContain(`Observation/${pressures.at(-2)!.id}`);
  });
});

describe('what need not be sent twice', () => {
  it('is answered 304 when the caller has it already', async () => {
    const { id } = await create(hospital, heartRate('tagged', byNumber(somebody().nhsNumber)));
    const read = await hospital.get(`Observation/${id}`);
    expect(read.headers).toMatchObject({ etag: 'W/"1"', 'last-modified': expect.stringMatching(/ GMT$/) });
    const known = (headers: Record<string, string>) => hospital.get(`Observation/${id}`, headers);
    const unchanged = await known({ 'if-none-match': read.headers.etag! });
    expect([unchanged.status, unchanged.text, unchanged.headers.etag]).toEqual([304, '', 'W/"1"']);
    expect((await known({ 'if-modified-since': read.headers['last-modified']! })).status).toBe(304);
    await hospital.put(`Observation/${id}`, { ...read.json, status: 'corrected' }, { 'if-match': read.headers.etag });
    expect((await known({ 'if-none-match': read.headers.etag! })).status).toBe(200);
  });

  it('is compressed both ways', async () => {
    const feed = createFeed('uhd', somebody());
    for (let day = 10; day < 30; day++) tell.bloodPressure(feed, 120, day, `2026-10-${day}T09:00:00Z`);
    const { bundle } = feed.push();
    const compressed = gzipSync(JSON.stringify(bundle));
    const answer = await hospital.post('', compressed, { 'content-encoding': 'gzip' });
    expect(answer.status).toBe(200);
    const [patient] = entriesWritten(answer) as [Written];
    const path = `Patient/${patient.personId}/$everything`;
    const [plain, small] = [await hospital.get(path), await hospital.get(path, { 'accept-encoding': 'gzip' })];
    expect([plain.headers['content-encoding'], small.headers['content-encoding']]).toEqual([undefined, 'gzip']);
    expect(small.bytes.length).toBeLessThan(plain.bytes.length / 3);
    const entries = (text: string) => (JSON.parse(text) as fhir4.Bundle).entry;
    expect(entries(gunzipSync(small.bytes).toString())).toEqual(entries(plain.text));
  });

  it('is done once under an idempotency key, however often it is sent', async () => {
    // Given a resource that has no name of its own, so that each create would be another
    const { identifier: _none, ...resource } = heartRate('', byNumber(somebody().nhsNumber));
    const key = { 'idempotency-key': 'journey-time-1' };
    const [first, second] = await Promise.all([
      hospital.post('Observation', resource, key),
      hospital.post('Observation', resource, key),
    ]);
    const third = await hospital.post('Observation', resource, key);
    expect([first.status, second.status, third.status]).toEqual([201, 201, 201]);
    expect(new Set([first, second, third].map(({ headers }) => headers.location)).size).toBe(1);
    expect(third.text).toBe(first.text);
    const personId = first.json.id.split('.')[0];
    expect((await hospital.get(`Observation?patient=${personId}`)).json.total).toBe(1);
    // Then another request under the same key is refused, and without a key it is another observation
    const reused = await hospital.post('Observation', { ...resource, status: 'amended' }, key);
    expect([reused.status, codesOf(reused)]).toEqual([422, ['idempotency-reused']]);
    await hospital.post('Observation', resource);
    expect((await hospital.get(`Observation?patient=${personId}`)).json.total).toBe(2);
  });

  it('changes nothing when many send it at once', async () => {
    const feed = createFeed('uhd', somebody());
    tell.allergy(feed, { text: 'Penicillin' });
    const { bundle } = feed.push();
    const answers = await Promise.all(Array.from({ length: 8 }, () => hospital.post('', bundle)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    const [patient, allergy] = entriesWritten(answers[0]!) as [Written, Written];
    expect((await hospital.get(`AllergyIntolerance/${allergy.id}/_history`)).json.total).toBe(1);
    expect((await hospital.get(`Patient/${patient.personId}/$everything`)).json.total).toBe(3);
  });
});

describe('many who write to one record at once', () => {
  it('all come through, each contribution with a number of its own', async () => {
    const subject = byNumber(somebody().nhsNumber);
    const partners = await Promise.all(['uhd', 'dch', 'dhc', 'swasft'].map((each) => signIn(demo, each)));
    const written = await Promise.all(
      partners.flatMap((partner) => [1, 2, 3, 4, 5].map((index) => create(partner, heartRate(`race-${index}`, subject, index)))),
    );
    const [{ personId }] = written as [Written];
    const found = await hospital.get(`Observation?patient=${personId}`);
    expect(idsOf(found.json).sort()).toEqual(written.map(({ id }) => `Observation/${id}`).sort());
    // One after the other: the record at the instant of contribution n holds n of them.
    const instants = found.json.entry.map(({ resource }: fhir4.BundleEntry) => resource!.meta!.lastUpdated!).sort();
    const at = async (place: number) =>
      (await hospital.get(`Patient/${personId}/$everything?_at=${instants[place - 1]}`)).json.total;
    expect([await at(1), await at(10), await at(20)]).toEqual([1, 10, 20]);
  });

  it('to one fragment on the same version, only one of them comes through', async () => {
    const { id } = await create(hospital, heartRate('contended', byNumber(somebody().nhsNumber)));
    const { json } = await hospital.get(`Observation/${id}`);
    const answers = await Promise.all(
      [61, 62, 63, 64].map((value) =>
        hospital.put(`Observation/${id}`, { ...json, valueQuantity: { value } }, { 'if-match': 'W/"1"' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
    const winner = answers.find(({ status }) => status === 200)!;
    expect((await hospital.get(`Observation/${id}`)).json.valueQuantity).toEqual(winner.json.valueQuantity);
  });
});
