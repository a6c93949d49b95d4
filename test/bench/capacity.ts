import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ConsumedCapacity, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createRoutes } from '../../functions/ingest/routes.ts';
import { demo } from '../../infra/deployments/demo.ts';
import { createAccess } from '../../shared/access/access.ts';
import { loadPolicies, readPolicies } from '../../shared/access/policy-set.ts';
import { createDirectory } from '../../shared/directory/directory.ts';
import { isRefusal } from '../../shared/fhir/outcomes.ts';
import { createIdentity } from '../../shared/record/identity.ts';
import { createIdempotency } from '../../shared/store/idempotency.ts';
import { createRecordStore } from '../../shared/store/record.ts';
import { startEngine } from '../engine.ts';
import type { Figure } from './report.ts';
import { bundleOf, observationOf, somebody } from './samples.ts';

/** Fragments of the 120 Synthea patients that the promise of 10,000 write units is about. */
const SYNTHEA_FRAGMENTS = 91_336;

/**
 * Write units that ingest uses, as the engine counts them.
 * @param folder of gzipped FHIR bundles, loaded in the order of their names, whose units are scaled to 91,336 fragments
 */
export async function measureCapacity(folder?: string): Promise<readonly Figure[]> {
  const engine = await startEngine({ stream: false });
  try {
    const units = countUnits(engine.client);
    const send = ingest(engine.client, engine.recordTable);
    const unitsOf = async (method: string, path: string[], resource: unknown) => {
      const before = units();
      const answer = await send(method, path, JSON.stringify(resource));
      return { used: units() - before, answer };
    };
    await send('POST', [], JSON.stringify(bundleOf(1, 2)));
    const nhsNumber = somebody(1).nhsNumber!;
    const created = await unitsOf('POST', ['Observation'], observationOf(1, nhsNumber, 70));
    const updated = await unitsOf('POST', ['Observation'], observationOf(1, nhsNumber, 71));
    const unchanged = await unitsOf('POST', ['Observation'], observationOf(1, nhsNumber, 71));
    const bundle = bundleOf(2, 101);
    const patient = { ...bundle, entry: bundle.entry!.slice(0, 1) };
    await send('POST', [], JSON.stringify(patient));
    const hundred = await unitsOf('POST', [], bundle);
    return [
      { name: 'write units: one create', value: created.used, unit: 'units', promise: '≤ 2' },
      { name: 'write units: one update', value: updated.used, unit: 'units', promise: '≤ 2' },
      { name: 'write units: the same again', value: unchanged.used, unit: 'units', promise: '0' },
      { name: 'write units: 100 creates in a bundle', value: hundred.used, unit: 'units', promise: '≤ 8' },
      ...(folder === undefined ? [] : await scaled(folder, units, send)),
    ];
  } finally {
    await engine.stop();
  }
}

type Send = (method: string, path: readonly string[], body: string | Buffer) => Promise<string>;

async function scaled(folder: string, units: () => number, send: Send): Promise<Figure[]> {
  let fragments = 0;
  let used = 0;
  let ms = 0;
  for (const name of readdirSync(folder)
    .filter((each) => each.endsWith('.json.gz'))
    .sort()) {
    const body = gunzipSync(readFileSync(join(folder, name)));
    const before = units();
    const started = performance.now();
    await send('POST', [], body);
    // Directories are few and written once; persons are what a region has many of.
    if (name.startsWith('0-')) continue;
    ms += performance.now() - started;
    used += units() - before;
    fragments += (JSON.parse(body.toString('utf8')) as fhir4.Bundle).entry!.length;
  }
  return [
    { name: `write units: ${fragments} fragments of the bundles given`, value: used, unit: 'units' },
    {
      name: `write units: scaled to ${SYNTHEA_FRAGMENTS} fragments`,
      value: (used / fragments) * SYNTHEA_FRAGMENTS,
      unit: 'units',
      promise: '≤ 10,000',
    },
    { name: 'ingest of the bundles given, in process', value: fragments / (ms / 1_000), unit: 'fragments/s', promise: '≥ 5,000' },
  ];
}

const WRITES = new Set([
  'PutItemCommand',
  'TransactWriteItemsCommand',
  'UpdateItemCommand',
  'DeleteItemCommand',
  'BatchWriteItemCommand',
]);

/** Asks for and adds up the units of every write. */
function countUnits(client: DynamoDBClient): () => number {
  let total = 0;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (given) => {
        const answer = await next({ ...given, input: { ...given.input, ReturnConsumedCapacity: 'TOTAL' } as typeof given.input });
        const { ConsumedCapacity: consumed } = answer.output as { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] };
        if (WRITES.has(commandName ?? '')) for (const each of [consumed ?? []].flat()) total += each.CapacityUnits ?? 0;
        return answer;
      },
    { step: 'initialize', name: 'countUnits' },
  );
  return () => total;
}

/** Ingest as its function runs it, without HTTP. */
function ingest(client: DynamoDBClient, table: string): Send {
  const policies = loadPolicies(readPolicies(resolve(import.meta.dirname, '../../shared/access/policies')));
  const routes = createRoutes({
    store: createRecordStore({ client, table }),
    access: createAccess(policies, createDirectory(demo.organisations)),
    identity: createIdentity(Buffer.alloc(32, 1)),
    idempotency: createIdempotency({ client, table }),
  });
  return async (method, path, body) => {
    const answer = await routes({
      method,
      path,
      query: [],
      headers: { 'content-type': 'application/fhir+json' },
      body: Buffer.from(body),
      caller: { organisation: 'uhd', client: 'bench', scopes: ['system/*.cruds'] },
      requestId: randomUUID(),
      correlationId: undefined,
      fhirUrl: 'http://localhost/fhir/R4',
    });
    if (isRefusal(answer)) throw new Error('a sample was refused', { cause: answer.issues });
    return answer.body ?? '';
  };
}
