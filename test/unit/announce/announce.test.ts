import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FragmentDraft } from '../../../shared/record/draft.ts';
import { createIdentity } from '../../../shared/record/identity.ts';
import { type Announcing, observation, patient, retraction, startAnnouncing, versionNames } from './announcing.ts';
import type { FailingBus } from './failing-bus.ts';

const RESTRICTED = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R';

let announcing: Announcing;
let bus: FailingBus;
let person: string;

beforeAll(async () => {
  announcing = await startAnnouncing();
});
afterAll(() => announcing.stop());
beforeEach(async () => {
  await announcing.renew();
  bus = announcing.bus();
  person = createIdentity(randomBytes(32)).person({ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' });
});

const announcer = (msLeft?: number) => announcing.announcer(msLeft);
const contribute = (contributor: string, drafts: readonly FragmentDraft[], subject = person) =>
  announcing.contribute(subject, contributor, drafts);
const streamed = (subject = person) => announcing.streamed(subject);
const heard = () => bus.arrived.map(({ type, event, audience }) => `${announcing.numberOf(event)} ${type} ${audience}`);

describe('announce', () => {
  it('tells contributors and the registered practice of each fragment version, and nobody of what nobody may see', async () => {
    await contribute('uhd', [patient('X99001'), observation('b')]);
    await contribute('dhc', [observation('c')]);
    await contribute('dhc', [observation('c', { text: 'second' }), observation('d')]);
    expect(await announcer()(await streamed())).toEqual({ batchItemFailures: [] });
    expect(heard()).toEqual([
      '1 fragment-created ammonite,uhd',
      '1 fragment-created ammonite,uhd',
      '2 fragment-created ammonite,dhc,uhd',
      '3 fragment-updated ammonite,dhc,uhd',
      '3 fragment-created ammonite,dhc,uhd',
    ]);
    expect(bus.arrived.map(({ event }) => `${event.part}/${event.parts}`)).toEqual(['1/2', '2/2', '1/1', '1/1', '1/1']);
    const second = versionNames.version({ subject: person, fragmentId: 'c'.padEnd(16, 'a'), version: 2 });
    expect(bus.arrived.at(3)!.event.dataref).toBe(
      `https://record.example/fhir/R4/Observation/${person}.${'c'.padEnd(16, 'a')}/_history/${second}`,
    );
  });

  it('tells a predecessor’s successor', async () => {
    await contribute('rbch', [observation('b')]);
    await announcer()(await streamed());
    expect(heard()).toEqual(['1 fragment-created uhd']);
  });

  it('tells the practice that a person leaves and the one that they come to', async () => {
    await contribute('dch', [patient('X99001')]);
    await contribute('dch', [patient('X99002')]);
    await contribute('dch', [observation('b')]);
    await announcer()(await streamed());
    expect(heard()).toEqual([
      '1 fragment-created ammonite,dch',
      '2 fragment-updated ammonite,dch,golden-cap',
      '3 fragment-created dch,golden-cap',
    ]);
  });

  it('does not tell who contributed about a person who is restricted, nor who flagged or unflagged them', async () => {
    const flagged = { ...patient('X99001'), grounds: [{ kind: 'restricted', names: [] }] } satisfies FragmentDraft;
    await contribute('dch', [patient('X99001')]);
    await contribute('dch', [{ ...flagged, content: { meta: {}, rest: '{"active":true}' } }]);
    await contribute('dhc', [observation('b')]);
    await contribute('dch', [patient('X99001')]);
    await contribute('dhc', [observation('c')]);
    await announcer()(await streamed());
    expect(bus.arrived.map(({ event }) => event.contributor)).toEqual(['dch', undefined, undefined, undefined, 'dhc']);
    expect(JSON.stringify(bus.arrived.slice(1, 4).map(({ event }) => event))).not.toMatch(/dch|dhc/);
  });

  it('tells whoever saw a fragment that it was retracted, and nobody but its source of what is or becomes restricted', async () => {
    await contribute('dhc', [observation('x')]);
    await contribute('uhd', [observation('b'), observation('c'), observation('d', { labels: [RESTRICTED] })]);
    await contribute('uhd', [
      observation('b', { labels: [RESTRICTED], text: 'second' }),
      retraction(observation('c')),
      retraction(observation('d')),
    ]);
    await announcer()((await streamed()).slice(1));
    expect(heard()).toEqual([
      '2 fragment-created dhc,uhd',
      '2 fragment-created dhc,uhd',
      '2 fragment-created uhd',
      '3 fragment-updated uhd',
      '3 fragment-retracted dhc,uhd',
      '3 fragment-retracted uhd',
    ]);
  });

  it('tells everybody concerned that persons were linked and unlinked, and of fragments while they are', async () => {
    const other = createIdentity(randomBytes(32)).person({ system: 'urn:visitor', value: '1' }, 'dch');
    await contribute('uhd', [observation('b')]);
    await contribute('dch', [observation('c')], other);
    const link = (kind: 'link' | 'unlink') => announcing.link(kind, [person, other]);
    await link('link');
    await contribute('uhd', [observation('d')]);
    await announcer()((await streamed()).slice(1));
    await link('unlink');
    await announcer()((await streamed()).slice(3));
    expect(heard()).toEqual(['2 persons-linked dch,uhd', '3 fragment-created dch,uhd', '4 persons-unlinked dch,uhd']);
    expect(bus.arrived[0]!.event.dataref).toBe(`https://record.example/fhir/R4/Patient/${person}`);
    // Who links may be somebody of whom nobody is to know that they have to do with the person.
    for (const { event, routing } of bus.arrived.filter(({ type }) => type.startsWith('persons-')))
      expect([event.contributor, routing.source]).toEqual([undefined, ['*']]);
    expect(bus.arrived.map(({ otherIds }) => otherIds)).toEqual([[other], [other], [other]]);
    await contribute('uhd', [observation('e')]);
    await announcer()((await streamed()).slice(4));
    expect(bus.arrived.at(-1)!.otherIds).toBeUndefined();
  });

  it('says nothing of a late version, nor of what an organisation tells of itself', async () => {
    await contribute('uhd', [observation('b', { sourceTime: '2026-02-01T00:00:00Z' })]);
    await contribute('uhd', [observation('b', { sourceTime: '2026-01-01T00:00:00Z', text: 'older' })]);
    await contribute('uhd', [observation('e', { type: 'Practitioner', section: 'directory' })], 'uhd');
    await announcer()([...(await streamed()), ...(await streamed('uhd'))]);
    expect(heard()).toEqual(['1 fragment-created uhd']);
  });

  it('gives an event the same id when it is handed over again', async () => {
    await contribute('uhd', [observation('b'), observation('c')]);
    await contribute('uhd', [observation('b', { text: 'second' })]);
    const records = await streamed();
    const announce = announcer();
    await announce(records);
    await announce(records.slice(1));
    await announcer()(records.slice(1));
    const ids = bus.arrived.map(({ event }) => event.id);
    expect(ids).toHaveLength(5);
    expect(new Set(ids).size).toBe(3);
    expect(ids[3]).toBe(ids[2]);
    expect(ids[4]).toBe(ids[2]);
  });

  it('sends again, alone, what the bus refused', async () => {
    await contribute(
      'uhd',
      Array.from({ length: 20 }, (_, index) => observation('bcdefghijklmnopqrstu'[index]!)),
    );
    bus.refuses = ({ part }, before) => part % 7 === 0 && before < 2;
    expect(await announcer()(await streamed())).toEqual({ batchItemFailures: [] });
    // What was refused goes again before the second ten.
    expect(bus.calls).toEqual([10, 1, 1, 10, 1, 1]);
    expect(new Set(bus.arrived.map(({ event }) => event.id)).size).toBe(20);
  });

  it('hands back from the first contribution that the bus did not take: what follows it in the record waits, other persons do not', async () => {
    const other = createIdentity(randomBytes(32)).person({ system: 'urn:visitor', value: '1' }, 'dch');
    for (const name of ['b', 'c', 'd', 'e']) await contribute('uhd', [observation(name)]);
    for (const name of ['b', 'c']) await contribute('dch', [observation(name)], other);
    bus.refuses = (event) => event.subject === person && [2, 3].includes(announcing.numberOf(event) ?? 0);
    const records = [...(await streamed()), ...(await streamed(other))];
    expect(await announcer()(records)).toEqual({ batchItemFailures: [{ itemIdentifier: '1001' }] });
    expect(heard()).toEqual(['1 fragment-created uhd', '1 fragment-created dch', '2 fragment-created dch']);
  });

  it('hands everything back while the bus does not answer, and stops in time', async () => {
    await contribute('uhd', [observation('b')]);
    bus.down = true;
    expect(await announcer(4_000)(await streamed())).toEqual({ batchItemFailures: [{ itemIdentifier: '1000' }] });
    expect(bus.calls).toEqual([1]);
  });

  it('hands back a contribution that cannot be read with what follows it, announces other persons, and logs nothing of anybody', async () => {
    await contribute('uhd', [observation('b')]);
    await contribute('uhd', [observation('c')]);
    await contribute('uhd', [observation('d')]);
    const other = createIdentity(randomBytes(32)).person({ system: 'urn:visitor', value: '1' }, 'dch');
    await contribute('dch', [observation('b')], other);
    const records = [...(await streamed()), ...(await streamed(other))];
    const manifest = records[1]!.dynamodb!.NewImage!.manifest!;
    manifest.B = Buffer.from('no manifest of ours').toString('base64');
    expect(await announcer()(records)).toEqual({ batchItemFailures: [{ itemIdentifier: '1001' }] });
    expect(heard()).toEqual(['1 fragment-created uhd', '1 fragment-created dch']);
    const logged = announcing.lines.join('\n');
    expect(logged).toContain('a contribution cannot be announced');
    expect(logged).not.toContain(person);
    expect(logged).not.toContain('no manifest of ours');
  });

  it('tells what happened by the bodies, those of a contribution too that is spread over several items', async () => {
    const stay = (status: string, text: string): FragmentDraft => {
      const period = { start: new Date().toISOString() };
      const rest = JSON.stringify({ status, class: { code: 'IMP' }, period, text: { div: text } });
      return observation('s', { type: 'Encounter', section: 'encounters', content: { meta: {}, rest } });
    };
    await contribute('uhd', [stay('in-progress', randomBytes(600_000).toString('base64'))]);
    await contribute('uhd', [stay('cancelled', 'small')]);
    const records = await streamed();
    expect(records.length).toBeGreaterThan(2);
    await announcer()(records);
    // Started again, it reads what was before.
    await announcer()(records.slice(-1));
    expect(heard()).toEqual(['1 admitted uhd', '2 admission-cancelled uhd', '2 admission-cancelled uhd']);
    expect(bus.arrived[2]!.event.id).toBe(bus.arrived[1]!.event.id);
  });

  it('announces a bundle of 2,000 fragments in 200 calls', async () => {
    const names = Array.from({ length: 2_000 }, (_, index) =>
      index.toString(3).padStart(7, '0').replaceAll('0', 'b').replaceAll('1', 'c').replaceAll('2', 'd'),
    );
    await contribute(
      'uhd',
      names.map((name) => observation(name)),
    );
    expect(await announcer()(await streamed())).toEqual({ batchItemFailures: [] });
    expect(bus.calls).toEqual(Array.from({ length: 200 }, () => 10));
    expect(new Set(bus.arrived.map(({ event }) => event.id)).size).toBe(2_000);
  });
});
