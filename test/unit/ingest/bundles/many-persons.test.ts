import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codesOf, type Ingest, startIngest } from '../ingesting.ts';
import { MRN, NHS, nhsNumber, observation, of, patient, personOf } from '../resources.ts';
import { bundle, post, statusesOf, transaction } from './entries.ts';

let ingest: Ingest;

beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest?.engine.stop());

const numbers = (count: number) => Array.from({ length: count }, nhsNumber);
const readings = (persons: readonly string[]) => persons.map((number) => post(observation(`r${number}`, of(number))));
const send = (entries: readonly object[], type = 'batch') => ingest.send('POST', '/', bundle(type, ...entries));
const urn = (index: number) => `urn:uuid:00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

describe('a bundle about many persons', () => {
  it.each(['batch', 'transaction'])('past 500 is refused as a whole, and names the bulk import: %s', async (type) => {
    const persons = numbers(501);
    const answer = await send(readings(persons), type);
    expect([answer.status, codesOf(answer)]).toEqual([413, ['too-many-persons']]);
    expect(answer.body.issue[0].details.text).toContain('bulk import');
    expect((await ingest.store.fold(personOf(persons[0]!))).sequence).toBe(0);
  });

  it('of 500 is taken', async () => {
    const answer = await send(readings(numbers(500)));
    expect(new Set(statusesOf(answer))).toEqual(new Set(['201 Created']));
  });

  it.each<[string, (index: number, number: string) => readonly object[]]>([
    ['by Patients', (_, number) => [post(patient([[NHS, number]]))]],
    ['by Patients without a number', (index) => [post(patient([[MRN, `m${index}`]]))]],
    ['by Patients without any name', (index) => [post({ resourceType: 'Patient' }, urn(index))]],
    [
      'by our ids',
      (index, number) => [post(observation(`i${index}`, { subject: { reference: `Patient/${personOf(number)}` } }))],
    ],
    [
      'by a condition',
      (index) => [
        {
          request: { method: 'DELETE', url: `Observation?identifier=${MRN}|${index}&patient.identifier=${MRN}|d${index}` },
        },
      ],
    ],
    ['by address', (_, number) => [{ request: { method: 'DELETE', url: `Observation/${personOf(number)}.aaaaaaaaaaaaaaaa` } }]],
  ])('is counted %s', async (_name, entriesOf) => {
    const answer = await send(numbers(501).flatMap((number, index) => entriesOf(index, number)));
    expect([answer.status, codesOf(answer)]).toEqual([413, ['too-many-persons']]);
  });

  it('counts each person once, by whatever names its entries call them', async () => {
    const entries = numbers(200).flatMap((number, index) => [
      post(
        patient(
          [
            [NHS, number],
            [MRN, `once-${index}`],
          ],
          { id: `p${index}` },
        ),
        urn(index),
      ),
      post(observation(`a${index}`, { subject: { reference: urn(index) } })),
      post(observation(`b${index}`, of(number))),
      post(observation(`c${index}`, { subject: { identifier: { system: MRN, value: `once-${index}` } } })),
      post(observation(`d${index}`, { subject: { reference: `Patient/p${index}` } })),
    ]);
    expect(new Set(statusesOf(await send(entries)))).toEqual(new Set(['201 Created']));
  });

  it('is refused for naming more relatives than may be looked up', async () => {
    const [subject = ''] = numbers(1);
    const entries = Array.from({ length: 2_001 }, (_, index) =>
      post(observation(`f${index}`, { ...of(subject), performer: [{ reference: `Patient/relative-${index}` }] })),
    );
    const answer = await ingest.send('POST', '/', transaction(...entries));
    expect([answer.status, codesOf(answer)]).toEqual([413, ['too-many-persons']]);
  });
});
