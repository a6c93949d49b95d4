import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFeed, type Feed } from '../../../infra/demo/feed.ts';
import * as tell from '../../../infra/demo/fragments.ts';
import { createRandom } from '../../../infra/demo/random.ts';
import type { ChangeEvent } from '../../../shared/changes/envelope.ts';
import { type System, startSystem } from '../../system.ts';
import { killAll } from '../actors/killing.ts';
import { type Partner, signIn } from '../actors/partner.ts';
import { type Numbered, PRACTICES, peopleOf } from '../actors/people.ts';
import { type Subscriber, subscribe } from '../actors/queue.ts';
import { allPages, push, resourcesOf, type Written } from '../actors/record.ts';
import { EVERYTHING, secretsOf } from '../actors/subscription.ts';
import { startWebhook, type Webhook } from '../actors/webhook.ts';

const KILLS = 20;
const PEOPLE = 40;
/** Of each person, one after the other. */
const BUNDLES = 5;
/** Changes of each. */
const FRAGMENTS = 26;
const AT_ONCE = 4;
/** Between two bundles of a person, at most: so that there is something to contribute until the last kill. */
const PAUSE_MS = 450;
/** How long the system runs at least and at most before it is killed. */
const LIVES_MS = { least: 100, most: 1_200 };

const somebody = peopleOf('signals-crash');
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const random = createRandom(seed);

let dataDir: string;
let system: System;
let webhook: Webhook;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'chesil-signals-crash-'));
  webhook = await startWebhook();
});
afterAll(async () => {
  await system?.stop();
  await webhook.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** What is contributed of a person, bundle after bundle. Every other is registered with the practice that listens. */
interface Life {
  readonly person: Numbered;
  readonly isHeardOf: boolean;
  readonly bundles: readonly fhir4.Bundle[];
  readonly written: Written[];
  next: number;
}

function lifeOf(index: number): Life {
  const isHeardOf = index % 2 === 0;
  const person = somebody({ practice: isHeardOf ? PRACTICES.ammonite : PRACTICES['golden-cap'] });
  const bundles = Array.from({ length: BUNDLES }, (_, bundle) => {
    const feed = createFeed('uhd', { ...person });
    for (let day = 1; day < FRAGMENTS; day++) bloodPressureOf(feed, bundle, day);
    return named(feed.push().bundle, bundle);
  });
  return { person, isHeardOf, bundles, written: [], next: 0 };
}

const bloodPressureOf = (feed: Feed, bundle: number, day: number) =>
  tell.bloodPressure(feed, 100 + bundle, 60 + day, `2026-10-${String(day).padStart(2, '0')}T09:00:00Z`);

/** The first reading of each bundle is the same, with another value: it is updated. The others are new. */
function named(bundle: fhir4.Bundle, index: number): fhir4.Bundle {
  const [, , ...others] = bundle.entry!;
  for (const { resource } of others)
    for (const identifier of (resource as fhir4.Observation).identifier!) identifier.value = `${identifier.value}-${index}`;
  return bundle;
}

/** Pushes what is left, several people at once and the bundles of each in order, until all is acknowledged or the system dies. */
async function contribute(hospital: Partner, lives: readonly Life[], pauseMs = 0): Promise<void> {
  const waiting = lives.filter(({ next }) => next < BUNDLES);
  const work = async () => {
    for (let life = waiting.shift(); life !== undefined; life = waiting.shift()) {
      while (life.next < BUNDLES) {
        life.written.push(...(await push(hospital, { bundle: life.bundles[life.next]! })));
        life.next++;
        await sleep(random.between(0, pauseMs));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Contributes until the system is killed, somewhere. */
async function killUnderway(lives: readonly Life[]): Promise<void> {
  const hospital = await signIn(system, 'uhd');
  const contributing = contribute(hospital, lives, PAUSE_MS).catch(() => {});
  await sleep(random.between(LIVES_MS.least, LIVES_MS.most));
  await (random.between(0, 1) === 0 ? killAll(system) : system.kill());
  await contributing;
}

async function subscribeWebhook(practice: Partner): Promise<void> {
  const channel = { type: 'rest-hook', endpoint: webhook.url, payload: 'application/json' };
  const draft = { resourceType: 'Subscription', status: 'requested', reason: 'Kills', criteria: EVERYTHING, channel };
  const { json } = await practice.post('Subscription', draft);
  webhook.trust(await secretsOf(practice, json.id));
}

/** Each event once, in the order of its number or, where there is none, of its coming. */
const distinct = (events: readonly ChangeEvent[]): ChangeEvent[] => [
  ...new Map(events.map((event) => [event.id, event])).values(),
];

/** Where in its person's record each event stands, in the order in which they were heard. */
const orderOf = (events: readonly ChangeEvent[], personId: string): [number, number][] =>
  events.filter(({ subject }) => subject === personId).map(({ sequence, part }) => [Number(sequence), part]);

const ascending = (order: readonly [number, number][]): [number, number][] =>
  order.toSorted(([one, part], [other, otherPart]) => one - other || part - otherPart);

/** Addresses of the observations that somebody may see of a person, in all their versions. */
async function visible(who: Partner, life: Life): Promise<string[]> {
  const personId = life.written[0]!.personId;
  const answer = await who.get(`Patient/${personId}`);
  if (answer.status === 404) return [];
  const pages = await allPages(who, `Patient/${personId}/$everything?_count=100`);
  const ids = new Set(pages.flatMap(resourcesOf).map(({ id }) => id));
  const written = new Set(life.written.flatMap(({ type, id }) => (type === 'Observation' && ids.has(id) ? [id] : [])));
  const versions = await Promise.all([...written].map((id) => versionsOf(who, `Observation/${id}`)));
  return versions.flat().sort();
}

/** The address of a fragment for each of its versions: how a version is called depends on who asks. */
async function versionsOf(who: Partner, address: string): Promise<string[]> {
  const { json } = await who.get(`${address}/_history`);
  return (json as fhir4.Bundle).entry!.map(() => address);
}

const observationsIn = (events: readonly ChangeEvent[], personId: string): string[] =>
  events
    .filter(({ subject }) => subject === personId)
    .flatMap(({ dataref }) => /Observation\/[^/]+/.exec(dataref)?.[0] ?? [])
    .sort();

it(`survives kill -9 ${KILLS} times: every subscriber ends with every change that it may know, in order, and with no other (seed ${seed})`, async () => {
  // Given a practice that listens in a queue and with a webhook, and a trust that has to do with nobody here
  system = await startSystem({ dataDir });
  await subscribeWebhook(await signIn(system, 'ammonite'));
  const lives = Array.from({ length: PEOPLE }, (_, index) => lifeOf(index));

  // When the system is killed again and again, and started again, while the hospital contributes
  for (let kill = 0; kill < KILLS; kill++) {
    await killUnderway(lives);
    system = await startSystem({ dataDir });
  }
  await contribute(await signIn(system, 'uhd'), lives);
  const changes = new Set(lives.flatMap(({ written }) => written.map(({ id, version }) => `${id} ${version}`)));
  expect(changes.size).toBe(PEOPLE * (BUNDLES * (FRAGMENTS - 1) + 1));

  // Then each hears, in the end, of what it may see, and of nothing else
  const [practice, hospital, trust] = await Promise.all(['ammonite', 'uhd', 'dch'].map((each) => signIn(system, each)));
  const queues = { practice: subscribe(system, 'ammonite'), hospital: subscribe(system, 'uhd'), trust: subscribe(system, 'dch') };
  const everyone: [Partner, () => Promise<readonly ChangeEvent[]>][] = [
    [
      practice!,
      hearingOf(
        queues.practice,
        lives.filter(({ isHeardOf }) => isHeardOf),
      ),
    ],
    [hospital!, hearingOf(queues.hospital, lives)],
    [trust!, hearingOf(queues.trust, [])],
    [practice!, postsOf(lives.filter(({ isHeardOf }) => isHeardOf))],
  ];
  for (const [who, hear] of everyone) {
    const heard = distinct(await hear());
    for (const life of lives) {
      const { personId } = life.written[0]!;
      expect(observationsIn(heard, personId)).toEqual(await visible(who, life));
      expect(orderOf(heard, personId)).toEqual(ascending(orderOf(heard, personId)));
    }
  }
  for (const queue of Object.values(queues)) queue.close();
}, 600_000);

/** Whoever was sending when the system died has the turn for a minute more; whoever takes it up then looks once a minute. */
const WITHIN_MS = 200_000;

/** How many versions of observations these people have. */
const countOf = (lives: readonly Life[]): number =>
  new Set(
    lives.flatMap(({ written }) =>
      written.filter(({ type }) => type === 'Observation').map(({ id, version }) => `${id} ${version}`),
    ),
  ).size;

const observationsOf = (events: readonly ChangeEvent[]): number =>
  distinct(events).filter(({ dataref }) => dataref?.includes('/Observation/')).length;

/** What a queue holds, in the order of numbers: a standard queue promises none. */
const hearingOf = (queue: Subscriber, lives: readonly Life[]) => async () => {
  await queue.listen((heard) => observationsOf(heard) >= countOf(lives), WITHIN_MS);
  const numbered = queue.heard as readonly (ChangeEvent & { readonly eventnumber: number })[];
  return numbered.toSorted((one, other) => one.eventnumber - other.eventnumber);
};

/** What was posted, in the order in which it came. */
const postsOf = (lives: readonly Life[]) => async () => {
  const until = performance.now() + WITHIN_MS;
  const heard = () => webhook.posted;
  while (observationsOf(heard()) < countOf(lives) && performance.now() < until) await sleep(100);
  return heard();
};
