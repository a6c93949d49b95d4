import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Contribution } from '../../../shared/record/contribution.ts';
import { linkContributions } from '../../../shared/record/linking.ts';
import { createRecordStore, type RecordStore } from '../../../shared/store/record.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { draftOfSent, naiveFold, personId, plain, type Sent, submission } from '../record/histories.ts';
import {
  all,
  by,
  type Clock,
  compactorOf,
  contribute,
  createClock,
  Died,
  EAGER,
  type Fault,
  itemsIn,
  mortalClient,
  overtakenClient,
  storeOf,
  stutteringClient,
  TIDYING,
} from './world.ts';

/** What may happen to one record, in any order and any number. */
type Step =
  | {
      readonly kind: 'write';
      readonly store: number;
      readonly owner: string;
      readonly drafts: readonly Sent[];
      readonly fault?: Fault;
    }
  | {
      readonly kind: 'race';
      readonly writers: readonly { readonly owner: string; readonly drafts: readonly Sent[] }[];
      readonly compactors: number;
    }
  | { readonly kind: 'compact'; readonly fault?: Fault }
  | { readonly kind: 'link' | 'unlink'; readonly store: number; readonly fault?: Fault }
  | { readonly kind: 'pass'; readonly seconds: number }
  | { readonly kind: 'read'; readonly store: number };

const STORES = 3;
const store = fc.nat(STORES - 1);
/** A compaction of a short record sends some ten requests, a write up to four. */
const fault = fc.option(
  fc.record({ request: fc.integer({ min: 1, max: 12 }), at: fc.constantFrom('before' as const, 'after' as const) }),
  {
    nil: undefined,
    freq: 2,
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: submission.chain((sent) => fc.record({ kind: fc.constant('write' as const), store, fault, ...constants(sent) })),
  },
  { weight: 2, arbitrary: race() },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('compact' as const), fault }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('link' as const, 'unlink' as const), store, fault }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(1, 59, 120, 3600) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), store }) },
);

function constants<T extends object>(values: T) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fc.constant(value)])) as {
    [K in keyof T]: fc.Arbitrary<T[K]>;
  };
}

function race(): fc.Arbitrary<Step> {
  const writers = fc.array(submission, { minLength: 2, maxLength: 4 });
  return fc.record({ kind: fc.constant('race' as const), writers, compactors: fc.nat(2) });
}

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({ stream: false });
});
afterAll(() => engine.stop());

let runs = 0;

/** One record with everybody who works on it; a process that died is replaced by a new one, which remembers nothing. */
function createScene() {
  const clock = createClock();
  const [subject, other] = [personId(`history ${++runs}`), personId(`linked to history ${runs}`)];
  const stores = Array.from({ length: STORES }, () => storeOf(engine, clock));
  /** By request: whether the sender was told that it stands. */
  const told = new Map<string, boolean>();
  let requests = 0;

  const mortally = async (fault: Fault | undefined, work: (store: RecordStore) => Promise<unknown>, living: RecordStore) => {
    const working = fault === undefined ? living : storeOf(engine, clock, mortalClient(engine, fault));
    await ignoringDeath(work(working));
  };
  const send = (requestId: string, owner: string, drafts: readonly Sent[]) => async (working: RecordStore) => {
    told.set(requestId, false);
    const draft = await contribute(
      working,
      subject,
      by(owner, requestId),
      drafts.map((each) => draftOfSent(owner, each)),
    );
    if (typeof draft === 'string') throw new Error(draft);
    if ('contribution' in draft) told.set(requestId, true);
    else told.delete(requestId);
  };
  const compact = (fault?: Fault) =>
    ignoringDeath(compactorOf(engine, clock, mortalClient(engine, fault))(subject).then(() => undefined));

  const play = async (each: Step): Promise<void> => {
    switch (each.kind) {
      case 'write':
        return mortally(each.fault, send(`request ${++requests}`, each.owner, each.drafts), stores[each.store]!);
      case 'race': {
        const writing = each.writers.map(({ owner, drafts }, index) =>
          send(`request ${++requests}`, owner, drafts)(stores[index % STORES]!),
        );
        await Promise.all([...writing, ...Array.from({ length: each.compactors }, () => compact())]);
        return;
      }
      case 'compact':
        return compact(each.fault);
      case 'link':
      case 'unlink': {
        const linking = { kind: each.kind, persons: [subject, other], survivor: subject } as const;
        const work = (working: RecordStore) =>
          working.contribute([subject, other], (folds, now) => ({
            result: 0,
            contributions: linkContributions(folds, by('uhd'), linking, now),
          }));
        return mortally(each.fault, work, stores[each.store]!);
      }
      case 'pass':
        return clock.advance(each.seconds * 1000);
      case 'read':
        return compareWithLog(stores[each.store]!, subject);
    }
  };
  return { clock, subject, other, stores, told, play };
}

async function ignoringDeath(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Died)) throw error;
  }
}

const newStore = (clock: Clock) =>
  createRecordStore({ client: engine.client, table: engine.recordTable, now: clock.now, cacheBytes: 0 });

async function compareWithLog(reader: RecordStore, subject: string): Promise<void> {
  const log = await all(reader.contributions(subject));
  expect(plain(await reader.fold(subject))).toEqual(naiveFold(subject, log));
}

describe('a record that many write, compact and read, and whose processes die anywhere', () => {
  test('is the fold of a gapless log, now and at every moment, in which what was acknowledged stands once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const { clock, subject, other, stores, told, play } = createScene();
        for (const each of steps) await play(each);
        const reader = newStore(clock);
        const log = await all(reader.contributions(subject));
        expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1));
        for (const each of [reader, ...stores]) expect(plain(await each.fold(subject))).toEqual(naiveFold(subject, log));
        for (const { sequence, recordedAt } of log) {
          expect(plain(await reader.foldAt(subject, { sequence }))).toEqual(naiveFold(subject, log.slice(0, sequence)));
          const until = log.filter((contribution) => contribution.recordedAt <= recordedAt);
          expect(plain(await reader.foldAt(subject, { instant: recordedAt }))).toEqual(naiveFold(subject, until));
        }
        for (const [request, acknowledged] of told) {
          const times = log.filter(({ requestId }) => requestId === request).length;
          expect(acknowledged ? times === 1 : times <= 1).toBe(true);
        }
        // A link stands in both records or in none.
        const [fold, linked] = [await reader.fold(subject), await reader.fold(other)];
        expect([fold.links.has(other), linked.links.has(subject)]).toEqual([linked.links.has(subject), fold.links.has(other)]);
      }),
      { numRuns: 40 },
    );
  });

  test('whatever step a compaction dies at, the record reads the same, and the next compaction leaves nothing behind', async () => {
    for (let request = 1; request <= 20; request++) {
      for (const at of ['before', 'after'] as const) {
        const { clock, subject, stores, play } = createScene();
        const sent = (fragment: number, content: string): Sent => ({ fragment, content, sourceVersion: undefined });
        const write = (content: string): Step => ({
          kind: 'write',
          store: 0,
          owner: 'uhd',
          drafts: [sent(1, content), sent(2, 'x'.repeat(400_000) + content)],
        });
        for (const content of ['a', 'b', 'c']) await play(write(content));
        await play({ kind: 'compact' });
        for (const content of ['d', 'e', 'f']) await play(write(content));
        await play({ kind: 'compact', fault: { request, at } });
        for (const reader of [newStore(clock), stores[0]!]) await compareWithLog(reader, subject);
        await play(write('g'));
        await play(write('h'));
        await play({ kind: 'compact' });
        await play(write('i'));
        clock.advance(3_600_000);
        await play({ kind: 'compact' });
        await compareWithLog(newStore(clock), subject);
        const keys = (await itemsIn(engine, subject)).map(({ item }) => item!.S!);
        expect(keys.filter((key) => key.startsWith('snapshot'))).toHaveLength(1);
        expect(keys.filter((key) => key.startsWith('contribution'))).toEqual(['contribution#000000000009']);
      }
    }
  });

  test('a compaction whose every answer is lost, so that it asks for each thing twice, leaves the record as it was', async () => {
    const { clock, subject, stores, play } = createScene();
    for (const content of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await play({ kind: 'write', store: 0, owner: 'uhd', drafts: [{ fragment: 1, content, sourceVersion: undefined }] });
      if (content !== 'c' && content !== 'f') continue;
      await compactorOf(engine, clock, stutteringClient(engine))(subject);
      for (const reader of [newStore(clock), stores[0]!]) await compareWithLog(reader, subject);
    }
    expect((await itemsIn(engine, subject)).filter(({ item }) => item!.S!.startsWith('snapshot'))).toHaveLength(1);
  });

  test.each([
    ['one that knows more', 'more'],
    ['one that knows the same', 'same'],
    ['one that only tidies', 'tidy'],
  ])('whatever step a compaction is overtaken at by %s, the record reads the same', async (_, overtaker) => {
    for (let request = 1; request <= 14; request++) {
      const { clock, subject, stores, play } = createScene();
      const write = (content: string): Step => ({
        kind: 'write',
        store: 0,
        owner: 'uhd',
        drafts: [{ fragment: 1, content, sourceVersion: undefined }],
      });
      for (const content of ['a', 'b', 'c']) await play(write(content));
      await play({ kind: 'compact' });
      for (const content of ['d', 'e', 'f']) await play(write(content));
      const client = overtakenClient(engine, request, async () => {
        if (overtaker === 'more') for (const content of ['g', 'h', 'i']) await play(write(content));
        await compactorOf(engine, clock, engine.client, overtaker === 'tidy' ? TIDYING : EAGER)(subject);
      });
      await compactorOf(engine, clock, client)(subject);
      for (const reader of [newStore(clock), stores[0]!]) await compareWithLog(reader, subject);
      for (const content of ['j', 'k', 'l']) await play(write(content));
      await play({ kind: 'compact' });
      await compareWithLog(newStore(clock), subject);
      const keys = (await itemsIn(engine, subject)).map(({ item }) => item!.S!);
      expect(keys.filter((key) => key.startsWith('snapshot'))).toHaveLength(1);
    }
  });

  test.each([
    [
      'the record',
      async (reader: RecordStore, log: readonly Contribution[]) =>
        expect(plain(await reader.fold(log[0]!.subject))).toEqual(naiveFold(log[0]!.subject, log)),
    ],
    [
      'the record as it was',
      async (reader: RecordStore, log: readonly Contribution[]) =>
        expect(plain(await reader.foldAt(log[0]!.subject, { sequence: 2 }))).toEqual(naiveFold(log[0]!.subject, log.slice(0, 2))),
    ],
    [
      'every version',
      async (reader: RecordStore, log: readonly Contribution[]) =>
        expect(await reader.versions(log[0]!.subject, log[0]!.fragments[0]!.fragmentId)).toHaveLength(log.length),
    ],
  ])('whoever reads %s, and is overtaken by compaction between any two requests, sees it whole', async (_, read) => {
    for (let request = 1; request <= 5; request++) {
      const { clock, subject, play } = createScene();
      // Three of these fill a page of a Query, so a read takes several requests.
      const write = (content: string): Step => ({
        kind: 'write',
        store: 0,
        owner: 'uhd',
        drafts: [{ fragment: 1, content: content + randomBytes(200_000).toString('base64'), sourceVersion: undefined }],
      });
      for (const content of ['a', 'b', 'c']) await play(write(content));
      await play({ kind: 'compact' });
      for (const content of ['d', 'e', 'f', 'g', 'h']) await play(write(content));
      const log = await all(newStore(clock).contributions(subject));
      const client = overtakenClient(engine, request, () => compactorOf(engine, clock)(subject));
      await read(createRecordStore({ client, table: engine.recordTable, now: clock.now }), log);
    }
  });
});
