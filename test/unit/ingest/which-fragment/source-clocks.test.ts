import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codesOf } from '../ingesting.ts';
import {
  addressesIn,
  addressIn,
  noticesIn,
  type Partner,
  type Partners,
  SAYING,
  startPartners,
  statusesIn,
} from '../partners.ts';
import { byNhs, nhsNumber, result, unique } from '../resources.ts';

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

const HOUR = 3_600_000;
const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString();

/** A result of one id whose versions bear times of the source. */
function clocked() {
  const [number, id] = [nhsNumber(), unique('o')];
  const at = (text: string, meta?: object) => result(text, byNhs(number), { id, ...(meta === undefined ? {} : { meta }) });
  const current = async (address: string) =>
    JSON.parse((await partners.versions(address)).find(({ action }) => action !== 'late')!.body!).code.text;
  return { number, id, at, current };
}

/** How a source says when it wrote. */
const STAMPS: readonly (readonly [string, (instant: string) => object])[] = [
  ['meta.lastUpdated', (lastUpdated) => ({ lastUpdated })],
  ['a versionId that counts milliseconds', (instant) => ({ versionId: String(Date.parse(instant)) })],
  ['a versionId that is an instant in digits', (instant) => ({ versionId: instant.replaceAll(/[^0-9]/g, '') })],
];

describe('a time of the source that is a little ahead', () => {
  it.each([5_000, HOUR, 23 * HOUR])(
    'of %i ms is ordered as if sent now: a correction of the next minute counts',
    async (ahead) => {
      const { at, current } = clocked();
      const first = await hospital.post(at('ahead', { lastUpdated: fromNow(ahead) }), SAYING);
      expect([first.status, noticesIn(first)]).toEqual([201, ['time-ahead']]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      const second = await hospital.post(at('corrected', { lastUpdated: fromNow(0) }), SAYING);
      expect([second.status, noticesIn(second)]).toEqual([200, []]);
      expect(await current(addressIn(first))).toBe('corrected');
    },
  );

  it('is the same thing when it is sent again, though its time is still ahead', async () => {
    const { at } = clocked();
    const resource = at('ahead', { lastUpdated: fromNow(HOUR) });
    const first = await hospital.post(resource);
    const again = await hospital.post(resource);
    expect([again.status, addressIn(again), again.headers.etag]).toEqual([200, addressIn(first), 'W/"1"']);
  });
});

describe('a time of the source that is far ahead', () => {
  it.each(['2099-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])(
    '%s refuses its entry, says where, and hides nothing later',
    async (lastUpdated) => {
      const { at, current } = clocked();
      const refused = await hospital.post(at('2099', { lastUpdated }));
      expect([refused.status, codesOf(refused)]).toEqual([422, ['time-far-ahead']]);
      expect(refused.body.issue[0].expression[0]).toContain('meta');
      const next = await hospital.post(at('now', { lastUpdated: fromNow(0) }));
      expect([next.status, await current(addressIn(next))]).toEqual([201, 'now']);
    },
  );

  it('of two days is refused; a batch keeps its other entries, a transaction is refused as a whole', async () => {
    const [one, other] = [clocked(), clocked()];
    const bad = one.at('far', { lastUpdated: fromNow(49 * HOUR) });
    expect(statusesIn(await hospital.batch(bad, other.at('good')))).toEqual([422, 201]);
    const whole = await hospital.transaction(bad, other.at('good, corrected'));
    expect([whole.status, codesOf(whole)]).toEqual([422, ['time-far-ahead']]);
  });

  it('is refused by PUT to an own id', async () => {
    const { id, at } = clocked();
    const refused = await hospital.put(`Observation/${id}`, at('2099', { lastUpdated: '2099-01-01T00:00:00Z' }));
    expect([refused.status, codesOf(refused)]).toEqual([422, ['time-far-ahead']]);
  });
});

describe('a version of the source', () => {
  it.each(STAMPS)('of the year 2099 in %s never makes what comes later late', async (_case, stamp) => {
    const { at, current } = clocked();
    await hospital.post(at('before'));
    const far = await hospital.post(at('2099', stamp('2099-01-01T00:00:00.000Z')));
    expect([200, 422]).toContain(far.status);
    const later = await hospital.post(at('later', stamp(fromNow(0))), SAYING);
    expect([later.status, noticesIn(later)]).toEqual([200, []]);
    expect(await current(addressIn(later))).toBe('later');
  });

  it('that counts up is no time, however long the number', async () => {
    const { at } = clocked();
    for (const versionId of ['1', '2', '10', '999999999999'])
      expect(noticesIn(await hospital.post(at(versionId, { versionId }), SAYING))).toEqual([]);
  });
});

describe('what arrives late', () => {
  const late = async (prefer: string) => {
    const { at } = clocked();
    await hospital.post(at('after', { lastUpdated: '2026-01-02T00:00:00Z' }));
    const before = at('before', { lastUpdated: '2026-01-01T00:00:00Z' });
    return hospital.post(before, { headers: { prefer: `return=${prefer}` } });
  };

  it.each(['minimal', 'representation', 'OperationOutcome'])('is said to, with return=%s', async (prefer) => {
    const answer = await late(prefer);
    expect([answer.status, noticesIn(answer)]).toEqual([200, ['late-arrival']]);
  });

  it('is said in a bundle', async () => {
    const { at } = clocked();
    const first = await hospital.transaction(at('after', { lastUpdated: '2026-01-02T00:00:00Z' }));
    for (const send of [hospital.transaction, hospital.batch]) {
      const answer = await send(at(unique('before'), { lastUpdated: '2026-01-01T00:00:00Z' }));
      expect([addressesIn(answer), noticesIn(answer)]).toEqual([addressesIn(first), ['late-arrival']]);
    }
  });
});
