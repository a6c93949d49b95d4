import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, startEngine } from '../../engine.ts';
import { draftOf, fragmentId, personId } from '../record/histories.ts';
import { by, compactorOf, contribute, createClock, storeOf } from './world.ts';

const SECRET = 'what only the clinician may read';

describe('npm run inspect', () => {
  let engine: Engine;
  let dataDir: string;
  const subject = personId('inspected');
  const id = fragmentId('uhd', 1);

  beforeAll(async () => {
    engine = await startEngine({ stream: false });
    dataDir = await mkdtemp(join(tmpdir(), 'chesil-inspect-'));
    const runtime = {
      dynamodbEndpoint: engine.endpoint,
      region: 'eu-west-2',
      tables: {
        Record: engine.recordTable,
        Audit: engine.auditTable,
        AuditChain: engine.chainTable,
        Signals: engine.signalsTable,
      },
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    await writeFile(join(dataDir, 'runtime.json'), JSON.stringify(runtime));
    const clock = createClock();
    const store = storeOf(engine, clock);
    await contribute(store, subject, by('uhd', 'request-1'), [draftOf(id, SECRET), draftOf(fragmentId('uhd', 2), 'other')]);
    await contribute(store, subject, by('dch', 'request-2'), [draftOf(fragmentId('dch', 1), 'theirs')]);
    await compactorOf(engine, clock)(subject);
    await contribute(store, subject, by('uhd', 'request-3'), [draftOf(id)]);
  });
  afterAll(async () => {
    await engine.stop();
    await rm(dataDir, { recursive: true });
  });

  const run = async (...argv: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['infra/inspect.ts', ...argv, '--data', dataDir]);
    return stdout;
  };
  const audited = async () => (await engine.client.send(new ScanCommand({ TableName: engine.auditTable }))).Items!;

  test('tells ids, versions and sizes of log, snapshot and history, and nothing that was contributed', async () => {
    const told = await run(subject);
    expect(told).toContain('record        up to contribution 3');
    expect(told).toContain('fragments     3, of which 1 retracted');
    expect(told).toContain('contributors  uhd, dch');
    expect(told).toMatch(/snapshot up to 2: generation 000000000002-\w+, 1 parts, \d+ bytes/);
    expect(told).toContain('2 slots of moved contributions, 1 to 2');
    expect(told).toMatch(/3 {2}2026.+ by uhd \(client client, source main, request request-3\), 1 versions, 1 items, \d+ bytes/);
    expect(told).toContain(`retracted Observation/${subject}.${id} version 2`);
    expect(told).toContain(`created   Observation/${subject}.${id} version 1`);
    expect(told).not.toContain(SECRET);
    expect(await audited()).toEqual([]);
  });

  test('of one fragment tells its versions only', async () => {
    const told = await run(`${subject}.${id}`);
    expect(told).not.toContain('request-2');
    expect(told).not.toContain(fragmentId('uhd', 2));
    expect(told).toContain(`created   Observation/${subject}.${id} version 1`);
  });

  test('shows bodies once that is in the audit', async () => {
    expect(await run(subject, '--bodies')).toContain(SECRET);
    expect(await audited()).toMatchObject([
      { person: { S: subject }, interaction: { S: 'inspect' }, sequences: { M: { [subject]: { N: '3' } } } },
    ]);
  });

  test('of anything that is no id says how it is used', async () => {
    await expect(run('999 000 0018')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('npm run inspect') });
  });
});
