import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ingest, startIngest } from '../ingesting.ts';
import { nhsNumber, observation, of, personOf } from '../resources.ts';
import { bundle, ENCOUNTER, encounter, MEDICATION, post, practitioner, type Resource, statusesOf } from './entries.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

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
