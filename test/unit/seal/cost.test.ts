import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newAccessId } from '../../../shared/access/access-id.ts';
import { createAudit } from '../../../shared/store/audit.ts';
import { MAX_CHANGES_PER_LINK } from '../../../shared/store/chain/link.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { NURSE, PERSON, personLook, systemLook } from '../audit/looks.ts';
import { meteredClient } from '../store/world.ts';
import { createWorld } from './world.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({ stream: false });
});
afterAll(() => engine.stop());

/** Sections of a record that many have contributed to. */
const decisions = Object.fromEntries(
  Array.from({ length: 30 }, (_, number) => [`section${number % 12} organisation${number}`, 'shown' as const]),
);

describe('what a look costs', () => {
  test.each([
    ['a member of staff', NURSE, 3],
    ['a partner’s system', systemLook(), 2],
    ['the person', personLook(PERSON), 2],
  ])('by %s: a unit for the entry, and one for each index that it is in', async (_, look, units) => {
    const { client, used } = meteredClient(engine);
    const audit = createAudit({ client, table: engine.auditTable });
    await audit.record({ ...look, id: newAccessId(), decisions, sealedRequest: new Uint8Array(120) });
    expect(used).toEqual({ requests: 1, readUnits: 0, writeUnits: units });
  });

  test('to be sealed with a thousand others: a fifteenth of a unit', async () => {
    const world = createWorld(engine);
    const { client, used } = meteredClient(engine);
    const sealer = world.sealer(client);
    const one = await world.told(await world.look());
    const another = (number: number) => ({
      ...one,
      dynamodb: {
        ...one.dynamodb,
        Keys: {
          person: { S: `${newAccessId()}${newAccessId()}`.slice(0, 26) },
          access: { S: `2026-11-24T12:00:00.000Z#${newAccessId()}` },
        },
        NewImage: { number: { N: String(number) } },
      },
    });
    await sealer.seal([one]);
    const before = used.writeUnits;
    await sealer.seal(Array.from({ length: MAX_CHANGES_PER_LINK }, (_, number) => another(number)));
    expect(used.writeUnits - before).toBeLessThanOrEqual(75);
  });
});
