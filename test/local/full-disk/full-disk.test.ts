import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childrenOf, killAll } from '../../journeys/actors/killing.ts';
import { type Answer, type Partner, signIn } from '../../journeys/actors/partner.ts';
import { byNumber, heartRate, peopleOf } from '../../journeys/actors/people.ts';
import { changesOf, type Subscriber, subscribe } from '../../journeys/actors/queue.ts';
import { codesOf } from '../../journeys/actors/record.ts';
import { createApplication } from '../../signing-in/application.ts';
import { type System, startSystem } from '../../system.ts';
import { failToStart } from '../start/failed-start.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

const DISK_MB = 48;
const WITHIN = { timeout: 60_000, interval: 100 };
const { nhsNumber } = peopleOf('full-disk')();

let disk: SmallDisk | undefined;
let system: System;
let hospital: Partner;
/** Addresses of everything that was acknowledged. */
const acknowledged: string[] = [];
let sent = 0;

beforeAll(async () => {
  disk = await mountSmallDisk(DISK_MB);
  if (disk === undefined) console.warn('SKIPPED: the tests of a full disk. This machine lets nobody mount a file system.');
  else await start();
});
afterAll(async () => {
  await system?.stop();
  await disk?.remove();
});

async function start(): Promise<void> {
  const { folder, seenFromHere, through } = disk!;
  const [dataDir, dataSeenAt] = [folder, seenFromHere].map((path) => join(path, 'data')) as [string, string];
  system = await startSystem({ dataDir, dataSeenAt, through });
  hospital = await signIn(system, 'uhd');
}

async function write(): Promise<Answer> {
  sent += 1;
  const answer = await hospital.post('Observation', heartRate(`full-disk-${sent}`, byNumber(nhsNumber), 60 + (sent % 40)));
  if (answer.status === 201) acknowledged.push(new URL(answer.headers.location!).pathname);
  return answer;
}

const read = () => hospital.get(`Observation?patient:identifier=https://fhir.nhs.uk/Id/nhs-number|${nhsNumber}&_count=1`);

/** A refusal that says when to come back. */
function expectLater(answer: Answer, code: string): void {
  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '30' } });
  expect(answer.headers['content-type']).toContain('application/fhir+json');
  expect(codesOf(answer)).toEqual([code]);
}

describe('a system whose disk is full', () => {
  it('tells writers to come back, lets records be read, and goes on by itself when there is room', async ({ skip }) => {
    if (disk === undefined) return skip('nobody may mount a file system here');
    // Given a record on a disk that something else has filled
    expect((await write()).status).toBe(201);
    expect((await read()).json.total).toBe(1);
    disk.fill();

    // When organisations write, then they are told to come back
    await expect.poll(async () => (await write()).status, WITHIN).toBe(503);
    await expect.poll(system.printed, WITHIN).toMatch(/The disk of .* is full: records can be read/);
    for (let time = 0; time < 5; time++) expectLater(await write(), 'store-unavailable');

    // And when they read, they are shown the record, each access with its entry in the audit
    await expect.poll(async () => (await read()).status, WITHIN).toBe(200);
    for (let time = 0; time < 20; time++) expect((await read()).json.total).toBe(acknowledged.length);

    // And whoever has no token yet gets one
    hospital = await signIn(system, 'uhd');
    expect((await read()).status).toBe(200);

    // When there is room again, everything is taken as before
    disk.makeRoom();
    await expect.poll(async () => (await write()).status, WITHIN).toBe(201);
    await expect.poll(system.printed, WITHIN).toContain('There is room again');
    expect((await read()).json.total).toBe(acknowledged.length);
  });

  it('says so to readers too when not even the audit can be written, and ends by nothing of it', async ({ skip }) => {
    if (disk === undefined) return skip('nobody may mount a file system here');
    // Given a disk whose reserve was taken as well
    const { pid } = system;
    const engine = childrenOf(pid);
    disk.fill();
    await expect.poll(async () => (await write()).status, WITHIN).toBe(503);
    await expect
      .poll(async () => {
        disk!.fill();
        return codesOf500(await read());
      }, WITHIN)
      .toEqual(['audit-unavailable']);

    // When writers and readers go on trying, each is told what is the matter
    for (let time = 0; time < 5; time++) {
      expectLater(await write(), 'store-unavailable');
      expectLater(await read(), 'audit-unavailable');
    }
    await expect.poll(system.printed, WITHIN).toMatch(/The disk of .* is full to the last/);

    // And people who sign in read so on a page
    await expect.poll(async () => (await beginToSignIn()).status, WITHIN).toBe(503);
    const page = await beginToSignIn();
    expect(page.headers.get('retry-after')).toBe('30');
    expect(await page.text()).toContain('The disk of this machine is full');

    // Then nothing has ended by it, nothing has printed a stack, and all goes on when there is room
    expect(childrenOf(pid)).toEqual(engine);
    expect(system.printed()).not.toMatch(/ENOSPC|\n\s+at /);
    disk.makeRoom();
    await expect.poll(async () => (await write()).status, WITHIN).toBe(201);
    expect((await read()).json.total).toBe(acknowledged.length);
  });

  it('killed, it says why it does not start, starts when there is room, and has lost nothing', async ({ skip }) => {
    if (disk === undefined) return skip('nobody may mount a file system here');
    // Given writers at work while the disk fills, and a kill of all processes at once
    const writing = Promise.allSettled(Array.from({ length: 40 }, write));
    disk.fill();
    await writing;
    disk.fill();
    await killAll(system);

    // When it is started on the full disk
    const failed = await failToStart(['--data', join(disk.folder, 'data')], { through: disk.through });

    // Then it says so in one sentence, and once there is room it starts with everything that it acknowledged
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(/^There is no room left on the disk for .*\.$/m) });
    expect(failed?.stderr).not.toMatch(/\n\s+at /);
    disk.makeRoom();
    await start();
    expect((await write()).status).toBe(201);
    const paths = await everythingRead();
    for (const path of acknowledged) expect(paths).toContain(path.replace(/\/_history.*/, ''));

    // And every change that was acknowledged is told
    const subscriber: Subscriber = subscribe(system, 'uhd');
    const personId = acknowledged[0]!.split('/').at(-3)!.split('.')[0]!;
    await subscriber.listen((heard) => changesOf(heard, personId).length >= acknowledged.length, 60_000);
    subscriber.close();
  });

  it('starts on a full disk with the room that it holds in reserve', async ({ skip }) => {
    if (disk === undefined) return skip('nobody may mount a file system here');
    await system.kill();
    disk.fill();
    await start();
    expect((await read()).json.total).toBe(acknowledged.length);
    expectLater(await write(), 'store-unavailable');
    disk.makeRoom();
    await expect.poll(async () => (await write()).status, WITHIN).toBe(201);
  });
});

/** What a browser is shown that an app sends to sign somebody in. */
function beginToSignIn(): Promise<Response> {
  const { clientId, redirectUris } = system.apps[0]!;
  const app = createApplication({ baseUrl: system.baseUrl, clientId, redirectUri: redirectUris[0]! });
  return fetch(app.authorizeUrl(), { redirect: 'manual' });
}

const codesOf500 = (answer: Answer): string[] => (answer.status === 200 ? [] : codesOf(answer));

/** Addresses of every observation that is there now. */
async function everythingRead(): Promise<string[]> {
  const answer = await hospital.get(`Observation?patient:identifier=https://fhir.nhs.uk/Id/nhs-number|${nhsNumber}&_count=200`);
  return (answer.json as fhir4.Bundle).entry!.map(({ fullUrl }) => new URL(fullUrl!).pathname);
}
