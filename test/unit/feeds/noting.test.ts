import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNoteFeed } from '../../../functions/ingest/feed.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import { createFeeds } from '../../../shared/store/signals/feeds.ts';
import { type Ingest, startIngest } from '../ingest/ingesting.ts';
import { NHS, nhsNumber, observation, of, patient } from '../ingest/resources.ts';
import { meteredClient } from '../store/world.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

const lastHeard = async (organisation: string) => (await ingest.feeds.states([organisation])).get(organisation)?.lastAt;
const SILENT_LOG = createLog(new Logger({ logLevel: 'SILENT' }));

/** A process with a clock of its own. */
function processAt(time: string) {
  const clock = { now: new Date(time) };
  return { clock, ...ingest.instance(() => clock.now) };
}

describe('an organisation is heard from', () => {
  it('when it sends what was here already: a nightly extract in which nothing has changed', async () => {
    const number = nhsNumber();
    const { clock, send } = processAt('2026-11-23T02:00:00.000Z');
    const extract = async () => {
      await send('POST', 'Patient', patient([[NHS, number]]), { as: 'dch' });
      return send('POST', 'Observation', observation('nightly', of(number)), { as: 'dch' });
    };
    await extract();
    expect(await lastHeard('dch')).toBe('2026-11-23T02:00:00.000Z');
    clock.now = new Date('2026-11-24T02:10:00.000Z');
    const again = await extract();
    expect(again.status).toBe(200);
    expect(await lastHeard('dch')).toBe('2026-11-24T02:10:00.000Z');
  });

  it('in a batch of which something is accepted, and in none of which nothing is', async () => {
    const entry = (resource: object) => ({ resource, request: { method: 'POST', url: 'Observation' } });
    const batch = (...resources: object[]) => ({ resourceType: 'Bundle', type: 'batch', entry: resources.map(entry) });
    const number = nhsNumber();
    const { clock, send } = processAt('2026-11-24T03:00:00.000Z');
    await send('POST', '', batch({ resourceType: 'Observation', status: 'final' }), { as: 'surgery' });
    expect(await lastHeard('surgery')).toBeUndefined();
    await send('POST', 'Patient', patient([[NHS, number]]), { as: 'surgery' });
    clock.now = new Date('2026-11-24T03:05:00.000Z');
    await send('POST', '', batch({ resourceType: 'Observation', status: 'final' }, observation('one', of(number))), {
      as: 'surgery',
    });
    expect(await lastHeard('surgery')).toBe('2026-11-24T03:05:00.000Z');
  });

  it('by nothing that is refused', async () => {
    const { send } = processAt('2030-01-01T00:00:00.000Z');
    const refused = await send('POST', 'Observation', observation('refused', { subject: { reference: 'Patient/nobody' } }));
    const denied = await send('POST', 'Patient', patient([[NHS, nhsNumber()]]), { scopes: ['system/*.rs'] });
    expect([refused.status, denied.status]).toEqual([422, 403]);
    expect(await lastHeard('uhd')).not.toBe('2030-01-01T00:00:00.000Z');
  });
});

describe('to note it', () => {
  it('costs one write unit a minute for each organisation, however much is sent', async () => {
    const { client, used } = meteredClient(ingest.engine);
    const feeds = createFeeds({ client, table: ingest.engine.signalsTable });
    const note = createNoteFeed({ feeds, log: SILENT_LOG, patienceMs: 60_000 });
    const at = (second: number) => new Date(Date.parse('2026-11-24T04:00:00.000Z') + second * 1_000);
    // The first one also enters the index by kind.
    await note('council', at(0));
    const before = { ...used };
    for (let second = 1; second < 180; second++) await Promise.all([note('council', at(second)), note('council', at(second))]);
    expect(used).toEqual({ ...before, requests: before.requests + 2, writeUnits: before.writeUnits + 2 });
  });

  it('fails nobody, and lets nobody wait for a table that does not answer', async () => {
    const failing = createNoteFeed({ feeds: { heard: async () => Promise.reject(new Error('throttled')) }, log: SILENT_LOG });
    await failing('uhd', new Date());
    const hanging = createNoteFeed({
      feeds: {
        heard: async (_organisation, _at, { signal } = {}) => {
          await sleep(3_600_000, undefined, { signal: signal! });
        },
      },
      log: SILENT_LOG,
      patienceMs: 10,
    });
    await hanging('uhd', new Date());
  });
});
