import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHandler } from '../../../functions/announce/announce.ts';
import { createHistory } from '../../../functions/announce/history.ts';
import { createSteps } from '../../../functions/announce/steps.ts';
import { DORSET_PARTNERS, MADE_UP_PRACTICES } from '../../../infra/deployments/dorset.ts';
import { createAccess } from '../../../shared/access/access.ts';
import { loadPolicies, readPolicies } from '../../../shared/access/policy-set.ts';
import { createPublisher } from '../../../shared/bus/publish.ts';
import { createDirectory } from '../../../shared/directory/directory.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import { draftContribution, type FragmentDraft } from '../../../shared/record/draft.ts';
import { createIdentity } from '../../../shared/record/identity.ts';
import { linkContributions } from '../../../shared/record/linking.ts';
import { createRecordStore, type RecordStore } from '../../../shared/store/record.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { type FailingBus, startFailingBus } from './failing-bus.ts';

const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const RESTRICTED = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R';

const access = createAccess(
  loadPolicies(readPolicies(fileURLToPath(new URL('../../../shared/access/policies', import.meta.url)))),
  createDirectory([...DORSET_PARTNERS, ...MADE_UP_PRACTICES]),
);

let engine: Engine;
let store: RecordStore;
let bus: FailingBus;
let person: string;
const lines: string[] = [];

beforeAll(async () => {
  engine = await startEngine();
  store = createRecordStore({ client: engine.client, table: engine.recordTable });
});
afterAll(() => engine.stop());
beforeEach(async () => {
  bus = await startFailingBus();
  const identity = createIdentity(randomBytes(32));
  person = identity.person({ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' });
  lines.length = 0;
});
afterEach(() => bus.stop());

const log = createLog({
  info: (message: string, fields: object) => lines.push(JSON.stringify({ message, ...fields })),
  warn: (message: string, fields: object) => lines.push(JSON.stringify({ message, ...fields })),
  error: (message: string, fields: object) => lines.push(JSON.stringify({ message, ...fields })),
} as never);

/** A function that has just started; `msLeft` of its time are left. */
function announcer(msLeft = 60_000) {
  const publish = createPublisher({ client: bus.client, log, now: Date.now, random: () => 0, sleep: async () => {} });
  const origin = { source: 'urn:chesil:test', fhirUrl: 'https://record.example/fhir/R4' };
  const handler = createHandler({
    steps: createSteps(store),
    history: createHistory(store),
    access,
    publish,
    origin,
    bus: 'test',
    log,
    now: () => new Date(),
  });
  return (records: readonly DynamoDBRecord[]) => handler({ Records: [...records] }, { getRemainingTimeInMillis: () => msLeft });
}

const observation = (fragmentId: string, told: Partial<FragmentDraft> & { text?: string } = {}): FragmentDraft => {
  const { text = 'first', ...rest } = told;
  return {
    fragmentId: fragmentId.padEnd(16, 'a'),
    type: 'Observation',
    content: { meta: {}, rest: JSON.stringify({ status: 'final', valueString: text }) },
    section: 'findings',
    codes: [],
    labels: [],
    ...rest,
  };
};

const patient = (practice: string): FragmentDraft =>
  observation('p', { type: 'Patient', section: 'demographics', codes: [`${ODS}|${practice}`], text: practice });

async function contribute(contributor: string, drafts: readonly FragmentDraft[], subject = person) {
  await store.contribute([subject], (folds, now) => {
    const drafted = draftContribution(folds.get(subject)!, { contributor, client: contributor, requestId: 'r' }, drafts, now);
    if ('problems' in drafted) throw new Error('the draft has problems', { cause: drafted.problems });
    return { result: true, contributions: drafted.contribution ? [drafted.contribution] : [] };
  });
}

const retraction = ({ content, ...draft }: FragmentDraft): FragmentDraft => draft;

/** What the stream hands over of a subject: its contributions in order, binary values as base64. */
async function streamed(subject = person): Promise<DynamoDBRecord[]> {
  const { Items = [] } = await engine.client.send(
    new QueryCommand({
      TableName: engine.recordTable,
      KeyConditionExpression: 'subject = :subject AND begins_with(#item, :prefix)',
      ExpressionAttributeNames: { '#item': 'item' },
      ExpressionAttributeValues: { ':subject': { S: subject }, ':prefix': { S: 'contribution#' } },
    }),
  );
  return Items.map((item, index) => {
    const image = Object.entries(item).map(([name, { B, ...rest }]) => [
      name,
      B === undefined ? rest : { B: Buffer.from(B).toString('base64') },
    ]);
    return { eventName: 'INSERT', dynamodb: { NewImage: Object.fromEntries(image), SequenceNumber: String(1000 + index) } };
  });
}

const heard = () => bus.arrived.map(({ type, event, audience }) => `${event.sequence} ${type} ${audience}`);

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
    expect(bus.arrived.at(3)!.event.dataref).toBe(
      `https://record.example/fhir/R4/Observation/${person}.${'c'.padEnd(16, 'a')}/_history/2`,
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
    const link = (kind: 'link' | 'unlink') =>
      store.contribute([person, other], (folds, now) => ({
        result: true,
        contributions: linkContributions(
          folds,
          { contributor: 'uhd', client: 'uhd', requestId: 'r' },
          { kind, persons: [person, other], survivor: person },
          now,
        ),
      }));
    await link('link');
    await contribute('uhd', [observation('d')]);
    await announcer()((await streamed()).slice(1));
    await link('unlink');
    await announcer()((await streamed()).slice(3));
    expect(heard()).toEqual(['2 persons-linked dch,uhd', '3 fragment-created dch,uhd', '4 persons-unlinked dch,uhd']);
    expect(bus.arrived[0]!.event.dataref).toBe(`https://record.example/fhir/R4/Patient/${person}`);
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
    bus.refuses = ({ sequence, subject }) => subject === person && (sequence === 2 || sequence === 3);
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
    const logged = lines.join('\n');
    expect(logged).toContain('a contribution cannot be announced');
    expect(logged).not.toContain(person);
    expect(logged).not.toContain('no manifest of ours');
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
