import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../infra/demo/feed.ts';
import * as tell from '../../infra/demo/fragments.ts';
import { type Partner, signIn } from './actors/partner.ts';
import { byNumber, FAMILY, GIVEN, heartRate, NHS_NUMBER, type Numbered, PRACTICES, peopleOf } from './actors/people.ts';
import { changesOf, queueOf, type Subscriber, sqsClient, subscribe } from './actors/queue.ts';
import { create, push, type Written } from './actors/record.ts';

const somebody = peopleOf('changes');
const demo = inject('demo');

let hospital: Partner;
let practice: Partner;
let stranger: Partner;
const subscribers = { hospital: subscribe(demo, 'uhd'), practice: subscribe(demo, 'ammonite'), stranger: subscribe(demo, 'dch') };

beforeAll(async () => {
  [hospital, practice, stranger] = (await Promise.all(['uhd', 'ammonite', 'dch'].map((each) => signIn(demo, each)))) as [
    Partner,
    Partner,
    Partner,
  ];
});

afterAll(() => {
  for (const subscriber of Object.values(subscribers)) subscriber.close();
});

/** Waits until a subscriber has heard of so many changes to a person. */
const hears = async (subscriber: Subscriber, personId: string, count: number) => {
  await subscriber.listen((heard) => changesOf(heard, personId).length >= count);
  return changesOf(subscriber.heard, personId);
};

/** Waits until whatever was announced before has been delivered: something that the subscriber hears of is announced last. */
async function hearsWhatCame(subscriber: Subscriber, partner: Partner) {
  const { personId } = await create(partner, heartRate('last', byNumber(somebody().nhsNumber)));
  await hears(subscriber, personId, 1);
}

/** Types, with the how manieth contribution each is of, of those that were heard of. */
function typesOf(events: readonly { readonly type: string; readonly sequence: string }[]) {
  const places = [...new Set(events.map(({ sequence }) => sequence))].sort();
  return events.map(({ type, sequence }) => `${places.indexOf(sequence) + 1} ${type}`);
}

/** Somebody who is registered with the practice, as the hospital tells of them. */
async function admitted(person: Numbered = somebody({ practice: PRACTICES.ammonite })) {
  const feed = createFeed('uhd', person);
  tell.allergy(feed, { text: 'Penicillin' });
  tell.measurement(feed, { text: 'Body weight' }, 61.5, 'kg', '2026-11-02');
  const written = (await push(hospital, feed.push())) as [Written, Written, Written];
  return { person, written, personId: written[0].personId };
}

describe('whoever may see a person', () => {
  it('hears of each fragment of a contribution, and fetches what it heard of', async () => {
    const { person, written, personId } = await admitted();
    const events = await hears(subscribers.practice, personId, 3);
    expect(events).toEqual(
      written.map(({ type, id }, index) => ({
        specversion: '1.0',
        id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        source: 'urn:chesil:demo',
        type: 'uk.chesil.fragment-created.1',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        subject: personId,
        dataref: expect.stringMatching(new RegExp(`^${demo.fhirUrl}/${type}/${id}/_history/[a-z2-7]{20}$`)),
        sequence: String(Date.parse(events[0]!.time)),
        part: index + 1,
        parts: 3,
        partof: events[0]!.partof,
        contributor: 'uhd',
        eventnumber: expect.any(Number),
        subscriptionid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      })),
    );
    // Who holds the person's number, a name or anything clinical must fetch it, and be allowed to.
    for (const secret of [person.nhsNumber, FAMILY, GIVEN, 'Penicillin', '61.5'])
      expect(JSON.stringify(events)).not.toContain(secret);
    const fetched = await Promise.all(events.map(({ dataref }) => practice.get(dataref)));
    expect(fetched.map(({ json }) => `${json.resourceType}/${json.id}`)).toEqual(written.map(({ type, id }) => `${type}/${id}`));
    expect((await stranger.get(events[0]!.dataref)).status).toBe(404);
    // The hospital hears of the same changes by the same ids.
    const ids = (await hears(subscribers.hospital, personId, 3)).map(({ id }) => id);
    expect(ids).toEqual(events.map(({ id }) => id));
  });

  it('hears of what was updated and retracted, in numbers without a gap, and nothing of what was only sent again', async () => {
    const { person, written, personId } = await admitted();
    const [, allergy, weight] = written;
    const current = (await hospital.get(`Observation/${weight.id}`)).json;
    const corrected = { ...current, status: 'corrected' };
    expect((await hospital.put(`Observation/${weight.id}`, corrected)).status).toBe(200);
    // Sent again: nothing has changed.
    expect((await hospital.put(`Observation/${weight.id}`, corrected)).headers.etag).toBe('W/"2"');
    expect((await hospital.delete(`AllergyIntolerance/${allergy.id}`)).status).toBe(204);
    const visit = createFeed('ammonite', person);
    tell.condition(visit, { text: 'Asthma' }, '2019');
    await push(practice, visit.push());

    const events = await hears(subscribers.practice, personId, 7);
    expect(typesOf(events)).toEqual([
      ...['1', '1', '1'].map((sequence) => `${sequence} uk.chesil.fragment-created.1`),
      '2 uk.chesil.fragment-corrected.1',
      '3 uk.chesil.fragment-retracted.1',
      '4 uk.chesil.fragment-created.1',
      '4 uk.chesil.fragment-created.1',
    ]);
    const [updated, retracted] = [events[3]!, events[4]!];
    const corrections = await practice.get(updated.dataref);
    expect(updated.dataref).toBe(`${demo.fhirUrl}/Observation/${weight.id}/_history/${corrections.json.meta.versionId}`);
    expect(corrections.json).toMatchObject({ status: 'corrected' });
    // Its owner, who knows it as the second, reads the same by that name.
    expect((await hospital.get(updated.dataref)).json).toMatchObject({ status: 'corrected', meta: { versionId: '2' } });
    expect((await practice.get(retracted.dataref)).status).toBe(410);
    expect(events.at(-1)).toMatchObject({ contributor: 'ammonite' });
  });

  it('hears that two records are one, from both sides', async () => {
    // Given a baby whom the hospital knows by its own number alone
    const { nhsNumber, ...baby } = somebody({ practice: PRACTICES.ammonite });
    const birth = createFeed('uhd', baby);
    tell.measurement(birth, { text: 'Birth weight' }, 3.4, 'kg', '2026-11-02');
    const [before] = (await push(hospital, birth.push())) as [Written];
    // When the NHS number arrives
    const [after] = (await push(hospital, createFeed('uhd', { ...baby, nhsNumber }).push())) as [Written];
    // Then either record is told to be one with the other
    const linked = (events: readonly { readonly type: string }[]) => events.filter(({ type }) => type.includes('linked'));
    const person = (await hospital.get(`Patient/${after.personId}`)).json.id as string;
    const found = await hospital.post('Patient/_search', new URLSearchParams({ identifier: `${NHS_NUMBER}|${nhsNumber}` }));
    expect(found.json.entry[0].resource.id).toBe(person);
    for (const personId of new Set([before.personId, person])) {
      await subscribers.practice.listen((heard) => linked(changesOf(heard, personId)).length > 0);
      const [event] = linked(changesOf(subscribers.practice.heard, personId)) as { type: string; dataref: string }[];
      expect(event).toMatchObject({ type: 'uk.chesil.persons-linked.1', dataref: `${demo.fhirUrl}/Patient/${personId}` });
      expect((await practice.get(event!.dataref)).json).toMatchObject({ resourceType: 'Patient', id: person });
    }
    expect(before.personId).not.toBe(person);
  });
});

describe('whoever may not see', () => {
  it('a person, hears nothing of them', async () => {
    const { personId } = await admitted();
    await hears(subscribers.practice, personId, 3);
    await hearsWhatCame(subscribers.stranger, stranger);
    expect(changesOf(subscribers.stranger.heard, personId)).toEqual([]);
  });

  it('a fragment, hears nothing of it, and no gap tells that there was something to hear', async () => {
    const feed = createFeed('uhd', somebody({ practice: PRACTICES.ammonite }));
    const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
    tell.flag(feed, { text: 'Kept to the source' }, '2026-01-01', label);
    tell.flag(feed, { text: 'For everybody' }, '2026-01-01');
    const [first, kept] = (await push(hospital, feed.push())) as [Written, Written];
    await hears(subscribers.hospital, first.personId, 3);
    await hearsWhatCame(subscribers.practice, practice);
    const events = changesOf(subscribers.practice.heard, first.personId);
    expect(events.map(({ part, parts }) => [part, parts])).toEqual([
      [1, 2],
      [2, 2],
    ]);
    expect(JSON.stringify(events)).not.toContain(kept.id);
  });

  it('the changes of another organisation, cannot read its queue', async () => {
    const [own, anothers] = [queueOf(demo, 'dch'), queueOf(demo, 'uhd')];
    const client = sqsClient(own);
    const receive = (QueueUrl: string) => client.send(new ReceiveMessageCommand({ QueueUrl }));
    await expect(receive(anothers.queueUrl)).rejects.toThrow(/not authorized|denied/i);
    await expect(receive(own.queueUrl)).resolves.toBeDefined();
    client.destroy();
    const impostor = sqsClient({ ...anothers, secretAccessKey: own.secretAccessKey });
    await expect(impostor.send(new ReceiveMessageCommand({ QueueUrl: anothers.queueUrl }))).rejects.toThrow(/signature/i);
    impostor.destroy();
  });
});
