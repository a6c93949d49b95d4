import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, codesOf, type Ingest, startIngest } from './ingesting.ts';
import { MRN, NHS, nhsNumber, observation, of, patient, personOf } from './resources.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

const patch = (address: string, operations: readonly object[]) =>
  ingest.send('PATCH', address, operations, { headers: { 'content-type': 'application/json-patch+json' } });

describe('a patch', () => {
  it('corrects and adds an NHS number as any other write does', async () => {
    const [number, other] = [nhsNumber(), nhsNumber()];
    const numbered = await ingest.send('POST', 'Patient', patient([[NHS, number]]));
    const local = await ingest.send('POST', 'Patient', patient([[MRN, 'no number']]));
    const replaced = [{ op: 'replace', path: '/identifier/0/value', value: other }];
    const added = [{ op: 'add', path: '/identifier/-', value: { system: NHS, value: other } }];
    const named = [{ op: 'replace', path: '/name/0/family', value: 'Renamed' }];
    expect((await patch(addressOf(numbered.headers.location), named)).status).toBe(200);
    const corrected = await patch(addressOf(numbered.headers.location), replaced);
    expect([corrected.status, addressOf(corrected.headers.location)]).toEqual([201, expect.stringContaining(personOf(other))]);
    expect((await ingest.store.person(personOf(number))).folds.map(({ subject }) => subject)).toEqual([personOf(number)]);
    const arrived = await patch(addressOf(local.headers.location), added);
    expect([arrived.status, addressOf(arrived.headers.location)]).toEqual([200, addressOf(local.headers.location)]);
  });

  it('gives a fragment no other subject, even one that stood in its text', async () => {
    const [number, other] = [nhsNumber(), nhsNumber()];
    for (const each of [number, other]) await ingest.send('POST', 'Patient', patient([[NHS, each]]));
    const reference = `Patient/${personOf(other)}`;
    const kept = await ingest.send('POST', 'Observation', observation('text', { ...of(number), note: [{ text: reference }] }));
    const address = addressOf(kept.headers.location);
    expect((await patch(address, [{ op: 'replace', path: '/subject', value: { reference } }])).status).toBe(422);
    expect((await patch(address, [{ op: 'replace', path: '/subject/identifier/value', value: other }])).status).toBe(422);
    expect((await patch(address, [{ op: 'replace', path: '/note/0/text', value: 'x' }])).status).toBe(200);
  });
});

it('a subject whose address is one person and whose NHS number is another is refused', async () => {
  const [number, other] = [nhsNumber(), nhsNumber()];
  await ingest.send('POST', 'Patient', patient([[NHS, number]]));
  const subject = { reference: `Patient/${personOf(number)}`, identifier: { system: NHS, value: other } };
  expect(codesOf(await ingest.send('POST', 'Observation', observation('two', { subject })))).toEqual(['several-subjects']);
});

it('a conditional create in a batch never overwrites what an entry before it creates', async () => {
  const number = nhsNumber();
  const entry = ['first', 'second'].map((text) => ({
    resource: { ...observation('once', of(number)), code: { text } },
    request: { method: 'POST', url: 'Observation', ifNoneExist: 'identifier=https://uhd.example/results|once' },
  }));
  const { body } = await ingest.send('POST', '', { resourceType: 'Bundle', type: 'batch', entry });
  expect(body.entry.map((one: { response: { status: string } }) => one.response.status)).toEqual([
    '201 Created',
    '400 Bad Request',
  ]);
});

describe('hostile input is refused, and soon', () => {
  it.each(['constructor', 'toString', '__proto__'])('an identifier of the type %s', async (code) => {
    const identifier = [{ system: 'urn:a', value: code, type: { coding: [{ code }] } }];
    expect((await ingest.send('POST', 'Observation', observation('x', { ...of(nhsNumber()), identifier }))).status).toBe(201);
  });

  it.each(['batch', 'transaction'])('a %s with entries that are none', async (type) => {
    const { status, body } = await ingest.send('POST', '', { resourceType: 'Bundle', type, entry: [null, 5, 'x', []] });
    expect([status, body.entry?.length ?? 0]).toEqual(type === 'batch' ? [200, 4] : [400, 0]);
  });

  it('a list of thousands of references that cannot be resolved', async () => {
    const entry = Array.from({ length: 10_000 }, () => ({ item: { reference: 'Observation?x=y' } }));
    const answer = await ingest.send('POST', 'List', {
      resourceType: 'List',
      status: 'current',
      mode: 'working',
      ...of(nhsNumber()),
      entry,
    });
    expect([answer.status, answer.body.issue.length]).toEqual([422, 201]);
  });

  it('a patch that copies a list into itself again and again', async () => {
    const note = [{ text: 'again' }];
    const kept = await ingest.send('POST', 'Observation', observation('doubled', { ...of(nhsNumber()), note }));
    const doubling = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/note', path: '/note/-' }));
    expect(codesOf(await patch(addressOf(kept.headers.location), doubling))).toEqual(['patch-failed']);
  });

  it('a Patient of thousands of names, and more persons than a transaction holds', async () => {
    const names = Array.from({ length: 3_000 }, (_, index): [string, string] => [MRN, `many ${index}`]);
    expect((await ingest.send('POST', 'Patient', patient(names))).status).toBe(201);
    const entry = names.slice(0, 101).map((name) => ({ resource: patient([name]), request: { method: 'POST', url: 'Patient' } }));
    expect((await ingest.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry: entry.slice(21) })).status).toBe(
      200,
    );
  });
});
