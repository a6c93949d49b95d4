import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, addressOf, codesOf, expressionsOf, type Ingest, idOf, startIngest } from './ingesting.ts';
import { MRN, NHS, nhsNumber, observation, of, patient, personOf, RESULTS } from './resources.ts';

interface Resource {
  readonly resourceType: string;
  readonly id?: string;
}

const post = (resource: Resource, fullUrl?: string, more: object = {}) => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...more },
});

const bundle = (type: string, ...entry: object[]) => ({ resourceType: 'Bundle', type, entry });
const transaction = (...entry: object[]) => bundle('transaction', ...entry);

const PATIENT = 'urn:uuid:11111111-1111-4111-8111-111111111111';
const ENCOUNTER = 'urn:uuid:22222222-2222-4222-8222-222222222222';
const MEDICATION = 'urn:uuid:33333333-3333-4333-8333-333333333333';

const encounter = (value: string, more: object = {}) => ({
  resourceType: 'Encounter',
  identifier: [{ system: 'https://uhd.example/visits', value }],
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  ...more,
});

const practitioner = (value: string, more: object = {}) => ({
  resourceType: 'Practitioner',
  identifier: [{ system: 'https://fhir.hl7.org.uk/Id/gmc-number', value }],
  ...more,
});

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

/** The stored resource behind an entry's location. */
async function stored(location: string) {
  const [subject, fragmentId] = idOf(location).split('.');
  return JSON.parse((await ingest.store.fold(subject!)).fragments.get(fragmentId!)!.body!);
}

const locationsOf = (answer: Answer): string[] => answer.body.entry.map(({ response }: Entry) => response.location);
const statusesOf = (answer: Answer): string[] => answer.body.entry.map(({ response }: Entry) => response.status);

interface Entry {
  readonly response: { readonly status: string; readonly location: string };
}

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
    expect(await stored(result)).toMatchObject({
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
    expect((await stored(locationsOf(answer)[1]!)).medicationReference.reference).toBe(addressOf(locationsOf(answer)[0]));
  });

  it('is refused when two entries are the same fragment', async () => {
    const number = nhsNumber();
    const answer = await ingest.send(
      'POST',
      '/',
      transaction(post(observation('dup', of(number))), post(observation('dup', of(number)))),
    );
    expect([answer.status, codesOf(answer)]).toEqual([400, ['duplicate-entry']]);
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
        { resource: { ...(await stored(first)), status: 'amended' }, request: { method: 'PUT', url: first, ifMatch: 'W/"1"' } },
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
      transaction({ resource: await stored(first), request: { method: 'PUT', url: first, ifMatch: '1' } }),
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

describe('a large transaction', () => {
  const PERSON = 'urn:uuid:66666666-6666-4666-8666-666666666666';
  const results = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      post({
        ...observation(`big-${index}`, { subject: { reference: PERSON } }),
        note: [{ text: `Result ${index}. ${'The same words again and again, as records have them. '.repeat(40)}` }],
      } as Resource),
    );

  it('of 3,400 entries and 8 MB is one contribution', async () => {
    const number = nhsNumber();
    const answer = await ingest.send('POST', '/', transaction(post(patient([[NHS, number]]), PERSON), ...results(3_400)));
    expect([answer.status, new Set(statusesOf(answer))]).toEqual([200, new Set(['201 Created'])]);
    const fold = await ingest.store.fold(personOf(number));
    expect([fold.sequence, fold.fragments.size]).toEqual([1, 3_401]);
  });

  it('with entries that point at each other in long chains and circles is answered', async () => {
    const url = (index: number) => `urn:uuid:77777777-7777-4777-8777-${String(index).padStart(12, '0')}`;
    const provenance = (index: number, target: number) =>
      post(
        {
          resourceType: 'Provenance',
          target: [{ reference: url(target) }],
          recorded: '2026-01-01T00:00:00Z',
          agent: [{ who: { display: 'Feed' } }],
        } as Resource,
        url(index),
      );
    const chain = Array.from({ length: 5_000 }, (_, index) => provenance(index, index + 1));
    const answer = await ingest.send('POST', '/', transaction(...chain, provenance(5_000, 0)));
    expect([answer.status, codesOf(answer)[0]]).toEqual([422, 'no-subject']);
    const number = nhsNumber();
    const anchored = await ingest.send(
      'POST',
      '/',
      transaction(...chain, provenance(5_000, 5_001), post(observation('end', of(number)), url(5_001))),
    );
    expect(anchored.status).toBe(200);
  });
});

describe('a batch', () => {
  it('does what can be done, and says of each entry what became of it', async () => {
    const number = nhsNumber();
    const answer = await ingest.send(
      'POST',
      '/',
      bundle(
        'batch',
        post(observation('ok', of(number))),
        post({ ...observation('bad', of(number)), status: 'done' } as Resource),
        post(observation('lost', { subject: { reference: 'Patient/nobody' } })),
        { request: { method: 'GET', url: 'Observation/1' } },
        post(practitioner('C1234567')),
        { request: { method: 'DELETE', url: `Observation/${personOf(number)}.${'a'.repeat(16)}` } },
      ),
    );
    expect([answer.status, answer.body.type]).toEqual([200, 'batch-response']);
    expect(statusesOf(answer)).toEqual([
      '201 Created',
      '400 Bad Request',
      '422 Unprocessable Content',
      '405 Method Not Allowed',
      '201 Created',
      '404 Not Found',
    ]);
    expect(answer.body.entry[1].response.outcome.issue[0].expression).toEqual(['Bundle.entry[1].resource.status']);
  });

  it('lets no reference lead into another record, nor to an entry that was refused', async () => {
    const [one, two] = [nhsNumber(), nhsNumber()];
    const refused = { ...encounter('refused', of(one)), status: 'done' };
    const answer = await ingest.send(
      'POST',
      '/',
      bundle(
        'batch',
        post(encounter('theirs', of(two)), ENCOUNTER),
        post(observation('ours', { ...of(one), encounter: { reference: ENCOUNTER } })),
        post(refused as Resource, MEDICATION),
        post(observation('left', { ...of(one), encounter: { reference: MEDICATION } })),
      ),
    );
    expect(statusesOf(answer).map((status) => status.slice(0, 3))).toEqual(['201', '422', '400', '201']);
  });

  it('does one entry after the other where they are the same fragment', async () => {
    const number = nhsNumber();
    const entries = ['final', 'amended', 'amended'].map((status) => post(observation('seq', { ...of(number), status })));
    expect(statusesOf(await ingest.send('POST', '/', bundle('batch', ...entries)))).toEqual(['201 Created', '200 OK', '200 OK']);
  });
});

describe('references', () => {
  it("to the contributor's own directory are resolved, by condition and by its own ids, and keep the identifier beside", async () => {
    const sent = await ingest.send('POST', '/', bundle('batch', post(practitioner('C7000001', { id: 'staff-1' }))));
    const address = addressOf(locationsOf(sent)[0]);
    expect(address).toMatch(/^Practitioner\/uhd\.[a-z2-7]{16}$/);
    const created = await ingest.send(
      'POST',
      'Observation',
      observation('dir', {
        ...of(nhsNumber()),
        performer: [
          { reference: 'Practitioner?identifier=https://fhir.hl7.org.uk/Id/gmc-number|C7000001' },
          { reference: 'Practitioner/staff-1' },
          { reference: address },
        ],
      }),
    );
    const identifier = { system: 'https://fhir.hl7.org.uk/Id/gmc-number', value: 'C7000001' };
    expect(created.body.performer).toEqual([{ reference: address, identifier }, { reference: address }, { reference: address }]);
  });

  it('to what has not been sent stay logical, and are resolved when it has been', async () => {
    const number = nhsNumber();
    const gmc = { system: 'https://fhir.hl7.org.uk/Id/gmc-number', value: 'C7000002' };
    const sent = observation('later', {
      ...of(number),
      meta: { versionId: '1' },
      encounter: { reference: 'Encounter/enc-later', display: 'Ward 3' },
      performer: [{ reference: `Practitioner?identifier=${gmc.system}|${gmc.value}` }, { reference: 'Organization/org-later' }],
    });
    const first = await ingest.send('POST', 'Observation', sent);
    expect(first.body.encounter).toEqual({
      display: 'Ward 3',
      type: 'Encounter',
      identifier: { system: 'urn:chesil:source-id', value: 'Encounter/enc-later' },
    });
    expect(first.body.performer).toEqual([
      { type: 'Practitioner', identifier: gmc },
      { type: 'Organization', identifier: { system: 'urn:chesil:source-id', value: 'Organization/org-later' } },
    ]);
    const visit = await ingest.send('PUT', 'Encounter/enc-later', { ...encounter('later', of(number)), id: 'enc-later' });
    const doctor = await ingest.send('POST', 'Practitioner', practitioner('C7000002'));
    const second = await ingest.send('POST', 'Observation', sent);
    expect([second.status, second.headers.etag]).toEqual([200, 'W/"2"']);
    expect(second.body.encounter).toEqual({ reference: addressOf(visit.headers.location), display: 'Ward 3' });
    expect(second.body.performer[0]).toEqual({ reference: addressOf(doctor.headers.location), identifier: gmc });
    expect((await ingest.send('POST', 'Observation', sent)).headers.etag).toBe('W/"2"');
  });

  it("to another organisation's directory stand when they lead somewhere", async () => {
    const theirs = await ingest.send('POST', 'Practitioner', practitioner('C7000003'), { as: 'dch' });
    const send = (reference: string) =>
      ingest.send('POST', 'Observation', observation('theirs', { ...of(nhsNumber()), performer: [{ reference }] }));
    const address = addressOf(theirs.headers.location);
    expect((await send(address)).body.performer).toEqual([{ reference: address }]);
    expect(codesOf(await send(`Practitioner/dch.${'a'.repeat(16)}`))).toEqual(['foreign-reference']);
    expect(codesOf(await send(`Practitioner/nobody.${'a'.repeat(16)}`))).toEqual(['foreign-reference']);
  });

  it('absolute to this server are ours, to another stay as they are', async () => {
    const number = nhsNumber();
    await ingest.send('POST', 'Observation', observation('first', of(number)));
    const created = await ingest.send(
      'POST',
      'Observation',
      observation('absolute', {
        subject: { reference: `https://chesil.test/fhir/R4/Patient/${personOf(number)}` },
        focus: [
          { reference: 'https://elsewhere.example/fhir/Observation/9' },
          { reference: 'urn:uuid:99999999-9999-4999-8999-999999999999' },
        ],
      }),
    );
    expect(created.body.subject.reference).toBe(`Patient/${personOf(number)}`);
    expect(created.body.focus).toEqual([
      { reference: 'https://elsewhere.example/fhir/Observation/9' },
      { reference: 'urn:uuid:99999999-9999-4999-8999-999999999999' },
    ]);
  });

  it('a document finds its Binary', async () => {
    const binary = 'urn:uuid:44444444-4444-4444-8444-444444444444';
    const answer = await ingest.send(
      'POST',
      '/',
      transaction(
        post({ resourceType: 'Binary', contentType: 'text/plain', data: 'aGVsbG8=' } as Resource, binary),
        post({
          resourceType: 'DocumentReference',
          status: 'current',
          content: [{ attachment: { contentType: 'text/plain', url: binary } }],
          ...of(nhsNumber()),
        } as Resource),
      ),
    );
    const [data, document] = locationsOf(answer);
    expect((await stored(document!)).content[0].attachment.url).toBe(addressOf(data));
  });
});
