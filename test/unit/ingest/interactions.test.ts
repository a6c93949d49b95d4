import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, codesOf, expressionsOf, FHIR_URL, type Ingest, idOf, startIngest } from './ingesting.ts';
import { MRN, NHS, nhsNumber, observation, of, patient, personOf, RESULTS } from './resources.ts';

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
    expect(codesOf(await send('p3', 'OperationOutcome'))).toEqual(['nothing-changed']);
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

describe('patch', () => {
  const json = { headers: { 'content-type': 'application/json-patch+json' } };

  it('changes the current version', async () => {
    const created = await ingest.send('POST', 'Observation', observation('patch', of(nhsNumber())));
    const address = addressOf(created.headers.location);
    const operations = [
      { op: 'test', path: '/status', value: 'final' },
      { op: 'replace', path: '/status', value: 'amended' },
      { op: 'add', path: '/note', value: [{ text: 'Repeated' }] },
    ];
    const answer = await ingest.send('PATCH', address, operations, json);
    expect([answer.status, answer.headers.etag, answer.body.status, answer.body.note]).toEqual([
      200,
      'W/"2"',
      'amended',
      [{ text: 'Repeated' }],
    ]);
    const failing = await ingest.send('PATCH', address, operations, json);
    expect([failing.status, codesOf(failing)]).toEqual([422, ['patch-failed']]);
  });

  it.each([
    ['what makes the fragment invalid', [{ op: 'remove', path: '/status' }], 400, 'required-element'],
    ['another id', [{ op: 'replace', path: '/id', value: 'x' }], 400, 'immutable-element'],
    ['a prototype', [{ op: 'add', path: '/__proto__/polluted', value: true }], 400, 'bad-patch'],
    ['another person', [{ op: 'replace', path: '/subject', value: { reference: 'Patient/nobody' } }], 422, 'unknown-subject'],
    ['no patch', { op: 'remove', path: '/status' }, 400, 'bad-patch'],
  ])('refuses %s', async (_case, operations, status, code) => {
    const created = await ingest.send('POST', 'Observation', observation('patched', of(nhsNumber())));
    const answer = await ingest.send('PATCH', addressOf(created.headers.location), operations, json);
    expect(codesOf(answer)).toContain(code);
    expect(answer.status).toBe(code === 'immutable-element' ? 422 : status);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('works by condition', async () => {
    const number = nhsNumber();
    await ingest.send('POST', 'Observation', observation('cp', of(number)));
    const query = new URLSearchParams({ identifier: `${RESULTS}|cp`, 'patient.identifier': `${NHS}|${number}` });
    const answer = await ingest.send(
      'PATCH',
      `Observation?${query}`,
      [{ op: 'replace', path: '/status', value: 'amended' }],
      json,
    );
    expect([answer.status, answer.body.status]).toEqual([200, 'amended']);
  });
});

describe('delete', () => {
  it('retracts: history remains, and a new version brings it back', async () => {
    const number = nhsNumber();
    const created = await ingest.send('POST', 'Observation', observation('d1', of(number)));
    const address = addressOf(created.headers.location);
    const deleted = await ingest.send('DELETE', address);
    expect([deleted.status, deleted.headers.etag, deleted.body]).toEqual([204, 'W/"2"', undefined]);
    expect((await ingest.send('DELETE', address)).status).toBe(204);
    const [subject, fragmentId] = idOf(created.headers.location).split('.');
    expect((await ingest.store.versions(subject!, fragmentId!)).map(({ action }) => action)).toEqual(['retracted', 'created']);
    const gone = await ingest.send('PATCH', address, [], { headers: { 'content-type': 'application/json-patch+json' } });
    expect([gone.status, codesOf(gone)]).toEqual([410, ['gone']]);
    const back = await ingest.send('POST', 'Observation', observation('d1', of(number)));
    expect([back.status, back.headers.etag]).toEqual([200, 'W/"3"']);
  });

  it('works by condition and on condition', async () => {
    const number = nhsNumber();
    const created = await ingest.send('POST', 'Observation', observation('d2', of(number)));
    const stale = await ingest.send('DELETE', addressOf(created.headers.location), undefined, { headers: { 'if-match': '7' } });
    expect([stale.status, codesOf(stale)]).toEqual([412, ['version-conflict']]);
    const query = new URLSearchParams({ identifier: `${RESULTS}|d2`, patient: personOf(number) });
    expect((await ingest.send('DELETE', `Observation?${query}`)).status).toBe(204);
    const unnamed = await ingest.send('DELETE', `Observation?identifier=${RESULTS}|d2`);
    expect([unnamed.status, codesOf(unnamed)]).toEqual([422, ['no-subject']]);
    const everything = await ingest.send('DELETE', `Observation?patient=${personOf(number)}`);
    expect([everything.status, codesOf(everything)]).toEqual([400, ['bad-parameter']]);
    const nothing = new URLSearchParams({ identifier: `${RESULTS}|never`, patient: personOf(number) });
    expect((await ingest.send('DELETE', `Observation?${nothing}`)).status).toBe(404);
  });
});

describe('a Patient by the id of its source', () => {
  it('is updated, patched and retracted', async () => {
    const sent = {
      ...patient([
        [MRN, 'byid'],
        [NHS, nhsNumber()],
      ]),
      id: 'pas-byid',
    };
    const created = await ingest.send('PUT', 'Patient/pas-byid', sent);
    const json = { headers: { 'content-type': 'application/json-patch+json' } };
    const patched = await ingest.send('PATCH', 'Patient/pas-byid', [{ op: 'add', path: '/gender', value: 'female' }], json);
    expect([created.status, patched.status, patched.body.gender]).toEqual([201, 200, 'female']);
    const query = new URLSearchParams({ identifier: `${MRN}|byid` });
    const updated = await ingest.send('PUT', `Patient?${query}`, { ...sent, gender: 'male' });
    expect([updated.headers.etag, addressOf(updated.headers.location)]).toEqual(['W/"3"', addressOf(created.headers.location)]);
    expect((await ingest.send('DELETE', 'Patient/pas-byid')).status).toBe(204);
    const unknown = await ingest.send('DELETE', 'Patient/pas-nobody');
    expect([unknown.status, codesOf(unknown)]).toEqual([404, ['not-found']]);
  });
});

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

describe('what is refused at the door', () => {
  const number = nhsNumber();
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  it.each<[string, [string, string, unknown, object?], number, string]>([
    ['no JSON', ['POST', 'Observation', '{"resourceType":'], 400, 'not-json'],
    ['no body', ['POST', 'Observation', undefined], 400, 'body-required'],
    ['50,000 levels', ['POST', 'Observation', `{"a":${deep}}`], 400, 'too-deep'],
    [
      'a lone surrogate',
      ['POST', 'Observation', JSON.stringify(observation('s', of(number))).replace('"final"', '"fin\\ud800al"')],
      400,
      'bad-text',
    ],
    [
      '__proto__',
      ['POST', 'Observation', JSON.stringify(observation('p', of(number))).replace('{', '{"__proto__":{"polluted":true},')],
      400,
      'unknown-element',
    ],
    ['an unknown type', ['POST', 'Observations', {}], 404, 'unknown-type'],
    ['a type that is only a carrier', ['POST', 'Parameters', { resourceType: 'Parameters' }], 404, 'unknown-type'],
    ['another type than the address says', ['POST', 'Condition', observation('t', of(number))], 400, 'type-mismatch'],
    ['an id that is none', ['PUT', 'Observation/a_b', { ...observation('i', of(number)), id: 'a_b' }], 400, 'bad-id'],
    [
      'a subject that nobody has sent',
      ['POST', 'Observation', observation('n', { subject: { reference: 'Patient/nobody' } })],
      422,
      'unknown-subject',
    ],
    [
      'a person of ours that does not exist',
      ['POST', 'Observation', observation('n', { subject: { reference: `Patient/${'a'.repeat(26)}` } })],
      422,
      'unknown-subject',
    ],
    ['no subject', ['POST', 'Observation', observation('n')], 422, 'no-subject'],
    ['an NHS number with a wrong check digit', ['POST', 'Patient', patient([[NHS, '9990000001']])], 400, 'bad-nhs-number'],
    ['XML', ['POST', 'Patient', '<Patient/>', { 'content-type': 'application/fhir+xml' }], 415, 'media-type'],
    [
      'another character set',
      ['POST', 'Patient', '{}', { 'content-type': 'application/json; charset=latin1' }],
      415,
      'media-type',
    ],
    [
      'a patch in the wrong format',
      ['PATCH', 'Observation/x', [], { 'content-type': 'application/fhir+json' }],
      415,
      'media-type',
    ],
    [
      'an update of the folded person',
      ['PUT', `Patient/${'b'.repeat(26)}`, { ...patient([[MRN, '1']]), id: 'b'.repeat(26) }],
      404,
      'not-found',
    ],
  ])('%s', async (_case, [method, address, body, headers], status, code) => {
    const answer = await ingest.send(method, address, body, { headers: { ...headers } as Record<string, string> });
    expect([answer.status, codesOf(answer)]).toEqual([status, expect.arrayContaining([code])]);
    expect(JSON.stringify(answer.body)).not.toContain(number);
  });

  it('what the scopes do not allow', async () => {
    const readOnly = await ingest.send('POST', 'Observation', observation('x', of(number)), { scopes: ['system/*.rs'] });
    expect([readOnly.status, codesOf(readOnly)]).toEqual([403, ['missing-scope']]);
    const created = await ingest.send('POST', 'Observation', observation('scoped', of(nhsNumber())), {
      scopes: ['system/Observation.c'],
    });
    expect(created.status).toBe(201);
    const deleted = await ingest.send('DELETE', addressOf(created.headers.location), undefined, {
      scopes: ['system/Observation.cu'],
    });
    expect(codesOf(deleted)).toEqual(['missing-scope']);
  });

  it('a person whom the caller may not see, in the words for one that does not exist', async () => {
    const hidden = nhsNumber();
    await ingest.send('POST', 'Observation', observation('hidden', of(hidden)));
    const send = (id: string) =>
      ingest.send('POST', 'Observation', observation('h', { subject: { reference: `Patient/${id}` } }), { as: 'surgery' });
    expect(await send(personOf(hidden))).toEqual(await send('c'.repeat(26)));
  });

  it('every problem of a resource at once', async () => {
    const answer = await ingest.send('POST', 'Observation', { resourceType: 'Observation', status: 'done', colour: 'red' });
    expect(answer.status).toBe(400);
    expect(expressionsOf(answer)).toEqual(
      expect.arrayContaining(['Observation.status', 'Observation.code', 'Observation.colour']),
    );
  });
});
