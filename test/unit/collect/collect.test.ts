import type { SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CollectDependencies, createHandler } from '../../../functions/collect/collect.ts';
import type { AnnouncementDetail } from '../../../shared/changes/announcement.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import { createSignalLog, type SignalLog } from '../../../shared/store/signals/log/log.ts';
import { createPanels, type Panels } from '../../../shared/store/signals/panels.ts';
import { createSubscriptions, type Subscriptions } from '../../../shared/store/signals/subscriptions.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { personOf, signal, subscription } from '../signals/signals.ts';

let engine: Engine;
let signals: SignalLog;
let subscriptions: Subscriptions;
let panels: Panels;
let woken: string[];
let isAsleepQueueDown = false;
const lines: string[] = [];
const nowMs = Date.parse('2026-03-01T09:00:01Z');

beforeAll(async () => {
  engine = await startEngine();
  const store = { client: engine.client, table: engine.signalsTable };
  signals = createSignalLog({ ...store, now: () => nowMs });
  subscriptions = createSubscriptions(store);
  panels = createPanels(store);
});
afterAll(() => engine.stop());
beforeEach(() => {
  woken = [];
  lines.length = 0;
  isAsleepQueueDown = false;
});

const write = (message: string, fields: object) => void lines.push(JSON.stringify({ message, ...fields }));

const collect = (records: readonly SQSRecord[], log: CollectDependencies['signals'] = signals) =>
  createHandler({
    subscriptions,
    panels,
    signals: log,
    wake: async (ids) => {
      if (isAsleepQueueDown) return new Set(ids);
      woken.push(...ids);
      return new Set();
    },
    wakeAfter: async () => {},
    mayHear: async (_, asked) => asked.map(() => true),
    isAgreed: () => false,
    carrierOf: () => {
      throw new Error('nothing is told at once');
    },
    origin: { source: 'urn:chesil:test', fhirUrl: 'https://record.example/fhir/R4' },
    measure: () => {},
    measureOwn: () => {},
    random: () => 0.5,
    now: Date.now,
    log: createLog({ info: write, warn: write, error: write } as never),
  })({ Records: [...records] });

let messages = 0;
const message = (group: string, body: string): SQSRecord =>
  ({
    messageId: `m${messages++}`,
    body,
    attributes: { MessageGroupId: group, SentTimestamp: String(nowMs) },
  }) as unknown as SQSRecord;

const announced = (told: Partial<AnnouncementDetail> = {}, replay?: string): string => {
  const { event, fragmentId } = signal();
  const routing = { eventType: ['admitted'], urgency: ['A'], section: [], source: [], generalpractitioner: [] };
  const detail = { event, audience: ['ammonite'], formerly: [], routing, fragmentId, ...told };
  return JSON.stringify({ version: '0', id: 'e', detail, ...(replay === undefined ? {} : { 'replay-name': replay }) });
};
const about = (person: string) => ({ event: signal({ person }).event });

async function subscribed(told: Partial<Subscription> = {}): Promise<Subscription> {
  const one = subscription({
    channel: { type: 'rest-hook', endpoint: `https://hooks.example/${messages++}`, payload: 'application/json' },
    ...told,
  });
  await subscriptions.create(one);
  return one;
}

const waiting = async (of: Subscription) => (await signals.number(of, async (_, asked) => asked.map(() => true))).signals;

describe('collect', () => {
  it('puts what was announced into the log of each subscription, in order, and wakes it', async () => {
    const [one, other] = [await subscribed(), await subscribed()];
    const bodies = Array.from({ length: 5 }, () => announced());
    const records = bodies.flatMap((body) => [message(one.id, body), message(other.id, body)]);
    expect(await collect(records)).toEqual({ batchItemFailures: [] });
    expect([...woken].sort()).toEqual([one.id, other.id].sort());
    const events = bodies.map((body) => JSON.parse(body).detail.event);
    for (const of of [one, other]) expect((await waiting(of)).map(({ event }) => event)).toEqual(events);
  });

  it('notes who hears only because they could until then, and what is told again', async () => {
    const one = await subscribed();
    await collect([message(one.id, announced({ formerly: ['ammonite'] })), message(one.id, announced({}, 'march'))]);
    expect((await waiting(one)).map(({ formerly, replay, announcedAt }) => [formerly, replay, announcedAt])).toEqual([
      [true, undefined, nowMs],
      [false, 'march', nowMs],
    ]);
  });

  it('drops what is for nobody: a subscription that is gone, or off', async () => {
    const off = await subscribed({ status: 'off' });
    const gone = subscription();
    expect(await collect([message(off.id, announced()), message(gone.id, announced())])).toEqual({ batchItemFailures: [] });
    expect(woken).toEqual([]);
    expect(await waiting(off)).toEqual([]);
  });

  it('keeps to the panel: its members, and of those who were, what takes back what was told', async () => {
    const id = 'f4ad6d3c-0001-4000-8000-000000000001';
    const [member, former, stranger] = [personOf(1), personOf(2), personOf(3)];
    await panels.create({
      id,
      organisation: 'ammonite',
      members: new Set([member]),
      former: new Set([former]),
      updatedAt: '2026-03-01T08:00:00.000Z',
      version: 1,
    });
    const one = await subscribed({ panel: id });
    const cancels = {
      routing: {
        eventType: ['admission-cancelled', 'admitted'],
        urgency: ['A'],
        section: [],
        source: [],
        generalpractitioner: [],
      },
    };
    await collect([
      message(one.id, announced(about(member))),
      message(one.id, announced(about(former))),
      message(one.id, announced({ ...about(former), ...cancels })),
      message(one.id, announced({ ...about(former), formerly: ['ammonite'] })),
      message(one.id, announced({ ...about(stranger), ...cancels })),
      message(one.id, announced({ ...about(stranger), otherIds: [personOf(4), member] })),
      message(one.id, announced({ ...about(stranger), otherIds: [former] })),
    ]);
    expect((await waiting(one)).map(({ event }) => event.subject)).toEqual([member, former, former, stranger]);
  });

  it.each([
    ['half of a message', '{"detail":{"event":'],
    ['nothing', 'null'],
    ['another version', announced({ event: { ...signal().event, specversion: '2.0' as '1.0' } })],
    ['an event without its type', announced({ event: { ...signal().event, type: undefined as never } })],
  ])('keeps %s as a dead letter at once, and goes on with what follows it', async (_what, body) => {
    const one = await subscribed();
    expect(await collect([message(one.id, announced()), message(one.id, body), message(one.id, announced())])).toEqual({
      batchItemFailures: [],
    });
    expect(await waiting(one)).toHaveLength(2);
    expect(await signals.status(one.id)).toMatchObject({ dead: 1 });
    expect(lines.filter((line) => line.includes('an event cannot be read'))).toHaveLength(1);
    expect(lines.join()).not.toContain(personOf(1));
  });

  it('hands back everything of a group that could not be kept, and nothing of others', async () => {
    const [one, other] = [await subscribed(), await subscribed()];
    const failing = {
      ...signals,
      append: (id: string, arrived: Parameters<SignalLog['append']>[1]) =>
        id === one.id ? Promise.reject(new Error('the table does not answer')) : signals.append(id, arrived),
    };
    const records = [message(one.id, announced()), message(other.id, announced()), message(one.id, announced())];
    expect(await collect(records, failing)).toEqual({
      batchItemFailures: [{ itemIdentifier: records[0]!.messageId }, { itemIdentifier: records[2]!.messageId }],
    });
    expect(await waiting(other)).toHaveLength(1);
  });

  it('tells nothing twice when it is handed over again because nobody could be woken', async () => {
    const one = await subscribed();
    const records = [message(one.id, announced()), message(one.id, announced())];
    isAsleepQueueDown = true;
    expect((await collect(records)).batchItemFailures).toHaveLength(2);
    isAsleepQueueDown = false;
    expect(await collect(records)).toEqual({ batchItemFailures: [] });
    expect(woken).toEqual([one.id]);
    expect(await waiting(one)).toHaveLength(2);
  });
});
