import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkDataFolder } from '../../../infra/local/data-folder/check-data-folder.ts';
import type { DataFolderProblem } from '../../../infra/local/data-folder/fault.ts';
import { takeLock } from '../../../infra/local/lock.ts';
import { readOptions } from '../../../infra/local/options.ts';
import { type System, startSystem } from '../../system.ts';
import { copyOf, DAMAGES, filesOf, mountedReadOnly, restore } from './damage.ts';
import { failToStart } from './failed-start.ts';

/** The user id of nobody, on every Linux. */
const NOBODY = 65_534;

describe('npm start reads its arguments', () => {
  test('and takes what is usual for what is not said', () => {
    expect(readOptions([])).toEqual({ port: 3000, dataDir: '.local', empty: false, people: 100 });
    expect(readOptions(['--port', '0', '--data', 'd', '--empty', '--people', '7'])).toEqual({
      port: 0,
      dataDir: 'd',
      empty: true,
      people: 7,
    });
    expect(readOptions(['--help'])).toMatchObject({ exitCode: 0, say: expect.stringContaining('--port N') });
  });

  test.each([
    [['--prot', '1'], "Unknown option '--prot'"],
    [['--port', '70000'], '--port takes a whole number'],
    [['--people', 'many'], '--people takes a whole number'],
    [['extra'], 'extra'],
  ])('%s is told what is wrong', (argv, told) => {
    expect(readOptions(argv)).toMatchObject({ exitCode: 2, say: expect.stringContaining(told) });
  });
});

describe('the whole system', () => {
  let dataDir: string;
  let system: System;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'chesil-start-'));
    // What is to be synthesised is synthesised here, so that the second start has nothing to synthesise.
    await (await start()).stop();
    await start();
  });
  afterAll(async () => {
    await system.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const start = async () => {
    system = await startSystem({ dataDir });
    return system;
  };
  const post = async ({ fhirUrl, token }: System, resource: object) =>
    fetch(`${fhirUrl}/${(resource as { resourceType: string }).resourceType}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await token('dch')}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify(resource),
    });
  const get = async ({ token }: System, url: string) =>
    fetch(url, { headers: { authorization: `Bearer ${await token('dch')}` } });
  const patient = (value: string) => ({
    resourceType: 'Patient',
    identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value }],
    name: [{ family: 'Pebble' }],
  });

  test('says where everything is, to its owner alone', () => {
    const { printed, baseUrl, fhirUrl, clients } = system;
    expect(printed().trim().split('\n').at(-1)).toBe(`ready ${baseUrl}`);
    expect(fhirUrl).toBe(`${baseUrl}/fhir/R4`);
    expect(clients.find(({ organisation }) => organisation === 'dch')).toMatchObject({ ods: 'RBD', scopes: ['system/*.cruds'] });
    for (const file of ['demo.json', 'runtime.json']) expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);
    expect(printed()).not.toContain(clients[0]!.clientSecret);
  });

  test('synthesises nothing anew when nothing has changed', () => {
    expect(system.printed()).not.toContain('Synthesising');
  });

  test('does not start twice on the same data, nor on a port that is taken', async () => {
    expect((await failToStart(['--data', dataDir]))?.stderr).toContain(`Chesil already runs on ${dataDir}`);
    const port = new URL(system.baseUrl).port;
    const other = await mkdtemp(join(tmpdir(), 'chesil-start-'));
    const failed = await failToStart(['--data', other, '--port', port]);
    await rm(other, { recursive: true });
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining(`Port ${port} is in use`) });
  });

  test('stopped and started again it has everything it had', async () => {
    const first = system;
    const location = (await post(first, patient('9990000018'))).headers.get('location')!;
    await first.stop();
    const again = await start();
    expect(again.clients).toEqual(first.clients);
    const moved = location.replace(first.fhirUrl, again.fhirUrl).replace(/\/_history.*/, '');
    expect((await get(again, moved)).status).toBe(200);
  });

  test('killed at once after an answer it has what it answered, and the event of it arrives', async () => {
    const first = system;
    const numbers = ['9990000069', '9990000026', '9990000034', '9990000042', '9990000050'];
    const answers = await Promise.all(numbers.map((number) => post(first, patient(number))));
    const locations = answers.map((answer) => answer.headers.get('location')!);
    expect(answers.map(({ status }) => status)).toEqual(numbers.map(() => 201));
    await first.kill();
    const again = await start();
    for (const location of locations) expect((await get(again, location.replace(first.fhirUrl, again.fhirUrl))).status).toBe(200);
    await heardOf('chesil-demo-dch', locations.map(addressOf));
  });

  /** The path of a fragment: its versions have other names for whoever did not write them. */
  const addressOf = (url: string): string => new URL(url).pathname.replace(/\/_history\/.*/, '');

  /** Waits until the events in a subscriber's queue point at every one of these addresses. */
  async function heardOf(queue: string, paths: readonly string[]): Promise<void> {
    const { queues, region, servicesEndpoint } = JSON.parse(readFileSync(join(dataDir, 'runtime.json'), 'utf8'));
    const { url, credentials } = queues[queue];
    const client = new SQSClient({ endpoint: servicesEndpoint, region, credentials });
    const missing = new Set(paths);
    while (missing.size > 0) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      for (const { Body = '{}' } of Messages) missing.delete(addressOf(JSON.parse(Body).dataref));
    }
    client.destroy();
  }

  test('killed, it leaves nobody behind', async () => {
    const { kill, pid } = system;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    expect(children.length).toBeGreaterThan(0);
    await kill();
    const alive = (child: number) => {
      try {
        return process.kill(child, 0);
      } catch {
        return false;
      }
    };
    await expect.poll(() => children.filter(alive), { timeout: 30_000 }).toEqual([]);
  });

  describe('does not start on a data folder that it cannot use, and says in one sentence which file it is and what to do', () => {
    const ONE_SENTENCE = /^[^\n]+\.\n?$/;
    let copy: string;

    beforeEach(() => {
      copy = copyOf(dataDir);
    });
    afterEach(() => rm(copy, { recursive: true, force: true }));

    test.each(Object.entries(DAMAGES))('when any of its files %s', (_, damage) => {
      const files = filesOf(copy);
      expect(files.length).toBeGreaterThan(20);
      for (const file of files) {
        const path = join(copy, file);
        if (damage(path)) {
          expect(problemOf(copy), file).toMatchObject({ path, message: expect.stringMatching(ONE_SENTENCE) });
          expect(problemOf(copy)?.message).toContain(path);
        }
        restore(copy, file, dataDir);
      }
      expect(problemOf(copy)).toBeUndefined();
    });

    test('when its lock is damaged', async () => {
      writeFileSync(join(copy, 'lock'), 'rubbish');
      const lock = join(copy, 'lock');
      expect(await failToStart(['--data', copy])).toMatchObject({
        code: 1,
        stderr: `${lock} is damaged: delete it, and the next start writes it anew.\n`,
      });
    });

    test('when its records are damaged, or gone', async () => {
      const records = join(copy, 'engine.db');
      writeFileSync(records, 'rubbish '.repeat(2_000));
      const advice = 'put it back from a backup of the data folder, or start with a new folder (--data DIR).\n';
      expect(await failToStart(['--data', copy])).toMatchObject({ code: 1, stderr: `${records} is damaged: ${advice}` });
      for (const name of ['engine.db', 'engine.db-wal']) await rm(join(copy, name), { force: true });
      expect(problemOf(copy)).toMatchObject({ fault: 'missing', path: records });
    });

    test('when a file holds something else than it should', async () => {
      const key = join(copy, 'keys', 'access.json');
      writeFileSync(key, '{"key": 7}');
      const failed = await failToStart(['--data', copy]);
      expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(ONE_SENTENCE) });
      expect(failed?.stderr).toContain(`${key} is damaged`);
    });

    test('when it is mounted read-only', async ({ skip }) => {
      const through = mountedReadOnly(copy);
      if (through === undefined) return skip('this machine lets no test mount a folder read-only');
      const failed = await failToStart(['--data', copy], { through });
      expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(ONE_SENTENCE) });
      expect(failed?.stderr).toContain(`${copy} is on a file system that is mounted read-only`);
    });

    test('when the user has no right to it', async () => {
      const isRoot = process.getuid?.() === 0;
      if (!isRoot) chmodSync(copy, 0o500);
      const failed = await failToStart(['--data', copy], isRoot ? { userId: NOBODY } : {});
      if (!isRoot) chmodSync(copy, 0o700);
      expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(ONE_SENTENCE) });
      expect(failed?.stderr).toContain(`${copy} cannot be read and written by this user`);
    });

    test('when it is a file, or below one', async () => {
      await rm(copy, { recursive: true });
      writeFileSync(copy, '');
      expect((await failToStart(['--data', copy]))?.stderr).toContain(`${copy} should be a folder and is none`);
      const below = join(copy, 'data');
      expect((await failToStart(['--data', below]))?.stderr).toContain(`${below} should be a folder and is none`);
    });
  });
});

/** What the check at the start says of a data folder. */
function problemOf(folder: string): DataFolderProblem | undefined {
  try {
    const lock = takeLock(join(folder, 'lock'));
    lock?.release();
    checkDataFolder(folder, { hasOwnEngine: true });
    return undefined;
  } catch (error) {
    return error as DataFolderProblem;
  }
}
