import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codesOf, type Ingest, startIngest } from '../ingesting.ts';
import { NHS, nhsNumber, observation, of, patient, personOf } from '../resources.ts';
import { post, type Resource, statusesOf, transaction } from './entries.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

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
