import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, codesOf, type Ingest, idOf, startIngest } from '../ingesting.ts';
import { MRN, NHS, nhsNumber, observation, of, patient, personOf, RESULTS } from '../resources.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

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
