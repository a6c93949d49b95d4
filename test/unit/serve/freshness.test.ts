import { Logger } from '@aws-lambda-powertools/logger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFreshness } from '../../../functions/serve/looking/freshness.ts';
import { createDirectory } from '../../../shared/directory/directory.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import { createFeeds, type Feeds } from '../../../shared/store/signals/feeds.ts';
import { NHS_NUMBERS, observation, patient } from './resources.ts';
import { createWorld, directory, type Told, type World } from './world.ts';

const NOW = '2026-11-24T12:00:00.000Z';
/** As long as a busy machine takes. */
const PATIENT_MS = 60_000;
const LAST = '2026-11-24T08:00:00.000Z';
const [nhsNumber] = NHS_NUMBERS;
const log = createLog(new Logger({ logLevel: 'SILENT' }));

let world: World;
let person: string;
let feeds: Feeds;

/** A hospital that is silent since the morning, another that is heard from, a practice that has told nothing of the person. */
beforeAll(async () => {
  world = await createWorld();
  feeds = createFeeds({ client: world.engine.client, table: world.engine.signalsTable });
  person = world.personOf(nhsNumber!);
  await world.contribute(person, 'uhd', patient(nhsNumber!), observation(person, 'o'));
  await world.contribute(person, 'dch', patient(nhsNumber!));
  for (const silent of ['uhd', 'council']) await feeds.heard(silent, LAST);
  await feeds.heard('dch', '2026-11-24T11:59:00.000Z');
});
afterAll(() => world.engine.stop());

const agreed = ['uhd', 'dch', 'council'].map((organisation) => ({ organisation, everyMinutes: 60 }));
const now = () => new Date(NOW);
const freshnessOf = (read: Pick<Feeds, 'states'>, clock = now) =>
  createFreshness({ feeds: read, agreed, directory, log, now: clock, patienceMs: PATIENT_MS });

const ask = (path: string, asked = {}) => world.ask(path, asked, { freshness: freshnessOf(feeds), now });

const staleIn = ({ json }: Told): string[] =>
  (json.entry ?? []).flatMap(({ resource }: { resource: fhir4.Resource }) =>
    resource.resourceType !== 'OperationOutcome'
      ? []
      : (resource as fhir4.OperationOutcome).issue.flatMap(({ details, diagnostics = '' }) =>
          details?.coding?.[0]?.code === 'source-stale' ? [diagnostics] : [],
        ),
  );

const SAID = 'UHD NHS (uhd): last heard from at 2026-11-24T08:00:00.000Z; agreed is every 60 minutes.';

describe('an answer about a record', () => {
  it('names the sources in it that are silent for longer than agreed, and since when', async () => {
    expect(staleIn(await ask(`Patient/${person}/$everything`))).toEqual([SAID]);
    expect(staleIn(await ask(`Observation?patient=${person}`))).toEqual([SAID]);
  });

  it('names them where nothing is found: that no allergy is recorded means little then', async () => {
    const answer = await ask(`AllergyIntolerance?patient=${person}`);
    expect(answer.json.total).toBe(0);
    expect(staleIn(answer)).toEqual([SAID]);
  });

  it('names none that tells nothing which the viewer may see', async () => {
    // The council is silent too, and knows nobody; to a viewer whose scopes reach nothing of the hospital's, neither does that.
    const answer = await ask(`Patient/${person}/$everything`);
    expect(JSON.stringify(answer.json)).not.toContain('council');
    const unknown = await ask(`Observation?patient=${world.personOf('9000000009')}`);
    expect(staleIn(unknown)).toEqual([]);
  });

  it('names whoever has taken over from a source that tells something', async () => {
    const partners = directory.organisations.map((each) =>
      each.id === 'uhd' ? { ...each, successors: [{ organisation: 'council', on: '2026-11-01' }] } : each,
    );
    const merged = createDirectory(partners);
    const freshness = createFreshness({ feeds, agreed, directory: merged, log, now, patienceMs: PATIENT_MS });
    const answer = await world.ask(`Observation?patient=${person}`, {}, { directory: merged, freshness, now });
    expect(staleIn(answer)).toEqual([expect.stringContaining('COUNCIL NHS (council)')]);
  });

  it('says so on its first page', async () => {
    const first = await ask(`Patient/${person}/$everything?_count=1`);
    expect(staleIn(first)).toEqual([SAID]);
    const next = first.json.link.find(({ relation }: fhir4.BundleLink) => relation === 'next').url;
    expect(staleIn(await ask(next))).toEqual([]);
  });

  it('is shown again as it was, when the feed has long come back', async () => {
    const later = () => new Date('2026-11-24T12:00:01.000Z');
    const shown = await world.ask(`Patient/${person}/$everything`, {}, { freshness: freshnessOf(feeds, later), now: later });
    expect(staleIn(shown)).toEqual([SAID]);
    await feeds.heard('uhd', '2026-11-24T12:00:02.000Z');
    const [look] = (await world.ask(`AuditEvent?patient=${person}`, OFFICER)).json.entry as { resource: fhir4.AuditEvent }[];
    const again = await ask(`AuditEvent/${look!.resource.id}/$replay`, OFFICER);
    expect(again.headers).toMatchObject({ 'chesil-replay': 'exact' });
    expect(again.body).toBe(shown.body);
  });
});

/** Who may have looks shown again. */
const OFFICER = {
  organisation: 'uhd',
  viewer: { role: 'privacy-officer', purpose: 'investigation', staff: 'p|officer', provider: 'p', assurance: 'high' },
  scopes: ['user/*.rs'],
} as const;

describe('how fresh sources are', () => {
  it('is told of each to whoever may read anything, as valid FHIR', async () => {
    const { status, json } = await ask('Organization/$feeds', { scopes: ['system/Observation.r'] });
    expect(status).toBe(200);
    expect(validate(json)).toEqual([]);
    const council = json.parameter.find(({ part }: fhir4.ParametersParameter) => part?.[0]?.valueCoding?.code === 'council');
    expect(council.part).toEqual([
      { name: 'organisation', valueCoding: { system: 'urn:chesil:organisation', code: 'council', display: 'COUNCIL NHS' } },
      { name: 'last-heard', valueInstant: LAST },
      { name: 'agreed-minutes', valuePositiveInt: 60 },
      { name: 'stale-since', valueInstant: '2026-11-24T09:00:00.000Z' },
    ]);
    expect(json.parameter.length).toBe(directory.organisations.length);
  });

  it('is told to nobody who is not known', async () => {
    expect((await ask('Organization/$feeds', { caller: null })).status).toBe(401);
    expect((await ask('Organization/$feeds', { method: 'PUT' })).status).toBe(405);
    expect((await ask('Organization/$feeds/more')).status).not.toBe(200);
  });

  it('is read at most every half minute, and once for all who ask at once', async () => {
    const clock = { now: new Date(NOW) };
    let reads = 0;
    const states: Feeds['states'] = (...all) => {
      reads++;
      return feeds.states(...all);
    };
    const counting = freshnessOf({ states }, () => clock.now);
    await Promise.all([1, 2, 3].map(() => counting.sources(NOW)));
    clock.now = new Date('2026-11-24T12:00:29.000Z');
    await counting.sources(NOW);
    expect(reads).toBe(1);
    clock.now = new Date('2026-11-24T12:00:30.000Z');
    await counting.sources(NOW);
    expect(reads).toBe(2);
  });

  it('fails no answer when it cannot be read: what was last known stands', async () => {
    const clock = { now: new Date(NOW) };
    let broken = false;
    const failing = freshnessOf(
      { states: (...all) => (broken ? Promise.reject(new Error('throttled')) : feeds.states(...all)) },
      () => clock.now,
    );
    const known = await failing.sources(NOW);
    broken = true;
    clock.now = new Date('2026-11-24T12:05:00.000Z');
    expect(await failing.sources(NOW)).toEqual(known);
    const never = freshnessOf({ states: () => Promise.reject(new Error('throttled')) });
    const answer = await world.ask(`Patient/${person}/$everything`, {}, { freshness: never, now });
    expect([answer.status, staleIn(answer)]).toEqual([200, []]);
  });
});
