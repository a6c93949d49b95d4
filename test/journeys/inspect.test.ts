import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../infra/demo/feed.ts';
import * as tell from '../../infra/demo/fragments.ts';
import { type Partner, signIn } from './actors/partner.ts';
import { byNumber, FAMILY, GIVEN, heartRate, type Numbered, peopleOf } from './actors/people.ts';
import { create, push, type Written } from './actors/record.ts';

const somebody = peopleOf('inspect');
const dataDir = inject('dataDir');
const INSPECT = resolve(import.meta.dirname, '../../infra/inspect.ts');

let hospital: Partner;
let person: Numbered;
let patient: Written;
let allergy: Written;

beforeAll(async () => {
  hospital = await signIn(inject('demo'), 'uhd');
  person = somebody();
  const feed = createFeed('uhd', person);
  tell.allergy(feed, { text: 'Penicillin' });
  [patient, allergy] = (await push(hospital, feed.push())) as [Written, Written];
});

/** `npm run inspect -- …` against the running system. */
async function inspect(...words: readonly string[]) {
  const child = spawn(process.execPath, [INSPECT, ...words, '--data', dataDir], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { said, complained, exitCode: child.exitCode };
}

/** The audit entries of a person, as the operator can read them. */
async function looksAt(personId: string) {
  const { dynamodbEndpoint, region, tables, credentials } = JSON.parse(readFileSync(join(dataDir, 'runtime.json'), 'utf8'));
  const client = new DynamoDBClient({ endpoint: dynamodbEndpoint, region, credentials });
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: tables.Audit,
      KeyConditionExpression: 'person = :person',
      ExpressionAttributeValues: { ':person': { S: personId } },
      ConsistentRead: true,
    }),
  );
  client.destroy();
  return Items.map((item) => JSON.stringify(item));
}

describe('an operator who looks into a record', () => {
  it('sees which system of an organisation it was', async () => {
    const laboratory = await signIn(inject('demo'), 'uhd', undefined, 'laboratory');
    const [told] = (await push(laboratory, createFeed('uhd', somebody()).push())) as [Written];
    expect((await inspect(told.personId)).said).toMatch(/by uhd \(client \w+, source laboratory, request /);
  });

  it('sees its log: who contributed what and when, in which versions and sizes, and nothing of what it says', async () => {
    await hospital.delete(`AllergyIntolerance/${allergy.id}`);
    const { said, exitCode, complained } = await inspect(patient.personId);
    expect([exitCode, complained]).toEqual([0, '']);
    expect(said).toContain(`subject       ${patient.personId}`);
    expect(said).toMatch(/record +up to contribution 2 of \d{4}-/);
    expect(said).toContain('fragments     2, of which 1 retracted');
    expect(said).toContain('contributors  uhd');
    expect(said).toMatch(/ 1 {2}\S+ {2}by uhd \(client \w+, source main, request [\w-]+\), 2 versions, 1 items, \d+ bytes/);
    expect(said).toContain(`created   Patient/${patient.id} version 1`);
    expect(said).toContain(`created   AllergyIntolerance/${allergy.id} version 1`);
    expect(said).toContain(`retracted AllergyIntolerance/${allergy.id} version 2`);
    for (const secret of [FAMILY, GIVEN, person.nhsNumber, 'Penicillin']) expect(said).not.toContain(secret);
    expect(await looksAt(patient.personId)).toEqual([]);
  });

  it('sees what it says only with --bodies, and leaves a trace', async () => {
    const { said, exitCode } = await inspect(patient.personId, '--bodies');
    expect(exitCode).toBe(0);
    for (const word of [FAMILY, GIVEN, 'Penicillin']) expect(said).toContain(word);
    const looks = await looksAt(patient.personId);
    expect(looks).toHaveLength(1);
    expect(looks[0]).toContain('operator');
    expect(looks[0]).toContain('inspect');
  });

  it('can narrow it to one fragment', async () => {
    const { said } = await inspect(patient.id);
    expect(said).toContain(`Patient/${patient.id}`);
    expect(said).not.toContain(allergy.id);
  });

  it('sees what was moved to the history, and the snapshot that stands for it', async () => {
    // Given a record with more contributions than stay live
    const subject = byNumber(somebody().nhsNumber);
    const written: Written[] = [];
    for (let index = 0; index < 64; index++) written.push(await create(hospital, heartRate(`long-${index}`, subject)));
    const [{ personId }] = written as [Written];
    // Then compaction follows by itself, within its batching window of 20 seconds
    let said = '';
    for (const until = Date.now() + 45_000; Date.now() < until && !/snapshot up to \d+/.test(said); await sleep(500))
      ({ said } = await inspect(personId));
    expect(said).toMatch(/snapshot up to \d+: generation [\w-]+, \d+ parts, \d+ bytes/);
    expect(said).toMatch(/history partition, [1-9]\d* bytes/);
    // And every contribution is somewhere
    for (const { id } of written) expect(said).toContain(`Observation/${id} version 1`);
    expect((await hospital.get(`Observation?patient=${personId}&_summary=count`)).json.total).toBe(64);
  });

  it('is told how to ask, when asking wrongly', async () => {
    const { complained, exitCode } = await inspect('nobody at all');
    expect([exitCode, complained]).toEqual([2, expect.stringContaining('npm run inspect')]);
    const unknown = await inspect('aaaaaaaaaaaaaaaaaaaaaaaaaa');
    expect([unknown.exitCode, unknown.said, unknown.complained]).toEqual([1, '', expect.stringContaining('Nothing is kept')]);
  });
});
