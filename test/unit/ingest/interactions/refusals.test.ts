import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, codesOf, expressionsOf, type Ingest, startIngest } from '../ingesting.ts';
import { MRN, NHS, nhsNumber, observation, of, patient, personOf } from '../resources.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

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
    ['an audit event', ['POST', 'AuditEvent', { resourceType: 'AuditEvent' }], 405, 'audit-is-ours'],
    ['an audit event under an id', ['PUT', 'AuditEvent/1', { resourceType: 'AuditEvent', id: '1' }], 405, 'audit-is-ours'],
    [
      'a patch of an audit event',
      ['PATCH', 'AuditEvent/1', [], { 'content-type': 'application/json-patch+json' }],
      405,
      'audit-is-ours',
    ],
    ['a retraction of an audit event', ['DELETE', 'AuditEvent/1', undefined], 405, 'audit-is-ours'],
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

describe('an audit event among others', () => {
  const audit = { resource: { resourceType: 'AuditEvent' }, request: { method: 'POST', url: 'AuditEvent' } };
  const beside = (number: string) => ({
    resource: observation('beside', of(number)),
    request: { method: 'POST', url: 'Observation' },
  });

  it('refuses a transaction whole, and in a batch is refused by itself', async () => {
    const send = (type: string) =>
      ingest.send('POST', '/', { resourceType: 'Bundle', type, entry: [beside(nhsNumber()), audit] });
    const transaction = await send('transaction');
    expect([transaction.status, codesOf(transaction)]).toEqual([405, ['audit-is-ours']]);
    const batch = await send('batch');
    expect(batch.body.entry.map(({ response }: { response: { status: string } }) => response.status)).toEqual([
      '201 Created',
      '405 Method Not Allowed',
    ]);
  });
});

describe('somebody who signed in', () => {
  const clinician = { role: 'clinician', purpose: 'direct-care', staff: 'county|e-100', provider: 'county' } as const;
  const person = { role: 'person', purpose: 'own-access', organisation: 'people', person: personOf(nhsNumber()) } as const;

  it.each([
    ['a clinician', clinician, 'user/*.cruds'],
    ['a clinician whose token holds a scope of systems', clinician, 'system/*.cruds'],
    ['a person', person, 'patient/*.cruds'],
  ])('adds nothing to records, whatever the scopes say: %s', async (_, viewer, scope) => {
    const number = nhsNumber();
    const sending = { scopes: [scope], viewer };
    for (const answer of [
      await ingest.send('POST', 'Observation', observation('u', of(number)), sending),
      await ingest.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry: [] }, sending),
      await ingest.send('DELETE', 'Observation/x', undefined, sending),
    ])
      expect([answer.status, codesOf(answer)]).toEqual([403, ['users-only-read']]);
    expect((await ingest.store.person(personOf(number))).folds.map(({ sequence }) => sequence)).toEqual([0]);
  });
});
