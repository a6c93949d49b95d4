import { setTimeout } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAudit } from '../../../shared/store/audit.ts';
import { linkOf } from '../../../shared/store/chain/link.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { NURSE } from '../audit/looks.ts';
import { forgetfulClient, meteredClient, overtakenClient } from '../store/world.ts';
import { createWorld, type World } from './world.ts';

const DAY_MS = 24 * 60 * 60_000;

let engine: Engine;
let world: World;
beforeEach(async () => {
  engine = await startEngine({ stream: false });
  world = createWorld(engine);
});
afterEach(() => engine.stop());

/** Answers reach the process in another order than that in which the engine gave them. */
const dawdlingClient = ({ client }: Engine): DynamoDBClient =>
  ({
    send: async (command: Parameters<DynamoDBClient['send']>[0]) => {
      const answer = await client.send(command);
      await setTimeout(Math.random() * 10);
      return answer;
    },
  }) as unknown as DynamoDBClient;

/** Notes looks and seals them. @returns their keys */
async function sealed(sealer: ReturnType<World['sealer']>, count: number) {
  const keys = [];
  for (let number = 0; number < count; number++) keys.push(await world.look({ sealedRequest: new Uint8Array([1, 2, 250]) }));
  expect(await sealer.seal(await Promise.all(keys.map((key) => world.told(key))))).toEqual({ batchItemFailures: [] });
  return keys;
}

describe('a batch of looks', () => {
  it('becomes one link, whose hash the log says', async () => {
    const sealer = world.sealer();
    await sealed(sealer, 3);
    const [link] = await world.linksOf('2026-11-24');
    expect(sealer.lines).toEqual([
      { message: 'a link of the audit was appended', day: '2026-11-24', sequence: 1, digest: link!.hash!.S, count: 3 },
    ]);
    expect(await world.verify()).toEqual({ links: 1, entries: 3, findings: [] });
  });

  it('that is handed over again, whole or in part, to the same process or another, is not doubled', async () => {
    const keys = [await world.look(), await world.look(), await world.look()];
    const records = await Promise.all(keys.map((key) => world.told(key)));
    const sealer = world.sealer();
    await sealer.seal(records);
    await sealer.seal(records.slice(1));
    await world.sealer().seal([records[2]!]);
    expect(await world.linksOf('2026-11-24')).toHaveLength(1);
    // And when a dead letter is handed over hours later
    for (let hour = 0; hour < 5; hour++) {
      world.clock.advance(60 * 60_000);
      await sealed(sealer, 2);
    }
    await sealer.seal(records);
    await world.sealer().seal(records);
    expect(await world.linksOf('2026-11-24')).toHaveLength(6);
    expect(await world.verify()).toMatchObject({ links: 6, entries: 13, findings: [] });
  });

  it('that one process is handed twice at once is not doubled', async () => {
    for (let day = 1; day <= 12; day++) {
      const record = await world.told(await world.look());
      world.clock.advance(DAY_MS);
      const sealer = world.sealer(dawdlingClient(engine));
      await Promise.all(Array.from({ length: 2 + (day % 5) }, () => sealer.seal([record])));
      const links = await world.linksOf(world.clock.now().toISOString().slice(0, 10));
      expect(links.flatMap((item) => linkOf(item)!.changes)).toHaveLength(1);
    }
  });

  it('is cut into links that an item can hold', async () => {
    const key = await world.look();
    const record = await world.told(key);
    const many = Array.from({ length: 2_300 }, (_, number) => ({
      ...record,
      dynamodb: {
        ...record.dynamodb,
        Keys: { person: { S: 'a'.repeat(26) }, access: { S: `2026-11-24T12:00:00.000Z#${number}` } },
      },
    }));
    await world.sealer().seal(many);
    const links = await world.linksOf('2026-11-24');
    expect(links).toHaveLength(3);
    for (const { text } of links) expect(text!.B!.length).toBeLessThan(100_000);
  });

  it('that holds something else than changes of entries is handed back, and nothing is sealed', async () => {
    const { seal, lines } = world.sealer();
    const record = await world.told(await world.look());
    const odd = { ...record, dynamodb: { SequenceNumber: '7' } };
    expect(await seal([odd, record])).toEqual({ batchItemFailures: [{ itemIdentifier: '7' }] });
    expect(lines).toMatchObject([{ message: 'looks could not be sealed' }]);
    expect(await world.linksOf('2026-11-24')).toEqual([]);
  });

  it('costs one write and no read once a process is warm', async () => {
    const { client, used } = meteredClient(engine);
    const sealer = world.sealer(client);
    await sealed(sealer, 1);
    const before = { ...used };
    await sealed(sealer, 1);
    expect(used).toEqual({ requests: before.requests + 1, readUnits: before.readUnits, writeUnits: before.writeUnits + 1 });
  });
});

describe('a new day', () => {
  it('closes the one before, begins with its hash, and says it in the log', async () => {
    const sealer = world.sealer();
    await sealed(sealer, 1);
    world.clock.advance(3 * DAY_MS);
    await sealed(sealer, 1);
    const [, closing] = await world.linksOf('2026-11-24');
    expect(await world.linksOf('days')).toEqual([
      { day: { S: 'days' }, link: { S: '2026-11-24' } },
      { day: { S: 'days' }, link: { S: '2026-11-27' }, former: { S: '2026-11-24' }, hash: closing!.hash },
    ]);
    expect(sealer.lines).toContainEqual({ message: 'a day of the audit is closed', day: '2026-11-24', digest: closing!.hash!.S });
    expect(await world.verify()).toEqual({ links: 3, entries: 2, findings: [] });
  });

  it('is said again by each process that begins: one that died may not have', async () => {
    await sealed(world.sealer(), 1);
    world.clock.advance(DAY_MS);
    await sealed(world.sealer(), 1);
    const late = world.sealer();
    await sealed(late, 1);
    expect(late.lines.map(({ message }) => message)).toContain('a day of the audit is closed');
  });

  it('is not left again by a process whose clock is behind', async () => {
    await sealed(world.sealer(), 1);
    world.clock.advance(DAY_MS);
    await sealed(world.sealer(), 1);
    world.clock.advance(-DAY_MS / 2);
    await sealed(world.sealer(), 1);
    expect(await world.linksOf('2026-11-25')).toHaveLength(2);
    expect(await world.linksOf('2026-11-24')).toHaveLength(2);
    expect((await world.verify({ now: new Date(Date.parse('2026-11-26')) })).findings).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'that others open before the request %d of a process that begins has it seal nothing again that they sealed before',
    async (request) => {
      world.clock.advance(DAY_MS / 2 - 30_000);
      const other = world.sealer();
      await sealed(other, 1);
      const record = await world.told(await world.look());
      const overtake = async () => {
        await other.seal([record]);
        world.clock.advance(60_000);
        await sealed(other, 1);
      };
      await world.sealer(overtakenClient(engine, request, overtake)).seal([record]);
      const links = [...(await world.linksOf('2026-11-24')), ...(await world.linksOf('2026-11-25'))];
      const accesses = links.flatMap((item) => linkOf(item)!.changes.map(({ access }) => access));
      expect(accesses.filter((access) => access === record.dynamodb!.Keys!.access!.S)).toHaveLength(1);
    },
  );

  it('is opened once by many who do so at once', async () => {
    const sealers = Array.from({ length: 8 }, () => world.sealer());
    for (let day = 0; day < 3; day++) {
      await Promise.all(sealers.map((sealer) => sealed(sealer, 2)));
      world.clock.advance(DAY_MS);
    }
    expect(await world.linksOf('days')).toHaveLength(3);
    expect(await world.verify()).toEqual({ links: 26, entries: 48, findings: [] });
  });
});

describe('what must never happen', () => {
  it('an entry that is changed or removed is an error in the log, and is noted for good', async () => {
    const sealer = world.sealer();
    const [changed, removed] = await sealed(sealer, 2);
    await world.overwrite(engine.auditTable, { ...(await world.read(changed!)), role: { S: 'gp' } });
    await world.remove(removed!);
    await sealer.seal([await world.told(changed!, 'MODIFY'), await world.told(removed!, 'REMOVE')]);
    expect(sealer.lines).toContainEqual({ message: 'entries of the audit were changed or removed', count: 2 });
    expect((await world.verify()).findings).toEqual([
      { kind: 'noted-change', ...changed },
      { kind: 'noted-removal', ...removed },
      { kind: 'changed-entry', ...changed },
      { kind: 'missing-entry', ...removed },
    ]);
  });

  it('a link that somebody changed does not keep what follows from being sealed, and is an error in the log', async () => {
    await sealed(world.sealer(), 1);
    const sealer = world.sealer();
    await sealed(sealer, 1);
    const links = await world.linksOf('2026-11-24');
    await world.overwrite(engine.chainTable, { ...links[1]!, hash: { S: 'forged' }, link: { S: '000000000003' } });
    await sealed(sealer, 1);
    expect(sealer.lines).toContainEqual({ message: 'links of the chain are not what was written', count: 1 });
    expect((await world.verify()).findings).toEqual([{ kind: 'broken-link', day: '2026-11-24', link: 3 }]);
  });
});

describe('a link that somebody put where', () => {
  const DAY = '2026-11-24';
  const MESSAGE = 'links of the chain are not what was written';

  /** Puts a link there, and seals on by two processes, today and on the next day. */
  const sealAround = async (place: string) => {
    await sealed(world.sealer(), 1);
    await world.overwrite(engine.chainTable, { ...(await world.linksOf(DAY))[0]!, link: { S: place } });
    const sealers = [world.sealer(), world.sealer()];
    for (const sealer of [...sealers, ...sealers]) await sealed(sealer, 1);
    expect(sealers.flatMap(({ lines }) => lines).map(({ message }) => message)).toContain(MESSAGE);
    world.clock.advance(DAY_MS);
    await sealed(world.sealer(), 1);
    return world.verify();
  };

  it.each(['zzzzzzzzzzzz', '000000000002x', '2'])(
    'no link can stand (%s) keeps nobody from sealing, and is found',
    async (place) => {
      expect(await sealAround(place)).toMatchObject({ entries: 6, findings: [{ kind: 'broken-link', day: DAY, place }] });
    },
  );

  it('the last of a day would stand keeps nobody from sealing, and is found with the gap before it', async () => {
    const last = 999_999_999_999;
    expect(await sealAround(String(last))).toMatchObject({
      entries: 6,
      findings: [
        { kind: 'missing-link', day: DAY, link: 2, upTo: last - 1 },
        { kind: 'broken-link', day: DAY, link: last },
        { kind: 'unclosed-day', day: DAY },
      ],
    });
  });
});

describe('a day that somebody took out of the list of days', () => {
  it('is put back by whoever seals next, and nothing is sealed twice', async () => {
    const first = await sealed(world.sealer(), 1);
    const records = await Promise.all(first.map((key) => world.told(key)));
    world.clock.advance(DAY_MS);
    await sealed(world.sealer(), 1);
    const days = await world.linksOf('days');
    await world.removeLink('days', '2026-11-25');
    const sealer = world.sealer();
    await sealed(sealer, 1);
    await sealer.seal(records);
    expect(await world.linksOf('days')).toEqual(days);
    expect(await world.verify()).toEqual({ links: 4, entries: 3, findings: [] });
  });
});

describe('a look whose first answer was lost on the way', () => {
  it('is noted once, and is known to be noted', async () => {
    const audit = createAudit({ client: forgetfulClient(engine, 'PutItemCommand'), table: engine.auditTable });
    await expect(audit.record({ ...NURSE, sealedRequest: new Uint8Array([1, 2, 3]) })).resolves.toBeUndefined();
    await expect(audit.record({ ...NURSE, role: 'gp' })).rejects.toThrow();
  });
});
