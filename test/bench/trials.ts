import { gzipSync } from 'node:zlib';
import type { System } from '../system.ts';
import { type Client, createClient } from './client.ts';
import { type Measurement, measure, type Trial } from './measure.ts';
import { bundleOf, observationOf, somebody } from './samples.ts';

/** People whom single creates, updates and reads are spread over. */
const PEOPLE = 40;
const CREATES = { 1: 300, 16: 1_500 } as const;

/** What partners do all day, over HTTP, one at a time and sixteen at once. `quick` divides the counts by ten. */
export async function runTrials(system: System, pids: readonly number[], quick: boolean): Promise<readonly Measurement[]> {
  const client = createClient(system.fhirUrl, await system.token('uhd'));
  const count = (operations: number) => Math.max(5, Math.round(operations / (quick ? 10 : 1)));
  const trial = (told: Trial) => measure({ ...told, pids, operations: count(told.operations) });
  try {
    return [...(await bundles(client, trial)), ...(await singles(client, trial)), ...(await wholeRecord(client, trial))];
  } finally {
    client.close();
  }
}

type Measure = (told: Trial) => Promise<Measurement>;

const GZIP = { 'content-encoding': 'gzip' };

/** Bundles of 760 fragments, the mean of Synthea's patients, each a person of its own; then the same again. */
async function bundles(client: Client, trial: Measure): Promise<Measurement[]> {
  const FRAGMENTS = 760;
  const bodies = Array.from({ length: 60 }, (_, index) => gzipSync(JSON.stringify(bundleOf(1_000 + index, FRAGMENTS))));
  const push = (index: number) => client.send('POST', '', { body: bodies[index % bodies.length]!, headers: GZIP });
  const told = { run: push, unitsPerOperation: FRAGMENTS };
  return [
    await trial({ ...told, operation: 'load bundles (fragments/s)', atOnce: 1, operations: 30 }),
    await trial({ ...told, operation: 're-send bundles unchanged (fragments/s)', atOnce: 1, operations: 30 }),
  ];
}

async function singles(client: Client, trial: Measure): Promise<Measurement[]> {
  const numbers = Array.from({ length: PEOPLE }, (_, index) => somebody(index).nhsNumber!);
  for (let index = 0; index < PEOPLE; index++) await client.send('POST', '', { body: JSON.stringify(bundleOf(index, 20)) });
  const created: { readonly id: string; readonly index: number; readonly nhsNumber: string }[] = [];
  let value = 60;
  const create = (base: number) => async (count: number) => {
    const index = base + count;
    const nhsNumber = numbers[count % PEOPLE]!;
    const answer = await client.send('POST', '/Observation', { body: JSON.stringify(observationOf(index, nhsNumber, value)) });
    created.push({ id: idOf(String(answer.headers.location)), index, nhsNumber });
  };
  const update = async (count: number) => {
    const { id, index, nhsNumber } = created[count % created.length]!;
    await client.send('PUT', `/Observation/${id}`, { body: JSON.stringify({ ...observationOf(index, nhsNumber, ++value), id }) });
  };
  const read = (count: number) => client.send('GET', `/Observation/${created[count % created.length]!.id}`);
  const measured: Measurement[] = [];
  for (const atOnce of [1, 16] as const) {
    const operations = CREATES[atOnce];
    measured.push(await trial({ operation: 'create one fragment', atOnce, operations, run: create(atOnce * 100_000) }));
    measured.push(await trial({ operation: 'update one fragment', atOnce, operations, run: update }));
    measured.push(await trial({ operation: 'read by id, audited', atOnce, operations, run: read }));
  }
  return measured;
}

/** `…/Observation/<id>/_history/1` → `<id>`. */
const idOf = (location: string): string => /Observation\/([^/]+)/.exec(location)![1]!;

async function wholeRecord(client: Client, trial: Measure): Promise<Measurement[]> {
  const ids: string[] = [];
  for (let index = 0; index < 10; index++) {
    const answer = await client.send('POST', '', { body: gzipSync(JSON.stringify(bundleOf(5_000 + index, 500))), headers: GZIP });
    const { entry } = JSON.parse(answer.body.toString('utf8')) as fhir4.Bundle;
    ids.push(/Patient\/([a-z2-7]{26})\./.exec(entry![0]!.response!.location!)![1]!);
  }
  const everything = async (index: number) => {
    const { body } = await client.send('GET', `/Patient/${ids[index % ids.length]!}/$everything`);
    if (body.length < 200_000) throw new Error(`a record of 500 fragments came with ${body.length} bytes`);
  };
  const search = (index: number) =>
    client.send(
      'GET',
      `/Observation?patient=${ids[index % ids.length]!}&code=http://snomed.info/sct|364075005&_sort=-date&_count=20`,
    );
  const measured: Measurement[] = [];
  for (const atOnce of [1, 16]) {
    const operations = atOnce === 1 ? 200 : 1_000;
    measured.push(await trial({ operation: 'whole record of 500, audited', atOnce, operations, run: everything }));
    measured.push(await trial({ operation: 'search in a record of 500, audited', atOnce, operations, run: search }));
  }
  return measured;
}
