import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AttributeValue, DeleteItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFeed } from '../../infra/demo/feed.ts';
import * as tell from '../../infra/demo/fragments.ts';
import { type RunningSystem, runningSystem } from '../../infra/running-system.ts';
import { linkOf } from '../../shared/store/chain/link.ts';
import { type System, startSystem } from '../system.ts';
import { signIn } from './actors/partner.ts';
import { peopleOf } from './actors/people.ts';
import { push, type Written } from './actors/record.ts';

const VERIFY = resolve(import.meta.dirname, '../../infra/audit-verify.ts');

let system: System;
let operator: RunningSystem;
let patient: Written;

const dataDir = mkdtempSync(join(tmpdir(), 'chesil-audit-'));

beforeAll(async () => {
  await start();
  const hospital = await signIn(system, 'uhd');
  const person = peopleOf('audit-verify')();
  const feed = createFeed('uhd', person);
  tell.allergy(feed, { text: 'Penicillin' });
  [patient] = (await push(hospital, feed.push())) as [Written];
  for (let look = 0; look < 3; look++) await hospital.get(`Patient/${patient.personId}/$everything`);
});
afterAll(async () => {
  operator?.client.destroy();
  await system?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Starts the system on the data that there are. */
async function start(): Promise<void> {
  operator?.client.destroy();
  system = await startSystem({ dataDir });
  operator = runningSystem(dataDir);
}

/** `npm run audit:verify -- …` against the running system. */
async function verify(...words: readonly string[]) {
  const child = spawn(process.execPath, [VERIFY, ...words, '--data', dataDir], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { said, complained, exitCode: child.exitCode };
}

/** Everything that a partition holds. */
async function itemsOf(table: string, name: string, value: string): Promise<Record<string, AttributeValue>[]> {
  const { Items = [] } = await operator.client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: '#name = :value',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: { ':value': { S: value } },
      ConsistentRead: true,
    }),
  );
  return Items;
}

const looks = () => itemsOf(operator.tables.Audit, 'person', patient.personId);

/** The links of today, once there are some. */
async function links(): Promise<Record<string, AttributeValue>[]> {
  for (const until = Date.now() + 30_000; Date.now() < until; await sleep(500)) {
    const found = await itemsOf(operator.tables.AuditChain, 'day', new Date().toISOString().slice(0, 10));
    if (found.length > 0) return found;
  }
  throw new Error('nothing was sealed');
}

describe('the audit of a running system', () => {
  it('is sealed within seconds, and has no findings while nobody touches it', async () => {
    const [link] = await links();
    const { said, complained, exitCode } = await verify('--head', link!.hash!.S!);
    expect(complained).toBe('');
    expect(said).toMatch(/^\d+ entries, \d+ links, no findings\n$/);
    expect(exitCode).toBe(0);
    expect(Number(said.split(' ', 1)[0])).toBeGreaterThanOrEqual(3);
  });

  it('is sealed whole and once, though everything was killed while people looked', async () => {
    const hospital = await signIn(system, 'uhd');
    const looking = Array.from({ length: 40 }, () =>
      hospital.get(`Patient/${patient.personId}/$everything`).catch(() => undefined),
    );
    await Promise.race([sleep(400), Promise.all(looking)]);
    await system.kill();
    await Promise.all(looking);
    await start();
    const noted = (await looks()).map(({ access }) => access!.S);
    const sealed = async () => (await links()).flatMap((item) => linkOf(item)!.changes.map(({ access }) => access));
    for (const until = Date.now() + 30_000; Date.now() < until && (await sealed()).length < noted.length; ) await sleep(500);
    expect((await sealed()).toSorted()).toEqual(noted.toSorted());
    expect((await verify()).said).toMatch(/, no findings\n$/);
  });

  it('cannot be changed by way of updates and deletions, not even by whoever runs the system', async () => {
    const [look] = await looks();
    const [link] = await links();
    const remove = (TableName: string, Key: Record<string, AttributeValue>) =>
      operator.client.send(new DeleteItemCommand({ TableName, Key }));
    const refused = { name: 'AccessDeniedException', message: expect.stringContaining('explicit deny') };
    await expect(remove(operator.tables.Audit, { person: look!.person!, access: look!.access! })).rejects.toMatchObject(refused);
    await expect(remove(operator.tables.AuditChain, { day: link!.day!, link: link!.link! })).rejects.toMatchObject(refused);
  });

  it('tells which entry was put in the place of another, and is alarmed at once', async () => {
    const [look] = await looks();
    await operator.client.send(
      new PutItemCommand({ TableName: operator.tables.Audit, Item: { ...look!, organisation: { S: 'dch' } } }),
    );
    const told = await verify();
    expect(told.said).toContain(
      `changed-entry: an entry is not what was sealed (person ${patient.personId}, access ${look!.access!.S})`,
    );
    expect(told.exitCode).toBe(1);
    // And the chain itself comes to say so
    let said = '';
    for (const until = Date.now() + 30_000; Date.now() < until && !said.includes('noted-change'); await sleep(1_000))
      ({ said } = await verify());
    expect(said).toContain(
      `noted-change: the stream told that an entry was changed (person ${patient.personId}, access ${look!.access!.S})`,
    );
    expect(said).not.toMatch(/UHD|Penicillin|\b\d{10}\b/);
  });

  it('reads a hash that begins with a hyphen as a hash', async () => {
    const { said, complained, exitCode } = await verify('--head', `-${'7'.repeat(42)}`);
    expect(complained).toBe('');
    expect(said).toContain('unknown-head');
    expect(exitCode).toBe(1);
  });

  it.each([
    ['for no day', ['--day', 'yesterday']],
    ['for a day that no calendar has', ['--day', '2026-02-30']],
    ['for a range that ends before it begins', ['--from', '2026-11-25', '--to', '2026-11-01']],
    ['for one table without the other', ['--table', 'Audit']],
  ])('tells whoever asks %s how to ask', async (_, words) => {
    const { said, complained, exitCode } = await verify(...words);
    expect([exitCode, said, complained]).toEqual([2, '', expect.stringContaining('npm run audit:verify')]);
  });
});
