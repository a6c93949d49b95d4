import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, codesOf, type Ingest, idOf, startIngest } from '../ingesting.ts';
import { nhsNumber, observation, of, personOf } from '../resources.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

describe('what arrives late', () => {
  const version = (versionId: string, lastUpdated: string, status: string, number: string) =>
    observation('late', { ...of(number), status, meta: { versionId, lastUpdated } });

  it('enters the history and is not the current one', async () => {
    const number = nhsNumber();
    const newer = await ingest.send('POST', 'Observation', version('2', '2026-03-02T10:00:00Z', 'amended', number));
    const older = await ingest.send('POST', 'Observation', version('1', '2026-03-01T10:00:00Z', 'final', number), {
      headers: { prefer: 'return=OperationOutcome' },
    });
    expect([older.status, codesOf(older)]).toEqual([200, ['late-arrival']]);
    const [subject, fragmentId] = idOf(newer.headers.location).split('.');
    expect(JSON.parse((await ingest.store.fold(subject!)).fragments.get(fragmentId!)!.body!).status).toBe('amended');
    expect(await ingest.store.versions(subject!, fragmentId!)).toHaveLength(2);
    const undemanding = await ingest.send('POST', 'Observation', version('0', '2026-02-01T10:00:00Z', 'preliminary', number));
    expect([undemanding.status, codesOf(undemanding)]).toEqual([200, ['late-arrival']]);
  });

  it('refuses another content under a version that was sent before', async () => {
    const number = nhsNumber();
    await ingest.send('POST', 'Observation', version('5', '2026-03-02T10:00:00Z', 'final', number));
    const answer = await ingest.send('POST', 'Observation', version('5', '2026-03-02T10:00:00Z', 'amended', number));
    expect([answer.status, codesOf(answer)]).toEqual([409, ['same-version-other-body']]);
  });
});

describe('races', () => {
  it('loses none of sixteen updates that come at once by two instances', async () => {
    const number = nhsNumber();
    const other = ingest.instance();
    await ingest.send('POST', 'Observation', observation('race', of(number)));
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        (index % 2 === 0 ? ingest : other).send(
          'POST',
          'Observation',
          observation('race', { ...of(number), note: [{ text: `${index}` }] }),
        ),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(200));
    expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(16);
    const [subject, fragmentId] = idOf(answers[0]!.headers.location).split('.');
    const versions = await ingest.store.versions(subject!, fragmentId!);
    expect(new Set(versions.map(({ body }) => JSON.parse(body!).note?.[0].text)).size).toBe(17);
  });

  it('lets exactly one of eight through that stand on the same version', async () => {
    const created = await ingest.send('POST', 'Observation', observation('match', of(nhsNumber())));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        ingest.send(
          'PUT',
          addressOf(created.headers.location),
          { ...created.body, note: [{ text: `${index}` }] },
          { headers: { 'if-match': 'W/"1"' } },
        ),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
  });
});

describe('Idempotency-Key', () => {
  it('answers a request that comes again as before, and does nothing twice', async () => {
    const number = nhsNumber();
    const { identifier: _none, ...unnamed } = observation('', of(number));
    const header = { headers: { 'idempotency-key': 'key-1' } };
    const first = await ingest.send('POST', 'Observation', unnamed, header);
    const second = await ingest.send('POST', 'Observation', unnamed, header);
    expect(second).toEqual(first);
    expect((await ingest.store.fold(personOf(number))).fragments.size).toBe(1);
    const reused = await ingest.send('POST', 'Observation', { ...unnamed, status: 'amended' }, header);
    expect([reused.status, codesOf(reused)]).toEqual([422, ['idempotency-reused']]);
    const elsewhere = await ingest.send('POST', 'Observation', unnamed, { ...header, as: 'dch' });
    expect(elsewhere.status).toBe(201);
  });

  it('gives sixteen retries at once one answer', async () => {
    const number = nhsNumber();
    const sent = observation('retry', of(number));
    const other = ingest.instance();
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        (index % 2 ? ingest : other).send('POST', 'Observation', sent, { headers: { 'idempotency-key': 'key-2' } }),
      ),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]!.status).toBe(201);
  });

  it('must be readable', async () => {
    const answer = await ingest.send('POST', 'Observation', observation('k', of(nhsNumber())), {
      headers: { 'idempotency-key': 'ä b' },
    });
    expect(codesOf(answer)).toEqual(['bad-idempotency-key']);
  });
});
