import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, codesOf, FHIR_URL, type Ingest, idOf, startIngest } from '../ingesting.ts';
import { NHS, nhsNumber, observation, of, personOf, RESULTS } from '../resources.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

describe('create', () => {
  it('puts a fragment into the record of the person that the NHS number names, and points its subject there', async () => {
    const number = nhsNumber();
    const answer = await ingest.send('POST', 'Observation', observation('r1', of(number)));
    expect(answer.status).toBe(201);
    expect(answer.headers.etag).toBe('W/"1"');
    expect(answer.headers.location).toMatch(
      new RegExp(`^${FHIR_URL}/Observation/${personOf(number)}\\.[a-z2-7]{16}/_history/1$`),
    );
    expect(answer.headers['last-modified']).toMatch(/GMT$/);
    expect(answer.body.id).toBe(idOf(answer.headers.location));
    expect(answer.body.meta).toMatchObject({ versionId: '1', tag: [{ system: 'urn:chesil:organisation', code: 'uhd' }] });
    expect(answer.body.subject).toEqual({ identifier: { system: NHS, value: number }, reference: `Patient/${personOf(number)}` });
  });

  it('answers the same content again as it stands, and writes nothing', async () => {
    const sent = observation('again', of(nhsNumber()));
    const first = await ingest.send('POST', 'Observation', sent);
    const second = await ingest.send('POST', 'Observation', sent);
    expect([second.status, second.headers.etag, second.headers.location]).toEqual([200, 'W/"1"', first.headers.location]);
    const fold = await ingest.store.fold(idOf(first.headers.location).split('.')[0]!);
    expect(fold.sequence).toBe(1);
  });

  it('takes other content of the same business identifier for a new version', async () => {
    const number = nhsNumber();
    const first = await ingest.send('POST', 'Observation', observation('amended', of(number)));
    const second = await ingest.send('POST', 'Observation', observation('amended', { ...of(number), status: 'amended' }));
    expect(second.status).toBe(200);
    expect(second.headers.etag).toBe('W/"2"');
    expect(addressOf(second.headers.location)).toBe(addressOf(first.headers.location));
  });

  it('keeps two organisations apart that use the same business identifier', async () => {
    const number = nhsNumber();
    const ours = await ingest.send('POST', 'Observation', observation('shared', of(number)));
    const theirs = await ingest.send('POST', 'Observation', observation('shared', of(number)), { as: 'dch' });
    expect([ours.status, theirs.status]).toEqual([201, 201]);
    expect(addressOf(theirs.headers.location)).not.toBe(addressOf(ours.headers.location));
  });

  it('keeps decimals as they were written', async () => {
    const sent = JSON.stringify(observation('decimal', of(nhsNumber()))).replace(
      /}$/,
      ',"valueQuantity":{"value":5.50,"unit":"mmol/L"}}',
    );
    const answer = await ingest.send('POST', 'Observation', sent);
    const [subject, fragmentId] = idOf(answer.headers.location).split('.');
    expect((await ingest.store.fold(subject!)).fragments.get(fragmentId!)!.body).toContain('"value":5.50');
  });

  it('does nothing when If-None-Exist finds it', async () => {
    const number = nhsNumber();
    const header = { headers: { 'if-none-exist': `identifier=${RESULTS}|once` } };
    const first = await ingest.send('POST', 'Observation', observation('once', of(number)), header);
    const second = await ingest.send('POST', 'Observation', observation('once', { ...of(number), status: 'amended' }), header);
    expect([first.status, second.status, second.headers.etag]).toEqual([201, 200, 'W/"1"']);
    expect(second.body.status).toBe('final');
  });

  it('answers as Prefer asks', async () => {
    const number = nhsNumber();
    const send = (value: string, wanted: string) =>
      ingest.send('POST', 'Observation', observation(value, of(number)), { headers: { prefer: `return=${wanted}` } });
    expect((await send('p1', 'minimal')).body).toBeUndefined();
    expect((await send('p2', 'representation')).body.resourceType).toBe('Observation');
    expect(codesOf(await send('p3', 'OperationOutcome'))).toEqual(['written']);
    const again = await send('p3', 'OperationOutcome');
    expect(codesOf(again)).toEqual(['nothing-changed']);
    // A success needs nobody's attention (http://hl7.org/fhir/R4/valueset-issue-severity.html).
    expect(again.body.issue).toMatchObject([{ severity: 'information', code: 'informational' }]);
  });
});

describe('update', () => {
  it('by our id, on condition of the version that was read', async () => {
    const created = await ingest.send('POST', 'Observation', observation('u1', of(nhsNumber())));
    const address = addressOf(created.headers.location);
    for (const [version, etag] of ['W/"1"', '"2"', '3'].entries()) {
      const body = { ...created.body, status: ['amended', 'corrected', 'final'][version], note: [{ text: `note ${version}` }] };
      const answer = await ingest.send('PUT', address, body, { headers: { 'if-match': etag } });
      expect([answer.status, answer.headers.etag]).toEqual([200, `W/"${version + 2}"`]);
    }
    const stale = await ingest.send('PUT', address, created.body, { headers: { 'if-match': 'W/"1"' } });
    expect([stale.status, codesOf(stale)]).toEqual([412, ['version-conflict']]);
    const unreadable = await ingest.send('PUT', address, created.body, { headers: { 'if-match': 'yesterday' } });
    expect([unreadable.status, codesOf(unreadable)]).toEqual([400, ['bad-precondition']]);
  });

  it('reading and writing back what was read changes nothing', async () => {
    const created = await ingest.send('POST', 'Observation', observation('u2', { ...of(nhsNumber()), id: 'source-u2' }));
    const answer = await ingest.send('PUT', addressOf(created.headers.location), created.body);
    expect([answer.status, answer.headers.etag]).toEqual([200, 'W/"1"']);
  });

  it("by the source's own id: creates, then updates, and answers with our address", async () => {
    const number = nhsNumber();
    const sent = { ...observation('u3', of(number)), id: 'obs-u3' };
    const first = await ingest.send('PUT', 'Observation/obs-u3', sent);
    expect(first.status).toBe(201);
    const second = await ingest.send(
      'PUT',
      'Observation/obs-u3',
      { ...sent, status: 'amended' },
      { headers: { 'if-match': '1' } },
    );
    expect([second.status, second.headers.etag]).toEqual([200, 'W/"2"']);
    expect(addressOf(second.headers.location)).toBe(addressOf(first.headers.location));
    // The source gives it another business identifier: it stays the same fragment.
    const renamed = { ...sent, identifier: [{ system: RESULTS, value: 'u3-renamed' }] };
    const third = await ingest.send('PUT', 'Observation/obs-u3', renamed);
    expect(addressOf(third.headers.location)).toBe(addressOf(first.headers.location));
    const posted = await ingest.send('POST', 'Observation', renamed);
    expect([posted.status, addressOf(posted.headers.location)]).toEqual([200, addressOf(first.headers.location)]);
  });

  it('only creates under If-None-Match: *', async () => {
    const sent = { ...observation('u4', of(nhsNumber())), id: 'obs-u4' };
    const only = { headers: { 'if-none-match': '*' } };
    expect((await ingest.send('PUT', 'Observation/obs-u4', sent, only)).status).toBe(201);
    const again = await ingest.send('PUT', 'Observation/obs-u4', { ...sent, status: 'amended' }, only);
    expect([again.status, codesOf(again)]).toEqual([412, ['already-exists']]);
  });

  it('by condition: creates where nothing matches, updates the one that does', async () => {
    const number = nhsNumber();
    const address = `Observation?identifier=${encodeURIComponent(`${RESULTS}|c1`)}`;
    const first = await ingest.send('PUT', address, observation('c1', of(number)));
    const second = await ingest.send('PUT', address, observation('c1', { ...of(number), status: 'amended' }));
    expect([first.status, second.status, second.headers.etag]).toEqual([201, 200, 'W/"2"']);
    const unsupported = await ingest.send('PUT', 'Observation?code=1', observation('c1', of(number)));
    expect([unsupported.status, codesOf(unsupported)]).toEqual([400, ['bad-parameter']]);
  });

  it('refuses a condition that two fragments meet', async () => {
    const number = nhsNumber();
    const shared = { system: 'https://uhd.example/episode', value: 'E1' };
    for (const value of ['m1', 'm2']) {
      const sent = observation(value, of(number));
      await ingest.send('POST', 'Observation', { ...sent, identifier: [...sent.identifier, shared] });
    }
    const address = `Observation?identifier=${encodeURIComponent('https://uhd.example/episode|E1')}`;
    const answer = await ingest.send('PUT', address, observation('m3', of(number)));
    expect([answer.status, codesOf(answer)]).toEqual([412, ['several-matches']]);
  });

  it('is for the owner alone', async () => {
    const number = nhsNumber();
    const created = await ingest.send('POST', 'Observation', observation('own', of(number)));
    const address = addressOf(created.headers.location);
    const stranger = await ingest.send('PUT', address, created.body, { as: 'dch' });
    expect([stranger.status, codesOf(stranger)]).toEqual([404, ['not-found']]);
    await ingest.send('POST', 'Observation', observation('other', of(number)), { as: 'dch' });
    const knownNow = await ingest.send('PUT', address, created.body, { as: 'dch' });
    expect([knownNow.status, codesOf(knownNow)]).toEqual([403, ['not-owner']]);
  });

  it('keeps id, type and subject', async () => {
    const created = await ingest.send('POST', 'Observation', observation('immutable', of(nhsNumber())));
    const address = addressOf(created.headers.location);
    const elsewhere = await ingest.send('PUT', address, { ...created.body, ...of(nhsNumber()) });
    expect([elsewhere.status, codesOf(elsewhere)]).toEqual([422, ['immutable-element']]);
    const otherId = await ingest.send('PUT', address, { ...created.body, id: 'other' });
    expect([otherId.status, codesOf(otherId)]).toEqual([400, ['type-mismatch']]);
    const id = created.body.id.replace(/.$/, (last: string) => (last === 'a' ? 'b' : 'a'));
    const unknown = await ingest.send('PUT', `Observation/${id}`, { ...created.body, id });
    expect([unknown.status, codesOf(unknown)]).toEqual([404, ['not-found']]);
  });
});
