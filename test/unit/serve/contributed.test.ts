import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRoutes as createIngestRoutes } from '../../../functions/ingest/routes.ts';
import { systemViewer } from '../../../shared/access/viewer.ts';
import { isRefusal } from '../../../shared/fhir/outcomes.ts';
import { NHS_NUMBER } from '../../../shared/fhir/systems.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { createIdempotency } from '../../../shared/store/idempotency.ts';
import { SOURCES, sourcesOf } from '../ingest/ingesting.ts';
import { NHS_NUMBERS, observation, patient } from './resources.ts';
import { createWorld, FHIR_URL, type World } from './world.ts';

let world: World;
let send: (method: string, path: string, body?: unknown) => Promise<{ status: number; location: string }>;
const [nhsNumber] = NHS_NUMBERS;
const MRN = { system: 'https://uhd.example/mrn', value: 'B-12' };

beforeAll(async () => {
  world = await createWorld();
  const { store, identity, versionNames, access } = world.dependencies;
  const idempotency = createIdempotency({ client: world.engine.client, table: world.engine.recordTable });
  const routes = createIngestRoutes({
    store,
    identity,
    versionNames,
    access,
    sources: sourcesOf(SOURCES),
    idempotency,
    noteFeed: async () => {},
  });
  send = async (method, path, body) => {
    const answer = await routes({
      method,
      path: path.split('/').filter(Boolean),
      query: [],
      headers: { 'content-type': 'application/fhir+json' },
      body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
      caller: { ...systemViewer('uhd', 'uhd-epr'), source: 'main', scopes: ['system/*.cruds'] },
      requestId: randomUUID(),
      correlationId: undefined,
      fhirUrl: FHIR_URL,
    });
    if (isRefusal(answer)) throw new Error(JSON.stringify(answer.issues));
    const location = answer.headers?.location ?? JSON.parse(answer.body ?? '{}').entry?.at(-1)?.response?.location ?? '';
    return { status: answer.status, location: location.replace(`${FHIR_URL}/`, '') };
  };
});
afterAll(() => world?.engine.stop());

describe('what was contributed through ingest', () => {
  it('is read where its Location says, and gone when it was deleted', async () => {
    await send('POST', 'Patient', patient(nhsNumber, { identifier: [{ system: NHS_NUMBER, value: nhsNumber }, MRN] }).resource);
    const subject = { type: 'Patient', identifier: { system: NHS_NUMBER, value: nhsNumber } };
    const { location } = await send('POST', 'Observation', observation('', '', { subject }).resource);
    const [address] = location.split('/_history');
    const { status, json } = await world.ask(address!);
    expect({ status, subject: json.subject.reference }).toEqual({ status: 200, subject: `Patient/${world.personOf(nhsNumber)}` });
    expect(await world.ask(location)).toMatchObject({ status: 200, json });
    await send('DELETE', address!);
    expect(await world.ask(address!)).toMatchObject({ status: 410 });
    expect(await world.ask(location)).toMatchObject({ status: 200, json });
  });

  it('refers to a version by its opaque name, whoever reads the reference', async () => {
    const subject = { type: 'Patient', identifier: { system: NHS_NUMBER, value: nhsNumber } };
    const first = await send('POST', 'Observation', observation('', '', { subject }).resource);
    const [target] = first.location.split('/_history');
    const derivedFrom = [{ reference: first.location }];
    expect(first.location).toBe(`${target}/_history/1`);
    const { location } = await send('POST', 'Observation', observation('', '', { subject, derivedFrom }).resource);
    const { json } = await world.ask(location.split('/_history')[0]!);
    const [{ reference }] = json.derivedFrom;
    expect(reference).toMatch(new RegExp(`^${target}/_history/[a-z2-7]{20}$`));
    expect(await world.ask(reference)).toMatchObject({ status: 200, json: { id: target!.split('/')[1] } });
  });

  it('shows in a history which version came too late to be the current one', async () => {
    const subject = { type: 'Patient', identifier: { system: NHS_NUMBER, value: nhsNumber } };
    const identifier = [{ system: 'https://uhd.example/results', value: 'overtaken' }];
    const told = (lastUpdated: string, text: string) =>
      observation('', '', { subject, identifier, meta: { lastUpdated }, note: [{ text }] }).resource;
    const { location } = await send('POST', 'Observation', told('2026-01-02T10:00:00Z', 'after'));
    await send('POST', 'Observation', told('2026-01-01T10:00:00Z', 'before'));
    const address = location.split('/_history')[0]!;
    expect((await world.ask(address)).json.note[0].text).toBe('after');
    const { json } = await world.ask(`${address}/_history`);
    const codes = json.entry.map(
      ({ response }: fhir4.BundleEntry) =>
        (response?.outcome as fhir4.OperationOutcome | undefined)?.issue[0]?.details?.coding?.[0]?.code,
    );
    expect(codes).toEqual(['late-arrival', undefined]);
  });

  it('finds a patient by the organisation’s own number, whether or not it came with the NHS number', async () => {
    const { json } = await world.ask(`Patient?identifier=${encodeURIComponent(`${MRN.system}|${MRN.value}`)}`);
    expect(json.entry.map(({ resource }: fhir4.BundleEntry) => resource?.id)).toEqual([world.personOf(nhsNumber)]);
  });

  it('is whole in $everything, with the practitioner of the same bundle', async () => {
    const practitioner = {
      resourceType: 'Practitioner',
      identifier: [{ system: 'https://fhir.hl7.org.uk/Id/gmc-number', value: '0000001' }],
      name: [{ family: 'Smith' }],
    };
    const entry = (fullUrl: string, resource: { resourceType: string }) => ({
      fullUrl,
      resource,
      request: { method: 'POST', url: resource.resourceType },
    });
    const [doctor, measured] = [`urn:uuid:${randomUUID()}`, `urn:uuid:${randomUUID()}`];
    const subject = { type: 'Patient', identifier: { system: NHS_NUMBER, value: nhsNumber } };
    await send('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        entry(doctor, practitioner),
        entry(measured, observation('', '', { subject, performer: [{ reference: doctor }] }).resource),
      ],
    });
    const { json } = await world.ask(`Patient/${world.personOf(nhsNumber)}/$everything`);
    expect(json.entry.at(-1)).toMatchObject({ resource: { resourceType: 'Practitioner' }, search: { mode: 'include' } });
    expect(validate(json)).toEqual([]);
  });
});
