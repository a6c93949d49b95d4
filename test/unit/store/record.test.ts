import { randomBytes } from 'node:crypto';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkContributions } from '../../../shared/record/linking.ts';
import { contributionOfItem, createRecordStore, type RecordStore } from '../../../shared/store/record.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { draftOf, fragmentId, personId, plain } from '../record/histories.ts';
import {
  all,
  by,
  compactorOf,
  contribute,
  createClock,
  forgetfulClient,
  meteredClient,
  itemsIn as storedItems,
  storeOf,
} from './world.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({ stream: false });
});
afterAll(() => engine.stop());

const clock = createClock();
const create = (store: RecordStore, subject: string, number: number, content = 'x') =>
  contribute(store, subject, by('uhd', `request ${number}`), [draftOf(fragmentId('uhd', number), content)]);

const itemsIn = (subject: string) => storedItems(engine, subject);

describe('contributing', () => {
  test('is seen by everybody at once', async () => {
    const subject = personId('seen');
    const [one, other] = [storeOf(engine, clock), storeOf(engine, clock)];
    await other.fold(subject);
    await create(one, subject, 1);
    expect(plain(await other.fold(subject))).toEqual(plain(await one.fold(subject)));
    expect((await other.fold(subject)).fragments.size).toBe(1);
  });

  test('of what stands writes no item', async () => {
    const subject = personId('unchanged');
    const store = storeOf(engine, clock);
    await create(store, subject, 1);
    const before = await itemsIn(subject);
    for (const again of [store, storeOf(engine, clock)]) await create(again, subject, 1);
    expect(await itemsIn(subject)).toEqual(before);
  });

  test('decides again on what others wrote, rather than refuse on an old memory', async () => {
    const subject = personId('decides again');
    const [one, other] = [storeOf(engine, clock), storeOf(engine, clock)];
    await create(one, subject, 1, 'first');
    await create(other, subject, 1, 'second');
    const id = fragmentId('uhd', 1);
    const outcome = await contribute(one, subject, by('uhd'), [draftOf(id, 'third', { ifMatch: 2 })]);
    expect(outcome).toMatchObject({ outcomes: [{ status: 'updated', version: 3 }] });
  });

  test('by many at once loses nobody, and every number is given once', async () => {
    const subject = personId('crowd');
    const stores = Array.from({ length: 4 }, () => storeOf(engine, clock));
    await Promise.all(Array.from({ length: 40 }, (_, number) => create(stores[number % stores.length]!, subject, number)));
    const fold = await storeOf(engine, clock).fold(subject);
    expect([fold.sequence, fold.fragments.size]).toEqual([40, 40]);
  });

  test.each([
    ['one item', 'PutItemCommand', 'short'],
    ['several items', 'TransactWriteItemsCommand', randomBytes(500_000).toString('base64')],
  ])('of %s whose answer is lost, and that is sent again, is told as it was', async (_, commandName, content) => {
    const subject = personId(`forgotten ${commandName}`);
    const store = storeOf(engine, clock, forgetfulClient(engine, commandName));
    expect(await create(store, subject, 1, content)).toMatchObject({ outcomes: [{ status: 'created', version: 1 }] });
    expect(await all(store.contributions(subject))).toHaveLength(1);
  });

  test('gives up with a value when it loses too often', async () => {
    const subject = personId('contended');
    const store = storeOf(engine, clock);
    let rival = 0;
    const client = meteredClient(engine).client;
    // Somebody is always faster: the number is taken between the decision and the write.
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'PutItemCommand') await create(store, subject, ++rival);
          return next(args);
        },
      { step: 'initialize' },
    );
    const unlucky = createRecordStore({ client, table: engine.recordTable, random: () => 0 });
    expect(await create(unlucky, subject, 1000)).toBe('contended');
    expect((await store.fold(subject)).fragments.has(fragmentId('uhd', 1000))).toBe(false);
  });

  test('that is too large for one item is spread over several, and read back whole', async () => {
    const subject = personId('spread');
    const store = storeOf(engine, clock);
    const content = randomBytes(900_000).toString('base64');
    await create(store, subject, 1, content);
    expect((await itemsIn(subject)).map(({ item }) => item!.S)).toEqual([
      'contribution#000000000001',
      'contribution#000000000001#01',
      'contribution#000000000001#02',
    ]);
    const fold = await storeOf(engine, clock).fold(subject);
    expect(JSON.parse(fold.fragments.get(fragmentId('uhd', 1))!.body!).valueString).toBe(content);
  });

  test('that is too large for one transaction is refused, and nothing is written', async () => {
    const subject = personId('too large');
    const store = storeOf(engine, clock);
    expect(await create(store, subject, 1, randomBytes(4_300_000).toString('base64'))).toBe('too-large');
    expect(await itemsIn(subject)).toEqual([]);
  });

  test('to several subjects, and alongside other items, is all or nothing', async () => {
    const [one, other] = [personId('one of two'), personId('other of two')];
    const store = storeOf(engine, clock);
    const key = { subject: { S: 'idempotency' }, item: { S: 'key' } };
    const both = () =>
      store.contribute([one, other], (folds, now) => {
        const link = { kind: 'link', persons: [one, other], survivor: one } as const;
        const alongside = [
          { Put: { TableName: engine.recordTable, Item: key, ConditionExpression: 'attribute_not_exists(subject)' } },
        ];
        return { result: 'linked', contributions: linkContributions(folds, by('uhd'), link, now), alongside };
      });
    await engine.client.send(new PutItemCommand({ TableName: engine.recordTable, Item: key }));
    expect(await both()).toBe('contended');
    expect([await itemsIn(one), await itemsIn(other)]).toEqual([[], []]);
    key.item.S = 'another key';
    expect(await both()).toBe('linked');
    expect([(await store.fold(one)).sequence, (await store.fold(other)).sequence]).toEqual([1, 1]);
  });

  test('that throws does not keep others from their turn', async () => {
    const subject = personId('thrower');
    const store = storeOf(engine, clock);
    const failing = store.contribute([subject], () => {
      throw new Error('a bug in a decision');
    });
    const [failed, created] = await Promise.allSettled([failing, create(store, subject, 1)]);
    expect([failed.status, created.status]).toEqual(['rejected', 'fulfilled']);
  });

  test('that is not the next one of its subject is a bug, and is not written', async () => {
    const subject = personId('bug');
    const store = storeOf(engine, clock);
    const contribution = {
      subject,
      sequence: 7,
      recordedAt: '2026-01-01T00:00:00.000Z',
      ...by('uhd'),
      fragments: [],
      bodies: [],
    };
    await expect(store.contribute([subject], () => ({ result: 1, contributions: [contribution] }))).rejects.toThrow(
      'the next one',
    );
    expect(await itemsIn(subject)).toEqual([]);
  });
});

describe('a memory', () => {
  test('is not written upon once it has lapsed', async () => {
    const subject = personId('lapsed');
    const own = createClock();
    const { client, used } = meteredClient(engine);
    const store = storeOf(engine, own, client);
    await create(store, subject, 1);
    own.advance(61_000);
    const before = { ...used };
    await create(store, subject, 2);
    expect(used.requests - before.requests).toBe(2);
    await create(store, subject, 3);
    expect(used.requests - before.requests).toBe(3);
  });

  test('holds only so many bytes', async () => {
    const { client, used } = meteredClient(engine);
    const store = storeOf(engine, clock, client, 5_000);
    const subjects = Array.from({ length: 10 }, (_, number) => personId(`small memory ${number}`));
    for (const subject of subjects) await store.fold(subject);
    const before = used.requests;
    await store.fold(subjects.at(-1)!, { freshness: 'recent' });
    expect(used.requests).toBe(before);
    await store.fold(subjects[0]!, { freshness: 'recent' });
    expect(used.requests).toBe(before + 1);
  });

  test('counts what it wrote itself as well, and updates once', async () => {
    const { client, used } = meteredClient(engine);
    const store = storeOf(engine, clock, client, 25_000);
    const subjects = Array.from({ length: 10 }, (_, number) => personId(`small memory that writes ${number}`));
    for (const subject of subjects) await create(store, subject, 1);
    const before = used.requests;
    await store.fold(subjects[0]!, { freshness: 'recent' });
    expect(used.requests).toBe(before + 1);
    for (let version = 0; version < 30; version++) await create(store, subjects[0]!, 1, `version ${version}`);
    expect(used.requests).toBe(before + 31);
    await store.fold(subjects[9]!, { freshness: 'recent' });
    expect(used.requests).toBe(before + 31);
  });

  test('that compaction has passed is read anew', async () => {
    const subject = personId('passed');
    const [slow, quick] = [storeOf(engine, clock), storeOf(engine, clock)];
    await create(slow, subject, 1);
    for (let number = 2; number <= 5; number++) await create(quick, subject, number);
    await compactorOf(engine, clock)(subject);
    expect(plain(await slow.fold(subject))).toEqual(plain(await quick.fold(subject)));
    const written = await create(slow, subject, 6);
    expect(written).toMatchObject({ contribution: { sequence: 6 } });
  });

  test('younger than a minute cannot write under a number that compaction took away', async () => {
    const subject = personId('slot');
    const [slow, quick] = [storeOf(engine, clock), storeOf(engine, clock)];
    await create(slow, subject, 1);
    for (let number = 2; number <= 5; number++) await create(quick, subject, number);
    await compactorOf(engine, clock)(subject);
    expect(await create(slow, subject, 6)).toMatchObject({ contribution: { sequence: 6 } });
  });
});

describe('moments', () => {
  test('any instant can be read again, before and after compaction', async () => {
    const subject = personId('instants');
    const own = createClock('2026-03-01T00:00:00.000Z');
    const store = storeOf(engine, own);
    for (let number = 1; number <= 6; number++) {
      await create(store, subject, number);
      own.advance(60_000);
    }
    const sizes = async () => {
      const instants = ['2026-02-28T23:59:59Z', '2026-03-01T00:00:00.000Z', '2026-03-01T01:02:30+01:00', '2027-01-01T00:00:00Z'];
      return Promise.all(instants.map(async (instant) => (await store.foldAt(subject, { instant })).fragments.size));
    };
    expect(await sizes()).toEqual([0, 1, 3, 6]);
    await compactorOf(engine, own)(subject);
    expect(await sizes()).toEqual([0, 1, 3, 6]);
  });

  test('every version of a fragment can be read, the newest first', async () => {
    const subject = personId('versions');
    const store = storeOf(engine, clock);
    const id = fragmentId('uhd', 1);
    const steps = [draftOf(id, 'a', { sourceVersion: '5' }), draftOf(id, 'b', { sourceVersion: '3' }), draftOf(id)];
    for (const step of steps) await contribute(store, subject, by('uhd'), [step]);
    await create(store, subject, 2);
    const told = async () =>
      (await store.versions(subject, id)).map(({ version, action, sequence }) => [version, action, sequence]);
    const expected = [
      [3, 'retracted', 3],
      [2, 'late', 2],
      [1, 'created', 1],
    ];
    expect(await told()).toEqual(expected);
    await compactorOf(engine, clock)(subject);
    expect(await told()).toEqual(expected);
    expect(await store.versions(subject, fragmentId('uhd', 9))).toEqual([]);
  });
});

describe('a person', () => {
  const link = (store: RecordStore, kind: 'link' | 'unlink', persons: readonly [string, string], survivor: string) =>
    store.contribute(persons, (folds, now) => ({
      result: undefined,
      contributions: linkContributions(folds, by('uhd'), { kind, persons, survivor }, now),
    }));

  test('that nobody knows has one empty fold', async () => {
    const subject = personId('nobody');
    expect(await storeOf(engine, clock).person(subject)).toMatchObject({ personId: subject, folds: [{ subject, sequence: 0 }] });
  });

  test('is read with all that are linked, the survivor first, and as before once unlinked', async () => {
    const [baby, child, twin] = [personId('p baby'), personId('p child'), personId('p twin')];
    const store = storeOf(engine, clock);
    for (const [number, subject] of [baby, child, twin].entries()) await create(store, subject, number);
    await link(store, 'link', [baby, child], child);
    await link(store, 'link', [twin, child], child);
    for (const asked of [baby, child, twin]) {
      const { personId: shown, folds } = await store.person(asked);
      expect([shown, folds.map(({ subject }) => subject)]).toEqual([child, [child, ...[baby, twin].sort()]]);
    }
    const sequences = Object.fromEntries((await store.person(baby)).folds.map(({ subject, sequence }) => [subject, sequence]));
    await link(store, 'unlink', [twin, child], child);
    expect((await store.person(twin)).folds.map(({ subject }) => subject)).toEqual([twin]);
    expect((await store.person(twin, { sequences })).folds.map(({ subject }) => subject)).toEqual([
      child,
      ...[baby, twin].sort(),
    ]);
    await create(store, twin, 99);
    expect((await store.person(child)).folds.flatMap(({ fragments }) => [...fragments.keys()])).not.toContain(
      fragmentId('uhd', 99),
    );
  });

  test('has other names', async () => {
    const store = storeOf(engine, clock);
    expect(await store.alias('alias of nobody')).toBeUndefined();
    await store.putAlias('an alias', { person: personId('p child') });
    expect(await store.alias('an alias')).toBe(personId('p child'));
  });
});

test('a stream consumer reads new contributions, and nothing else', async () => {
  const subject = personId('streamed');
  const store = storeOf(engine, clock);
  for (let number = 1; number <= 3; number++) await create(store, subject, number);
  const log = await all(store.contributions(subject));
  const told = (items: Awaited<ReturnType<typeof itemsIn>>) => items.map(contributionOfItem).filter((each) => each !== undefined);
  expect(told(await itemsIn(subject)).map((each) => ({ ...each }))).toEqual(log.map((each) => ({ ...each })));
  const base64 = (await itemsIn(subject)).map((item) => ({
    ...item,
    manifest: { B: Buffer.from(item.manifest!.B!).toString('base64') },
    body: { B: Buffer.from(item.body!.B!).toString('base64') },
  }));
  expect(base64.map((item) => contributionOfItem(item)!.bodies)).toEqual(log.map(({ bodies }) => bodies));
  // A body that goes on in further items is for the store to read.
  const [first] = await itemsIn(subject);
  expect(contributionOfItem({ ...first!, parts: { N: '2' } })!.bodies).toEqual([undefined]);
  await compactorOf(engine, clock)(subject);
  expect(told([...(await itemsIn(subject)), ...(await itemsIn(`${subject}#history`))])).toEqual([]);
});
