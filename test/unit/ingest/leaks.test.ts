import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, codesOf, type Ingest, idOf, startIngest } from './ingesting.ts';
import { MRN, NHS, nhsNumber, observation, of, patient } from './resources.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

const RESTRICTED = { meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] } };

describe('what its source restricted', () => {
  /** A fragment that another organisation of the same record may not see, and an address at which nothing is. */
  const withheld = async () => {
    const number = nhsNumber();
    await ingest.send('POST', 'Patient', patient([[NHS, number]]), { as: 'dch' });
    const kept = await ingest.send('POST', 'Observation', observation('withheld', { ...of(number), ...RESTRICTED }));
    const address = addressOf(kept.headers.location);
    return { number, address, nothing: `${address.slice(0, -1)}${address.endsWith('a') ? 'b' : 'a'}` };
  };

  it.each(['PUT', 'DELETE', 'PATCH'])('is not there for a %s by somebody else', async (method) => {
    const { number, address, nothing } = await withheld();
    const answers = [address, nothing].map(async (one) => {
      const body =
        method === 'PUT' ? observation('x', { ...of(number), id: one.split('/')[1] }) : method === 'PATCH' ? [] : undefined;
      const headers: Record<string, string> = method === 'PATCH' ? { 'content-type': 'application/json-patch+json' } : {};
      const answer = await ingest.send(method, one, body, { as: 'dch', headers });
      return [answer.status, codesOf(answer)];
    });
    expect(await Promise.all(answers)).toEqual([
      [404, ['not-found']],
      [404, ['not-found']],
    ]);
  });

  it('cannot be found by referring to it', async () => {
    const { number, address, nothing } = await withheld();
    const refer = async (reference: string) => {
      const answer = await ingest.send('POST', 'Observation', observation('y', { ...of(number), hasMember: [{ reference }] }), {
        as: 'dch',
      });
      return [answer.status, codesOf(answer)];
    };
    expect(await refer(address)).toEqual(await refer(nothing));
  });
});

it('a write that was refused gives nobody a name, and so no way into a record', async () => {
  const number = nhsNumber();
  const stranger = await ingest.send('POST', 'Patient', patient([['https://dch.example/mrn', number]]), { as: 'dch' });
  const person = idOf(stranger.headers.location).split('.')[0]!;
  const id = `${person}.abcdefghijklmnop`;
  const entry = [{ resource: patient([[MRN, 'taken']], { id }), request: { method: 'PUT', url: `Patient/${id}` } }];
  const batch = await ingest.send('POST', '', { resourceType: 'Bundle', type: 'batch', entry });
  expect(batch.body.entry[0].response.status).toBe('404 Not Found');
  const subject = { type: 'Patient', identifier: { system: MRN, value: 'taken' } };
  expect(codesOf(await ingest.send('POST', 'Observation', observation('z', { subject })))).toEqual(['unknown-subject']);
});

it('what an organisation tells of itself cannot be put into a record', async () => {
  const number = nhsNumber();
  await ingest.send('POST', 'Patient', patient([[NHS, number]]));
  const query = new URLSearchParams({ identifier: 'urn:a|b', 'patient.identifier': `${NHS}|${number}` });
  const practitioner = { resourceType: 'Practitioner', identifier: [{ system: 'urn:a', value: 'b' }] };
  expect(codesOf(await ingest.send('PUT', `Practitioner?${query}`, practitioner))).toEqual(['bad-parameter']);
});
