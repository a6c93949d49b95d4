import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, codesOf, expressionsOf, type Ingest, idOf, startIngest } from '../ingesting.ts';
import { MRN, NHS, nhsNumber, observation, of, patient, personOf, RESULTS } from '../resources.ts';
import {
  bundle,
  ENCOUNTER,
  encounter,
  locationsOf,
  MEDICATION,
  PATIENT,
  post,
  type Resource,
  statusesOf,
  storedAt,
  transaction,
} from './entries.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

describe('a transaction', () => {
  it('is one contribution, and everything in it finds each other', async () => {
    const number = nhsNumber();
    const answer = await ingest.send(
      'POST',
      '/',
      transaction(
        post(observation('t1', { subject: { reference: PATIENT }, encounter: { reference: ENCOUNTER } })),
        post(encounter('v1', { subject: { reference: PATIENT } }), ENCOUNTER),
        post(
          patient(
            [
              [NHS, number],
              [MRN, 't1'],
            ],
            { id: 'p-t1' },
          ),
          PATIENT,
        ),
      ),
    );
    expect([answer.status, answer.body.type, statusesOf(answer)]).toEqual([
      200,
      'transaction-response',
      Array(3).fill('201 Created'),
    ]);
    expect(answer.body.entry[0].response).toMatchObject({ etag: 'W/"1"', lastModified: expect.stringMatching(/Z$/) });
    const [result, visit, person] = locationsOf(answer) as [string, string, string];
    expect(idOf(person)).toMatch(new RegExp(`^${personOf(number)}\\.`));
    expect(await storedAt(ingest, result)).toMatchObject({
      subject: { reference: `Patient/${personOf(number)}` },
      encounter: { reference: addressOf(visit) },
    });
    expect((await ingest.store.fold(personOf(number))).sequence).toBe(1);
  });

  it('names all problems of all entries, and writes nothing', async () => {
    const number = nhsNumber();
    const answer = await ingest.send(
      'POST',
      '/',
      transaction(
        post(patient([[NHS, number]]), PATIENT),
        post({ ...observation('x1', { subject: { reference: PATIENT } }), status: 'done' } as Resource),
        post(encounter('x2', { subject: { reference: PATIENT }, colour: 'red' })),
        { resource: observation('x3', of(number)) },
        { request: { method: 'GET', url: 'Observation/1' } },
      ),
    );
    expect(answer.status).toBe(400);
    expect(expressionsOf(answer)).toEqual(
      expect.arrayContaining([
        'Bundle.entry[1].resource.status',
        'Bundle.entry[2].resource.colour',
        'Bundle.entry[3].request',
        'Bundle.entry[4].request.method',
      ]),
    );
    expect((await ingest.store.fold(personOf(number))).sequence).toBe(0);
  });

  it('tells what the record forbids, for every entry, and writes nothing', async () => {
    const number = nhsNumber();
    const other = nhsNumber();
    const answer = await ingest.send(
      'POST',
      '/',
      transaction(
        post(patient([[NHS, number]]), PATIENT),
        post(
          observation('y1', {
            subject: { reference: PATIENT },
            encounter: { reference: `Encounter/${personOf(other)}.${'a'.repeat(16)}` },
          }),
        ),
        post(observation('y2', { subject: { reference: PATIENT }, performer: [{ reference: 'Practitioner?name=x' }] })),
      ),
    );
    expect(answer.status).toBe(422);
    expect(codesOf(answer)).toEqual(['foreign-reference', 'unresolved-reference']);
    expect(expressionsOf(answer)).toEqual(['Bundle.entry[1].resource.encounter', 'Bundle.entry[2].resource.performer[0]']);
    expect((await ingest.store.fold(personOf(number))).sequence).toBe(0);
  });

  it('refuses a fragment about two persons, and a reference from one record into another', async () => {
    const [one, two] = [nhsNumber(), nhsNumber()];
    const both = await ingest.send('POST', 'Appointment', {
      resourceType: 'Appointment',
      status: 'proposed',
      participant: [of(one), of(two)].map(({ subject }) => ({ actor: subject, status: 'accepted' })),
    });
    expect([both.status, codesOf(both)]).toEqual([422, ['several-subjects']]);
    const crossing = await ingest.send(
      'POST',
      '/',
      transaction(
        post(encounter('cross', of(one)), ENCOUNTER),
        post(observation('cross', { ...of(two), encounter: { reference: ENCOUNTER } })),
      ),
    );
    expect([crossing.status, codesOf(crossing)]).toEqual([422, ['foreign-reference']]);
    expect((await ingest.store.fold(personOf(one))).sequence).toBe(0);
  });

  it('about two persons becomes a contribution to each, together', async () => {
    const [one, two] = [nhsNumber(), nhsNumber()];
    const answer = await ingest.send('POST', '/', transaction(post(observation('a', of(one))), post(observation('a', of(two)))));
    expect(statusesOf(answer)).toEqual(['201 Created', '201 Created']);
    for (const number of [one, two]) expect((await ingest.store.fold(personOf(number))).fragments.size).toBe(1);
  });

  it('lets what has no subject follow the person of its bundle', async () => {
    const number = nhsNumber();
    const answer = await ingest.send(
      'POST',
      '/',
      transaction(
        post({ resourceType: 'Medication', code: { text: 'Aspirin' } } as Resource, MEDICATION),
        post({
          resourceType: 'MedicationStatement',
          status: 'active',
          medicationReference: { reference: MEDICATION },
          ...of(number),
        } as Resource),
        post({
          resourceType: 'Provenance',
          target: [{ reference: MEDICATION }],
          recorded: '2026-01-01T00:00:00Z',
          agent: [{ who: { display: 'A feed' } }],
        } as Resource),
      ),
    );
    expect(statusesOf(answer)).toEqual(Array(3).fill('201 Created'));
    for (const location of locationsOf(answer)) expect(location).toContain(personOf(number));
    expect((await storedAt(ingest, locationsOf(answer)[1]!)).medicationReference.reference).toBe(
      addressOf(locationsOf(answer)[0]),
    );
  });

  it('is refused when two entries say different things of one fragment; the same thing twice is written once', async () => {
    const number = nhsNumber();
    const entries = (status: string) =>
      transaction(post(observation('dup', of(number))), post(observation('dup', { ...of(number), status })));
    const refused = await ingest.send('POST', '/', entries('amended'));
    expect([refused.status, codesOf(refused)]).toEqual([400, ['duplicate-entry']]);
    const answer = await ingest.send('POST', '/', entries('final'));
    expect([statusesOf(answer), new Set(locationsOf(answer)).size]).toEqual([['201 Created', '201 Created'], 1]);
  });

  it('tells entries apart that share a group identifier', async () => {
    const number = nhsNumber();
    const results = ['r-1', 'r-2'].map((id) => ({ ...observation('accession-1', of(number)), id }));
    const answer = await ingest.send('POST', '/', transaction(...results.map((one) => post(one))));
    expect(new Set(locationsOf(answer)).size).toBe(2);
    const again = await ingest.send('POST', '/', transaction(...results.map((one) => post(one))));
    expect([statusesOf(again), locationsOf(again)]).toEqual([Array(2).fill('200 OK'), locationsOf(answer)]);
  });

  it('updates, patches and retracts beside creating', async () => {
    const number = nhsNumber();
    const before = await ingest.send(
      'POST',
      '/',
      transaction(...['b1', 'b2', 'b3'].map((value) => post(observation(value, of(number))))),
    );
    const [first, second, third] = locationsOf(before).map(addressOf) as [string, string, string];
    const patch = Buffer.from(JSON.stringify([{ op: 'replace', path: '/status', value: 'amended' }])).toString('base64');
    const answer = await ingest.send(
      'POST',
      '/',
      transaction(
        {
          resource: { ...(await storedAt(ingest, first)), status: 'amended' },
          request: { method: 'PUT', url: first, ifMatch: 'W/"1"' },
        },
        {
          resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data: patch },
          request: { method: 'PATCH', url: second },
        },
        { request: { method: 'DELETE', url: third } },
        post(observation('b4', of(number)), undefined, { ifNoneExist: `identifier=${RESULTS}|b4` }),
      ),
    );
    expect(statusesOf(answer)).toEqual(['200 OK', '200 OK', '204 No Content', '201 Created']);
    const fold = await ingest.store.fold(personOf(number));
    expect([fold.sequence, [...fold.fragments.values()].map(({ action }) => action)]).toEqual([
      2,
      ['updated', 'updated', 'retracted', 'created'],
    ]);
    const stale = await ingest.send(
      'POST',
      '/',
      transaction({ resource: await storedAt(ingest, first), request: { method: 'PUT', url: first, ifMatch: '1' } }),
    );
    expect([stale.status, codesOf(stale), expressionsOf(stale)]).toEqual([
      412,
      ['version-conflict'],
      ['Bundle.entry[0].resource'],
    ]);
  });

  it('comes back with its resources when the caller prefers that, and once under an Idempotency-Key', async () => {
    const header = { headers: { prefer: 'return=representation', 'idempotency-key': 'bundle-1' } };
    const sent = transaction(post(observation('rep', of(nhsNumber()))));
    const first = await ingest.send('POST', '/', sent, header);
    expect(first.body.entry[0].resource.status).toBe('final');
    expect(await ingest.send('POST', '/', sent, header)).toEqual(first);
  });

  it.each([
    ['another type of bundle', bundle('document')],
    ['no bundle', { resourceType: 'Patient' }],
    ['entries that are no list', { resourceType: 'Bundle', type: 'transaction', entry: {} }],
  ])('refuses %s', async (_case, body) => {
    const answer = await ingest.send('POST', '/', body);
    expect([answer.status, codesOf(answer)]).toEqual([400, ['bad-bundle']]);
  });

  it('checks the scope of each entry', async () => {
    const number = nhsNumber();
    const answer = await ingest.send(
      'POST',
      '/',
      transaction(post(observation('s1', of(number))), post(encounter('s1', of(number)))),
      {
        scopes: ['system/Observation.c'],
      },
    );
    expect([answer.status, codesOf(answer), expressionsOf(answer)]).toEqual([403, ['missing-scope'], ['Bundle.entry[1]']]);
  });

  it('past what one transaction can hold is refused, and names the bulk import', async () => {
    const noise = () => Array.from({ length: 30_000 }, () => Math.random().toString(36).slice(2)).join('');
    const number = nhsNumber();
    const entries = Array.from({ length: 24 }, (_, index) =>
      post(observation(`large-${index}`, { ...of(number), note: [{ text: noise() }] })),
    );
    const answer = await ingest.send('POST', '/', transaction(...entries));
    expect([answer.status, codesOf(answer)]).toEqual([413, ['too-large']]);
    expect((await ingest.store.fold(personOf(number))).sequence).toBe(0);
  });
});
