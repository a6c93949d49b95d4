import { randomUUID } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRoutes as createIngestRoutes } from '../../../../functions/ingest/routes.ts';
import { systemViewer } from '../../../../shared/access/viewer.ts';
import { isRefusal, operationOutcome, statusOf } from '../../../../shared/fhir/outcomes.ts';
import { createIdempotency } from '../../../../shared/store/idempotency.ts';
import { createWorld, FHIR_URL, type World } from '../../serve/world.ts';
import { sourcesOf } from '../ingesting.ts';
import { allergy, byMr, byNhs, mr, nhs, nhsNumber, result, somebody, unique } from '../resources.ts';

let world: World;
let routes: ReturnType<typeof createIngestRoutes>;
beforeAll(async () => {
  world = await createWorld();
  const { store, identity, versionNames, access } = world.dependencies;
  const idempotency = createIdempotency({ client: world.engine.client, table: world.engine.recordTable });
  routes = createIngestRoutes({
    store,
    identity,
    versionNames,
    access,
    sources: sourcesOf([]),
    idempotency,
    noteFeed: async () => {},
  });
});
afterAll(() => world?.engine.stop());

interface Asking {
  readonly organisation?: string;
  readonly client?: string;
}

/** A write by a system, and what it was answered. */
async function send(
  method: string,
  path: string,
  body?: unknown,
  { organisation = 'uhd', client = `${organisation}-epr` }: Asking = {},
) {
  const [address = '', query = ''] = path.split('?');
  const answer = await routes({
    method,
    path: address.split('/').filter(Boolean),
    query: [...new URLSearchParams(query)],
    headers: { 'content-type': method === 'PATCH' ? 'application/json-patch+json' : 'application/fhir+json' },
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    caller: { ...systemViewer(organisation, client), source: 'main', scopes: ['system/*.cruds'] },
    requestId: randomUUID(),
    correlationId: undefined,
    fhirUrl: FHIR_URL,
  });
  if (isRefusal(answer)) return { status: statusOf(answer), address: '', json: operationOutcome(answer.issues) };
  const location = (answer.headers?.location ?? '').replace(`${FHIR_URL}/`, '').replace(/\/_history.*/, '');
  return { status: answer.status, address: location, json: answer.body === undefined ? undefined : JSON.parse(answer.body) };
}

const ask = (path: string, { organisation = 'uhd', client }: Asking = {}) =>
  world.ask(path, { organisation, ...(client === undefined ? {} : { viewer: { client } }) });

/** Ids of the entries of a search. */
const found = ({ json }: { json: { entry?: { resource: { id: string } }[] } }) =>
  (json.entry ?? []).map(({ resource }) => resource.id);

async function aliases(): Promise<number> {
  let count = 0;
  let from: Record<string, never> | undefined;
  do {
    const page = await world.engine.client.send(
      new ScanCommand({
        TableName: world.engine.recordTable,
        FilterExpression: '#item = :alias',
        ExpressionAttributeNames: { '#item': 'item' },
        ExpressionAttributeValues: { ':alias': { S: 'alias' } },
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    count += page.Items?.length ?? 0;
    from = page.LastEvaluatedKey as never;
  } while (from !== undefined);
  return count;
}

describe('PUT Observation/mine-1', () => {
  async function mine() {
    const [number, id] = [nhsNumber(), unique('mine')];
    const observation = result('weight', byNhs(number), { id });
    const created = await send('PUT', `Observation/${id}`, observation);
    expect(created.status).toBe(201);
    return { number, id, observation, ...created, ours: created.address.split('/')[1]! };
  }

  it('is read by that id, and found by it', async () => {
    const { id, ours } = await mine();
    const read = await ask(`Observation/${id}`);
    expect([read.status, read.json.id, read.json.code.text]).toEqual([200, ours, 'weight']);
    expect(found(await ask(`Observation?_id=${id}`))).toEqual([ours]);
    expect((await ask(`Observation/${id}/_history`)).status).toBe(200);
  });

  it('is updated, patched and retracted by it', async () => {
    const { id, observation, address } = await mine();
    const updated = await send('PUT', `Observation/${id}`, { ...observation, code: { text: 'height' } });
    expect([updated.status, updated.address]).toEqual([200, address]);
    const patched = await send('PATCH', `Observation/${id}`, [{ op: 'replace', path: '/code/text', value: 'patched' }]);
    expect([patched.status, patched.address]).toEqual([200, address]);
    expect((await ask(`Observation/${id}`)).json.code.text).toBe('patched');
    expect((await send('DELETE', `Observation/${id}`)).status).toBe(204);
    expect((await ask(`Observation/${id}`)).status).toBe(410);
    expect((await ask(address)).status).toBe(410);
    const again = await send('PUT', `Observation/${id}`, observation);
    expect([[200, 201].includes(again.status), again.address]).toEqual([true, address]);
    expect((await ask(`Observation/${id}`)).status).toBe(200);
  });

  it('answers for its own organisation alone, as if it were not there for any other', async () => {
    const { id } = await mine();
    const nothing = unique('nothing');
    for (const path of [(one: string) => `Observation/${one}`, (one: string) => `Observation?_id=${one}`]) {
      const [real, made] = [await ask(path(id), { organisation: 'dch' }), await ask(path(nothing), { organisation: 'dch' })];
      const said = (told: typeof real, one: string) => [
        told.status,
        told.body?.replaceAll(one, '<id>').replaceAll(/"(lastUpdated|timestamp)":"[^"]+"|[0-9a-f-]{36}/g, ''),
      ];
      expect(said(real, id)).toEqual(said(made, nothing));
    }
    for (const method of ['DELETE', 'PATCH']) {
      const [real, made] = [
        await send(method, `Observation/${id}`, method === 'PATCH' ? [] : undefined, { organisation: 'dch' }),
        await send(method, `Observation/${nothing}`, method === 'PATCH' ? [] : undefined, { organisation: 'dch' }),
      ];
      expect([real.status, real.json]).toEqual([made.status, made.json]);
    }
    expect((await ask(`Observation/${id}`)).status).toBe(200);
  });

  it('is another thing when another organisation puts it', async () => {
    const { number, id, address } = await mine();
    const theirs = await send('PUT', `Observation/${id}`, result('theirs', byNhs(number), { id }), { organisation: 'dch' });
    expect([theirs.status, theirs.address === address]).toEqual([201, false]);
    expect((await ask(`Observation/${id}`)).json.code.text).toBe('weight');
    expect((await ask(`Observation/${id}`, { organisation: 'dch' })).json.code.text).toBe('theirs');
  });

  it('is read as another type by nobody', async () => {
    const { id } = await mine();
    expect((await ask(`Condition/${id}`)).status).toBe(404);
  });

  it('keeps one alias where it creates, and none where it updates or comes in a bundle', async () => {
    const before = await aliases();
    const { id, observation, number } = await mine();
    expect(await aliases()).toBe(before + 1);
    await send('PUT', `Observation/${id}`, observation);
    await send('PUT', `Observation/${id}`, { ...observation, code: { text: 'height' } });
    const resource = result('bundled', byNhs(number), { id: unique('bundled') });
    await send('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource, request: { method: 'PUT', url: `Observation/${resource.id}` } }],
    });
    expect(await aliases()).toBe(before + 1);
  });

  it('moves with what it is about: the id leads to what the source said last', async () => {
    const { id, address } = await mine();
    const other = nhsNumber();
    const moved = await send('PUT', `Observation/${id}`, result('weight', byNhs(other), { id }));
    expect(moved.address).not.toBe(address);
    const read = await ask(`Observation/${id}`);
    expect([read.status, read.json.id]).toEqual([200, moved.address.split('/')[1]]);
  });

  it('is never a way to somebody whom the organisation may not see any more than by our id', async () => {
    const [number, id] = [nhsNumber(), unique('mine')];
    const created = await send('PUT', `Observation/${id}`, result('weight', byNhs(number), { id }));
    const [byOwn, byOurs] = [await ask(`Observation/${id}`), await ask(created.address)];
    expect([byOwn.status, byOwn.json]).toEqual([byOurs.status, byOurs.json]);
  });
});

describe('an id that its source gives a Patient', () => {
  it('leads to its Patient, alone and from a bundle', async () => {
    const id = unique('pas');
    const created = await send('PUT', `Patient/${id}`, somebody('Ada', [mr(unique('M'))], { id }));
    await send('POST', 'AllergyIntolerance', allergy('latex', { reference: `Patient/${id}` }));
    const read = await ask(`Patient/${id}`);
    expect(read.status).toBe(200);
    expect(JSON.stringify(read.json)).toContain('Ada');
    expect(read.json.id.split('.')[0]).toBe(created.address.split('/')[1]!.split('.')[0]);
    const everything = await ask(`AllergyIntolerance?patient=${id}`);
    expect(found(everything)).toHaveLength(1);
    expect((await ask(`Patient/${id}`, { organisation: 'dch' })).status).toBe(404);
    expect((await send('DELETE', `Patient/${id}`)).status).toBe(204);
  });

  it('leads on to the person who has got a number', async () => {
    const [id, number, own] = [unique('pas'), nhsNumber(), unique('M')];
    await send('PUT', `Patient/${id}`, somebody('Ada', [mr(own)], { id }));
    await send('PUT', `Patient/${id}`, somebody('Ada', [mr(own), nhs(number)], { id }));
    const read = await ask(`Patient/${id}`);
    expect([read.status, JSON.stringify(read.json).includes('Ada')]).toEqual([200, true]);
    const written = await send('POST', 'Observation', result('weight', byMr(own)));
    expect(
      (await ask(`Observation?patient=${world.personOf(number)}`)).json.entry.map(
        ({ resource }: { resource: { id: string } }) => resource.id,
      ),
    ).toContain(written.address.split('/')[1]);
  });
});
