import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readOptions } from '../../infra/local/options.ts';
import { type System, startSystem } from '../system.ts';

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
  let system: System | undefined;

  beforeAll(async () => {
    await (await startSystem()).stop();
  });
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'chesil-start-'));
  });
  afterEach(async () => {
    await system?.stop();
    system = undefined;
    await rm(dataDir, { recursive: true, force: true });
  });
  afterAll(() => system?.stop());

  const start = async () => {
    system = await startSystem({ dataDir });
    return system;
  };
  const failToStart = async (...flags: string[]) => {
    const failed = await promisify(execFile)(process.execPath, ['infra/local/start.ts', '--empty', ...flags]).then(
      () => undefined,
      (error: { code: number; stderr: string }) => error,
    );
    return failed;
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

  test('says where everything is, to its owner alone', async () => {
    const { printed, baseUrl, fhirUrl, clients } = await start();
    expect(printed().trim().split('\n').at(-1)).toBe(`ready ${baseUrl}`);
    expect(fhirUrl).toBe(`${baseUrl}/fhir/R4`);
    expect(clients.find(({ organisation }) => organisation === 'dch')).toMatchObject({ ods: 'RBD', scopes: ['system/*.cruds'] });
    for (const file of ['demo.json', 'runtime.json']) expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);
    expect(printed()).not.toContain(clients[0]!.clientSecret);
  });

  test('synthesises nothing anew when nothing has changed', async () => {
    expect((await start()).printed()).not.toContain('Synthesising');
  });

  test('does not start twice on the same data, nor on a port that is taken', async () => {
    await start();
    expect((await failToStart('--port', '0', '--data', dataDir))?.stderr).toContain(`Chesil already runs on ${dataDir}`);
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const other = await mkdtemp(join(tmpdir(), 'chesil-start-'));
    const failed = await failToStart('--port', String(port), '--data', other);
    server.close();
    await rm(other, { recursive: true });
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining(`Port ${port} is in use`) });
  });

  test('stopped and started again it has everything it had', async () => {
    const first = await start();
    const location = (await post(first, patient('9990000018'))).headers.get('location')!;
    await first.stop();
    const again = await start();
    expect(again.clients).toEqual(first.clients);
    const moved = location.replace(first.fhirUrl, again.fhirUrl).replace(/\/_history.*/, '');
    expect((await get(again, moved)).status).toBe(200);
  });

  test('killed at once after an answer it has what it answered, and the event of it arrives', async () => {
    const first = await start();
    const numbers = ['9990000018', '9990000026', '9990000034', '9990000042', '9990000050'];
    const answers = await Promise.all(numbers.map((number) => post(first, patient(number))));
    const locations = answers.map((answer) => answer.headers.get('location')!);
    expect(answers.map(({ status }) => status)).toEqual(numbers.map(() => 201));
    await first.kill();
    const again = await start();
    for (const location of locations) expect((await get(again, location.replace(first.fhirUrl, again.fhirUrl))).status).toBe(200);
    const told = await eventsFor('chesil-demo-dch', locations.length);
    expect(locations.every((location) => told.some((dataref) => dataref.endsWith(new URL(location).pathname)))).toBe(true);
  });

  /** What the events in a subscriber's queue point at; waits until there are as many different ones. */
  async function eventsFor(queue: string, count: number): Promise<readonly string[]> {
    const { queues, region, servicesEndpoint } = JSON.parse(readFileSync(join(dataDir, 'runtime.json'), 'utf8'));
    const { url, credentials } = queues[queue];
    const client = new SQSClient({ endpoint: servicesEndpoint, region, credentials });
    const found = new Set<string>();
    for (let time = 0; time < 20 && found.size < count; time++) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      for (const { Body = '{}' } of Messages) found.add(JSON.parse(Body).dataref);
    }
    client.destroy();
    return [...found];
  }

  test('killed, it leaves nobody behind', async () => {
    const { kill, pid } = await start();
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
    for (let time = 0; time < 50 && children.some(alive); time++) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(children.filter(alive)).toEqual([]);
  });
});
