import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ingest, identity, idOf, startIngest } from './ingesting.ts';
import { MRN, NHS, nhsNumber, observation, patient, personOf } from './resources.ts';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());

const byMrn = (value: string) => ({ subject: { type: 'Patient', identifier: { system: MRN, value } } });
const link = (type: string, system: string, value: string) => ({ other: { identifier: { system, value } }, type });

const personsIn = async (person: string) => (await ingest.store.person(person)).folds.map(({ subject }) => subject).sort();
const recordOf = async (person: string) => {
  const { folds } = await ingest.store.person(person);
  return folds.flatMap(({ fragments }) => [...fragments.values()].map(({ type }) => type)).sort();
};

describe('several links at once', () => {
  it('never lead from one NHS number to another by way of a local person', async () => {
    const [one, other] = [nhsNumber(), nhsNumber()];
    for (const number of [one, other]) await ingest.send('POST', 'Patient', patient([[NHS, number]]), { as: 'dch' });
    const merged = { link: [link('replaced-by', NHS, one), link('replaced-by', NHS, other)] };
    expect((await ingest.send('POST', 'Patient', patient([[MRN, 'between']], merged))).status).toBe(201);
    expect(await personsIn(personOf(one))).not.toContain(personOf(other));
    expect(await personsIn(personOf(other))).toEqual([personOf(other)]);
  });

  it('never do by way of two local persons of one bundle either', async () => {
    const [one, other] = [nhsNumber(), nhsNumber()];
    for (const number of [one, other]) await ingest.send('POST', 'Patient', patient([[NHS, number]]), { as: 'dch' });
    const entry = [
      patient([[MRN, 'left']], { link: [link('replaced-by', NHS, one)] }),
      patient([[MRN, 'right']], { link: [link('replaced-by', NHS, other), link('replaces', MRN, 'left')] }),
    ].map((resource) => ({ resource, request: { method: 'POST', url: 'Patient' } }));
    await ingest.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
    await ingest.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
    expect(await personsIn(personOf(one))).not.toContain(personOf(other));
  });

  it('of local persons are all written', async () => {
    for (const value of ['s1', 's2', 's3']) await ingest.send('POST', 'Patient', patient([[MRN, value]]));
    const merged = { link: ['s1', 's2', 's3'].map((value) => link('replaces', MRN, value)) };
    const survivor = await ingest.send('POST', 'Patient', patient([[MRN, 's4']], merged));
    expect(await personsIn(idOf(survivor.headers.location).split('.')[0]!)).toHaveLength(4);
  });
});

it('merged local persons stay together when one of them gets an NHS number', async () => {
  const number = nhsNumber();
  await ingest.send('POST', 'Patient', patient([[MRN, 'temporary']]));
  await ingest.send('POST', 'Observation', observation('before the merge', byMrn('temporary')));
  const merged = { link: [link('replaces', MRN, 'temporary')] };
  await ingest.send('POST', 'Patient', patient([[MRN, 'registered']], merged));
  const numbered = patient(
    [
      [NHS, number],
      [MRN, 'registered'],
    ],
    merged,
  );
  expect((await ingest.send('POST', 'Patient', numbered)).status).toBe(200);
  expect(await personsIn(personOf(number))).toHaveLength(3);
  expect(await recordOf(personOf(number))).toEqual(['Observation', 'Patient', 'Patient']);
});

it('a merge is what a source says of its own patients: nobody else makes or ends it', async () => {
  const number = nhsNumber();
  const merged = { link: [link('replaced-by', NHS, number)] };
  await ingest.send('POST', 'Patient', patient([[NHS, number]]), { as: 'dch' });
  await ingest.send(
    'POST',
    'Patient',
    patient([
      [MRN, 'ours'],
      [NHS, number],
    ]),
  );
  const local = await ingest.send('POST', 'Patient', patient([[MRN, 'both say']], merged));
  const person = idOf(local.headers.location).split('.')[0]!;
  const survivor = (links: object) => patient([[NHS, number]], links);
  const said = { link: [{ other: { reference: `Patient/${person}` }, type: 'replaces' }] };
  expect((await ingest.send('POST', 'Patient', survivor(said), { as: 'dch' })).status).toBe(200);
  await ingest.send('POST', 'Patient', survivor({}), { as: 'dch' });
  expect(await personsIn(personOf(number))).toHaveLength(2);
  await ingest.send('POST', 'Patient', survivor(said), { as: 'dch' });
  await ingest.send('POST', 'Patient', patient([[MRN, 'both say']]));
  expect(await personsIn(personOf(number))).toHaveLength(1);
});

it('a person who has got their number stays one when the merge that said so too is left out', async () => {
  const number = nhsNumber();
  await ingest.send('POST', 'Patient', patient([[MRN, 'by number']]));
  const replaces = { link: [link('replaces', MRN, 'by number')] };
  await ingest.send('POST', 'Patient', { ...numbered(number, 'by number'), ...replaces });
  await ingest.send('POST', 'Patient', numbered(number, 'by number'));
  expect(await personsIn(personOf(number))).toHaveLength(2);
});

const numbered = (number: string, mrn: string) =>
  patient([
    [NHS, number],
    [MRN, mrn],
  ]);

it('the first messages with and without the number at once come together with the next one', async () => {
  const number = nhsNumber();
  const [one, other] = [ingest.instance(), ingest.instance()];
  await Promise.all([
    one.send('POST', 'Patient', numbered(number, 'at once')),
    other.send('POST', 'Patient', patient([[MRN, 'at once']])),
  ]);
  await ingest.send('POST', 'Observation', observation('at once', byMrn('at once')));
  await ingest.send('POST', 'Patient', numbered(number, 'at once'));
  expect(await recordOf(personOf(number))).toContain('Observation');
});

describe('a process that stops before it has written the name of a person', () => {
  const forget = (mrn: string) => {
    const Key = { subject: { S: identity.person({ system: MRN, value: mrn }, 'uhd') }, item: { S: 'alias' } };
    return ingest.engine.client.send(new DeleteItemCommand({ TableName: ingest.engine.recordTable, Key }));
  };

  it('loses nobody: a number that arrives links the two all the same', async () => {
    const number = nhsNumber();
    await ingest.send('POST', 'Patient', patient([[MRN, 'stopped']]));
    await forget('stopped');
    await ingest.send('POST', 'Patient', numbered(number, 'stopped'));
    expect(await personsIn(personOf(number))).toHaveLength(2);
  });

  it('and whose sender asks again under the same Idempotency-Key writes it then', async () => {
    const number = nhsNumber();
    const headers = { 'idempotency-key': 'asks-again' };
    const first = await ingest.send('POST', 'Patient', numbered(number, 'again'), { headers });
    await forget('again');
    expect(first.status).toBe(201);
    expect(await ingest.send('POST', 'Patient', numbered(number, 'again'), { headers })).toEqual(first);
    expect((await ingest.send('POST', 'Observation', observation('again', byMrn('again')))).status).toBe(201);
  });
});
