import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFeed } from '../../infra/demo/feed.ts';
import * as tell from '../../infra/demo/fragments.ts';
import { type System, startSystem } from '../system.ts';
import { childrenOf, killAll } from './actors/killing.ts';
import { type Partner, signIn } from './actors/partner.ts';
import { NHS_NUMBER, type Numbered, peopleOf } from './actors/people.ts';
import { changesOf, subscribe } from './actors/queue.ts';
import { idsOf, push, type Written } from './actors/record.ts';

const somebody = peopleOf('crash');

let dataDir: string;
let running: System | undefined;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'chesil-crash-'));
});
afterAll(async () => {
  await running?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const start = async () => (running = await startSystem({ dataDir }));

/** A bundle, and what was answered to it before the system died, if anything was. */
interface Sent {
  readonly person: Numbered;
  readonly bundle: fhir4.Bundle;
  answered?: Written[];
}

const FRAGMENTS = 12;
const AT_ONCE = 6;

function account(): Sent {
  const person = somebody();
  const feed = createFeed('uhd', person);
  for (let day = 1; day < FRAGMENTS; day++) tell.bloodPressure(feed, 100 + day, 70, `2026-10-${10 + day}T09:00:00Z`);
  return { person, bundle: feed.push().bundle };
}

/** Pushes bundles, several at once, until the system dies under it. */
async function load(hospital: Partner, sent: Sent[]): Promise<void> {
  const work = async () => {
    for (;;) {
      const one = account();
      sent.push(one);
      one.answered = await push(hospital, one);
    }
  };
  await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
}

const acknowledged = (sent: readonly Sent[]) => sent.filter(({ answered }) => answered !== undefined);

/** Loads until so many bundles are acknowledged, then kills, with others on their way. */
async function killUnderLoad(system: System, count: number, kill: (system: System) => Promise<void>): Promise<Sent[]> {
  const sent: Sent[] = [];
  const loading = load(await signIn(system, 'uhd'), sent);
  while (acknowledged(sent).length < count) await sleep(5);
  await kill(system);
  await loading;
  expect(acknowledged(sent).length).toBeLessThan(sent.length);
  return sent;
}

/** What stands in the record of a person who was sent: the fragments' addresses. */
async function standing(hospital: Partner, { person }: Sent): Promise<string[]> {
  const search = new URLSearchParams({ identifier: `${NHS_NUMBER}|${person.nhsNumber}` });
  const found = (await hospital.post('Patient/_search', search)).json as fhir4.Bundle;
  if (found.total === 0) return [];
  const whole = await hospital.get(`Patient/${found.entry![0]!.resource!.id}/$everything`);
  // The person stands first, then the fragments.
  return idsOf(whole.json).slice(1);
}

it('survives kill -9 under load: what was acknowledged is whole, nothing is by halves, and every event arrives', async () => {
  // Given a load under which the system is killed with all that it started, and, started again, is killed alone
  const sent = [
    ...(await killUnderLoad(await start(), 40, killAll)),
    ...(await killUnderLoad(await start(), 20, (one) => one.kill())),
  ];

  // When it is started once more
  const system = await start();
  const hospital = await signIn(system, 'uhd');

  // Then every bundle that was acknowledged is whole, and the others are whole or not there
  const there: Sent[] = [];
  for (const one of sent) {
    const fragments = await standing(hospital, one);
    if (one.answered !== undefined) expect(fragments).toEqual(one.answered.map(({ type, id }) => `${type}/${id}`));
    else if (fragments.length > 0) expect(fragments).toHaveLength(FRAGMENTS);
    if (fragments.length > 0) there.push(one);
  }

  // And every event of every contribution arrives, each once when duplicates are dropped
  const subscriber = subscribe(system, 'uhd');
  // What is about the subscription itself (its handshake) is no event of a contribution.
  const told = () => subscriber.heard.filter(({ dataref }) => !dataref.includes('/Subscription/'));
  const distinct = (): Map<string, string> => new Map(told().map(({ id, dataref }) => [id, new URL(dataref).pathname]));
  await subscriber.listen(() => distinct().size >= there.length * FRAGMENTS, 60_000);
  subscriber.close();
  expect(distinct().size).toBe(there.length * FRAGMENTS);
  const heard = new Set([...distinct().values()].map((path) => path.replace(/\/_history\/.*/, '')));
  for (const { type, id, personId } of acknowledged(sent).flatMap(({ answered }) => answered!)) {
    expect(heard).toContain(`/fhir/R4/${type}/${id}`);
    expect(changesOf(subscriber.heard, personId)).toHaveLength(FRAGMENTS);
  }

  // And whoever got no answer sends again, and knows
  for (const one of sent.filter(({ answered }) => answered === undefined)) {
    const written = await push(hospital, one);
    expect(await standing(hospital, one)).toEqual(written.map(({ type, id }) => `${type}/${id}`));
  }
});

it('survives the death of its engine alone: what was acknowledged stands, and it goes on by itself', async () => {
  const system = running!;
  const hospital = await signIn(system, 'uhd');
  const before = await push(hospital, account());
  for (const pid of childrenOf(system.pid)) process.kill(pid, 'SIGKILL');
  const after = account();
  let answer = await hospital.post('', after.bundle);
  for (let tries = 0; answer.status >= 500 && tries < 50; tries++) {
    expect(answer.headers['content-type']).toContain('application/fhir+json');
    await sleep(100);
    answer = await hospital.post('', after.bundle);
  }
  expect(answer.status).toBe(200);
  for (const { type, id } of before) expect((await hospital.get(`${type}/${id}`)).status).toBe(200);
});
