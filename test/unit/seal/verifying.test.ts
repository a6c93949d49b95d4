import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../shared/store/chain/canonical.ts';
import { headOf, type Link, linkItem, linkOf } from '../../../shared/store/chain/link.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { createWorld, type World } from './world.ts';

const DAY_MS = 24 * 60 * 60_000;
const [FIRST, SECOND, THIRD] = ['2026-11-24', '2026-11-25', '2026-11-26'] as const;

let engine: Engine;
let world: World;
/** Keys of the looks of each day: two links of two, on each of three days. */
let looks: { person: string; access: string }[][];

beforeEach(async () => {
  engine = await startEngine({ stream: false });
  world = createWorld(engine);
  const sealer = world.sealer();
  looks = [];
  for (let day = 0; day < 3; day++) {
    const keys = [];
    for (let link = 0; link < 2; link++) {
      const pair = [await world.look(), await world.look()];
      await sealer.seal(await Promise.all(pair.map((key) => world.told(key))));
      keys.push(...pair);
      world.clock.advance(60_000);
    }
    looks.push(keys);
    world.clock.advance(DAY_MS);
  }
});
afterEach(() => engine.stop());

const findings = async (given: Parameters<World['verify']>[0] = {}) => (await world.verify(given)).findings;

/** Writes a link in the place of another, with a hash that fits. */
const forge = async (day: string, number: number, change: (link: Link) => Partial<Link>) => {
  const link = linkOf((await world.linksOf(day))[number - 1]!)!;
  const forged = { ...link, ...change(link) };
  await world.overwrite(engine.chainTable, linkItem(forged));
  return headOf(forged).hash;
};

describe('an audit that nobody has touched', () => {
  it('has no findings, whole and in parts', async () => {
    expect(await world.verify()).toEqual({ links: 8, entries: 12, findings: [] });
    expect(await world.verify({ from: SECOND, to: SECOND })).toMatchObject({ findings: [] });
    expect(await world.verify({ from: '2030-01-01' })).toMatchObject({ entries: 0, findings: [] });
  });

  it('knows every hash that was noted elsewhere', async () => {
    const hashes = [...(await world.linksOf(FIRST)), ...(await world.linksOf(THIRD))].map(({ hash }) => hash!.S!);
    expect(await findings({ heads: hashes })).toEqual([]);
    expect(await findings({ heads: ['another'] })).toEqual([{ kind: 'unknown-head', hash: 'another' }]);
  });

  it('tells how far it has come', async () => {
    const told: number[] = [];
    await world.verify({ onProgress: ({ entries }) => told.push(entries) });
    expect(told.at(-1)).toBe(12);
  });

  it('waits a while for what was noted just now to be sealed', async () => {
    const key = await world.look();
    expect(await findings({ now: new Date(world.clock.now().getTime() + 60_000) })).toEqual([]);
    expect(await findings()).toEqual([{ kind: 'unsealed-entry', ...key }]);
  });
});

describe('an entry', () => {
  it.each([
    ['with another value', { role: { S: 'gp' } }],
    ['with another count', { shown: { M: {} } }],
    ['with one attribute more', { remark: { S: '' } }],
    ['with a value of another type', { role: { N: '1' } }],
  ])('%s is found', async (_, change) => {
    const key = looks[1]![0]!;
    await world.overwrite(engine.auditTable, { ...(await world.read(key)), ...change });
    expect(await findings()).toEqual([{ kind: 'changed-entry', ...key }]);
    expect(await findings({ from: SECOND, to: SECOND })).toEqual([{ kind: 'changed-entry', ...key }]);
    expect(await findings({ from: '2026-11-30' })).toEqual([]);
  });

  it('that was removed is found', async () => {
    await world.remove(looks[0]![3]!);
    expect(await findings()).toEqual([{ kind: 'missing-entry', ...looks[0]![3]! }]);
  });

  it.each(['2026-11-25T10:00:00.000Z', '2020-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z', 'no-instant', ' '])(
    'that was slipped in is found, whenever it pretends to be of: %s',
    async (at) => {
      const key = await world.look({ at, organisation: 'nobody-knows' });
      expect(await findings()).toEqual([{ kind: 'unsealed-entry', ...key }]);
    },
  );
});

describe('a link', () => {
  it('that was removed from the middle is found, with what it sealed', async () => {
    await world.removeLink(SECOND, 1);
    expect(await findings()).toEqual(
      [
        { kind: 'missing-link', day: SECOND, link: 1 },
        { kind: 'unsealed-entry', ...looks[1]![0]! },
        { kind: 'unsealed-entry', ...looks[1]![1]! },
      ].sort(byKey),
    );
  });

  it('that closed a day and was removed is found', async () => {
    await world.removeLink(FIRST, 3);
    expect(await findings()).toEqual([{ kind: 'unclosed-day', day: FIRST }]);
  });

  it('that was the last of all and was removed is found by what it sealed, and by the log', async () => {
    const [, last] = await world.linksOf(THIRD);
    await world.removeLink(THIRD, 2);
    expect(await findings({ heads: [last!.hash!.S!] })).toEqual([
      { kind: 'unknown-head', hash: last!.hash!.S },
      ...looks[2]!
        .slice(2)
        .map((key) => ({ kind: 'unsealed-entry', ...key }))
        .sort(byKey),
    ]);
  });

  it('whose bytes were changed is found', async () => {
    const [link] = await world.linksOf(SECOND);
    await world.overwrite(engine.chainTable, { ...link!, text: { B: new Uint8Array([1, 2, 3]) } });
    expect(await findings()).toContainEqual({ kind: 'broken-link', day: SECOND, link: 1 });
  });

  it.each([
    ['no JSON', 'not JSON'],
    ['no list', '{}'],
    ['a link whose changes are none', JSON.stringify([1, SECOND, 1, '', false, '2026-11-25T12:00:00.000Z', {}])],
    [
      'a link with a change of no kind',
      JSON.stringify([1, SECOND, 1, '', false, '2026-11-25T12:00:00.000Z', [['x', 'p', 'a', 'd']]]),
    ],
    ['a link that was sealed at no time', JSON.stringify([1, SECOND, 1, '', false, 'never', []])],
  ])('that says %s, with a hash that fits, is found, and keeps nothing from being sealed', async (_, text) => {
    const [link] = await world.linksOf(SECOND);
    const forged = { ...link!, text: { B: deflateRawSync(text) }, hash: { S: sha256(text) } };
    await world.overwrite(engine.chainTable, forged);
    expect(await findings()).toContainEqual({ kind: 'broken-link', day: SECOND, link: 1 });
    const [last] = await world.linksOf(THIRD);
    await world.overwrite(engine.chainTable, { ...last!, text: { B: deflateRawSync(text) }, hash: { S: sha256(text) } });
    const { batchItemFailures } = await world.sealer().seal([await world.told(await world.look())]);
    expect(batchItemFailures).toEqual([]);
  });

  it('that was written anew, with a hash that fits, is found by the one after it', async () => {
    await forge(FIRST, 1, ({ changes }) => ({ changes: changes.slice(1) }));
    expect(await findings()).toContainEqual({ kind: 'foreign-link', day: FIRST, link: 2 });
  });

  it('that was put behind the end of a day is found', async () => {
    const [, , closing] = await world.linksOf(FIRST);
    const link = linkOf(closing!)!;
    await world.overwrite(engine.chainTable, linkItem({ ...link, number: 4, previous: link.hash, closes: false }));
    expect(await findings()).toContainEqual({ kind: 'link-after-close', day: FIRST, link: 4 });
  });
});

describe('a day', () => {
  it('that was taken out whole is found, with all that it sealed', async () => {
    for (const { link } of await world.linksOf(SECOND)) await world.removeLink(SECOND, link!.S!);
    await world.removeLink('days', SECOND);
    const kinds = (await findings()).map(({ kind, day }) => `${kind} ${day ?? ''}`);
    expect(kinds).toContain(`parted-day ${THIRD}`);
    expect(kinds.filter((kind) => kind.startsWith('unsealed-entry'))).toHaveLength(4);
  });

  it('that was written anew from one link on, all hashes fitting, is found by the hash in the log', async () => {
    const noted = (await world.linksOf(FIRST))[2]!.hash!.S!;
    // Given somebody with all rights who takes an entry away, and writes everything after it anew
    await world.remove(looks[0]![0]!);
    let previous = await forge(FIRST, 1, ({ changes }) => ({ changes: changes.slice(1) }));
    let former = FIRST as string;
    for (const day of [FIRST, SECOND, THIRD]) {
      if (day !== FIRST)
        await world.overwrite(engine.chainTable, {
          day: { S: 'days' },
          link: { S: day },
          former: { S: former },
          hash: { S: previous },
        });
      const links = await world.linksOf(day);
      for (let number = day === FIRST ? 2 : 1; number <= links.length; number++) {
        const before = previous;
        previous = await forge(day, number, () => ({ previous: before }));
      }
      former = day;
    }
    // Then the tables alone tell nothing, and the log does
    expect(await findings()).toEqual([]);
    expect(await findings({ heads: [noted] })).toEqual([{ kind: 'unknown-head', hash: noted }]);
  });
});

const byKey = (one: object, other: object): number => JSON.stringify(one).localeCompare(JSON.stringify(other));
