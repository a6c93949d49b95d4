import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRoutes } from '../../../functions/ingest/routes.ts';
import { systemViewer } from '../../../shared/access/viewer.ts';
import { fragmentTypes, isDirectoryType, isOurs } from '../../../shared/fhir/compartment.ts';
import { isRefusal, operationOutcome, statusOf } from '../../../shared/fhir/outcomes.ts';
import { parametersOf } from '../../../shared/fhir/search/parameters.ts';
import { NHS_NUMBER } from '../../../shared/fhir/systems.ts';
import { createIdempotency } from '../../../shared/store/idempotency.ts';
import { type Json, resourceOf } from '../fhir/gaps/arbitrary-resources.ts';
import { sourcesOf } from '../ingest/ingesting.ts';
import { nhsNumber } from '../ingest/resources.ts';
import { createWorld, FHIR_URL, type World } from './world.ts';

/*
 * Any valid resource, with gaps in its lists of primitives and values that are only extensions
 * (http://hl7.org/fhir/R4/json.html#primitive), is taken in, and no request about it fails afterwards.
 */

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world?.engine.stop());

const WITHIN_MS = 12_000;

/** Sends a transaction to ingest, in the same record. */
async function send(entries: readonly Json[]) {
  const { client, recordTable } = world.engine;
  const { store, access, identity, versionNames } = world.dependencies;
  const idempotency = createIdempotency({ client, table: recordTable });
  const routes = createRoutes({
    store,
    access,
    identity,
    versionNames,
    sources: sourcesOf([]),
    idempotency,
    noteFeed: async () => {},
  });
  const entry = entries.map((resource) => ({
    fullUrl: `urn:uuid:${randomUUID()}`,
    resource,
    request: { method: 'POST', url: resource.resourceType },
  }));
  const answer = await routes({
    method: 'POST',
    path: [],
    query: [],
    headers: {},
    body: Buffer.from(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })),
    caller: { ...systemViewer('uhd', 'uhd-epr'), source: 'main', scopes: ['system/*.cruds'] },
    requestId: randomUUID(),
    correlationId: undefined,
    fhirUrl: FHIR_URL,
  });
  const body = isRefusal(answer) ? operationOutcome(answer.issues) : JSON.parse(answer.body ?? '{}');
  return { status: isRefusal(answer) ? statusOf(answer) : answer.status, body };
}

/** Every way to ask for what was sent, by whoever may see it. */
function requestsAbout(person: string, type: string, address: string): readonly string[] {
  const codes = [...parametersOf(type).values()].filter((parameter) => parameter.type !== 'composite').map(({ code }) => code);
  const named = [...parametersOf(type).values()].find((parameter) => parameter.person)?.code;
  const search = named === undefined ? `${type}?_id=${address.split('/')[1]}` : `${type}?${named}=${person}`;
  return [
    address,
    `${address}?_summary=true`,
    `${address}?_pretty=true`,
    `${address}/_history`,
    `${search}&_include=*&_include:iterate=*&_revinclude=*`,
    `${search}&_sort=${codes.join()}&_summary=data`,
    ...codes.map((code) => `${search}&${code}:missing=true`),
    `Patient/${person}`,
    `Patient/${person}/_history`,
    `Patient/${person}/$everything`,
    `Patient/${person}/$everything?start=2020&end=2026`,
    `Patient?_id=${person}&name=null&_revinclude=*`,
  ];
}

const types = fc.constantFrom(...fragmentTypes().filter((type) => !isOurs(type) && type !== 'Group'));
/** A Patient says where the person lives, and is restricted half of the time: then others see it without its whereabouts. */
const patients = fc.tuple(resourceOf('Patient', { person: { display: 'Somebody' } }), fc.boolean());

describe('any valid resource with gaps', () => {
  it('is taken in, and no request about it fails', { timeout: 2 * WITHIN_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(
        types.chain((type) => fc.tuple(fc.constant(type), resourceOf(type, { person: { display: 'somebody' } }))),
        patients,
        async ([type, resource], [patient, isRestricted]) => {
          const number = nhsNumber();
          const person = world.personOf(number);
          const reference = { type: 'Patient', identifier: { system: NHS_NUMBER, value: number } };
          const about = replaced(resource, reference) as Json;
          const meta = isRestricted ? { meta: { security: [{ system: CONFIDENTIALITY, code: 'R' }] } } : {};
          const identified = {
            ...patient,
            id: 'p',
            link: undefined,
            ...meta,
            identifier: [{ system: NHS_NUMBER, value: number }],
          };
          const sent = await send(type === 'Patient' ? [identified] : [identified, { ...about, id: 'r' }]);
          expect({ status: sent.status, body: sent.body }).toMatchObject({ status: 200 });
          const { location } = sent.body.entry.at(-1).response;
          const address = location.replace(/\/_history.*/, '');
          const shown = isDirectoryType(type) ? ['uhd'] : ['uhd', 'dch'];
          for (const organisation of shown)
            for (const path of requestsAbout(person, type, address)) {
              const { status, json } = await world.ask(path, { organisation });
              if (status >= 500 || (organisation === 'uhd' && status !== 200)) expect({ path, status, json }).toEqual({});
            }
        },
      ),
      { interruptAfterTimeLimit: WITHIN_MS, markInterruptAsFailure: false, numRuns: 150 },
    );
  });
});

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** With every reference that may point at a Patient pointing at the person. */
function replaced(value: unknown, reference: Json): unknown {
  if (Array.isArray(value)) return value.map((item) => replaced(item, reference));
  if (typeof value !== 'object' || value === null) return value;
  if ((value as Json).display === 'somebody') return reference;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, replaced(part, reference)]));
}
