import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ingest, startIngest } from './ingesting.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

describe('a resource that names nobody', () => {
  it.each([
    ['Medication', { resourceType: 'Medication', code: { text: 'Amoxicillin' } }, /Send it in one bundle with what refers to it/],
    ['Device', { resourceType: 'Device', deviceName: [{ name: 'Pump', type: 'user-friendly-name' }] }, /^undefined$/],
  ])('is told what to do where its type cannot name anybody: %s', async (type, resource, advice) => {
    const answer = await ingest.send('POST', type, resource as never);
    const { issue } = answer.body as unknown as fhir4.OperationOutcome;
    expect([answer.status, issue[0]?.details?.coding?.[0]?.code]).toEqual([422, 'no-subject']);
    expect(String(issue[0]?.diagnostics)).toMatch(advice);
  });
});
