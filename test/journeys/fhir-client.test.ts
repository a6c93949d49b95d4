import { Client } from 'fhir-kit-client';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createFeed } from '../../infra/demo/feed.ts';
import * as tell from '../../infra/demo/fragments.ts';
import { signIn } from './actors/partner.ts';
import { byNumber, heartRate, peopleOf } from './actors/people.ts';
import { idsOf, linkTo, resourcesOf } from './actors/record.ts';

const somebody = peopleOf('client');
let client: Client;

beforeAll(async () => {
  const demo = inject('demo');
  const { token } = await signIn(demo, 'uhd');
  client = new Client({ baseUrl: demo.fhirUrl, bearerToken: token });
});

/** A hospital's account of somebody: the Patient, five blood pressures a year apart, an allergy. */
function accountOf(person = somebody()) {
  const feed = createFeed('uhd', person);
  for (const year of [2021, 2022, 2023, 2024, 2025]) tell.bloodPressure(feed, 120, 80, `${year}-05-01T10:00:00Z`);
  tell.allergy(feed, { text: 'Penicillin' });
  return { person, ...feed.push() };
}

async function pushed() {
  const { person, bundle } = accountOf();
  const answer = (await client.transaction({ body: bundle as never })) as unknown as fhir4.Bundle;
  const id = answer.entry![0]!.response!.location!.split(/[/.]/)[1]!;
  return { person, bundle, answer, id };
}

const anObservation = (name: string) => heartRate(name, byNumber(somebody().nhsNumber)) as unknown as fhir4.Observation;
const asObservation = (resource: unknown) => resource as fhir4.Observation;
const asBundle = (resource: unknown) => resource as fhir4.Bundle;

/** What the client throws when an answer is no success. */
const refusal = (response: Promise<unknown>) =>
  response.then(
    () => undefined,
    (error: { response: { status: number; data: fhir4.OperationOutcome } }) => error.response,
  );

describe('a partner with an ordinary FHIR client', () => {
  it('finds out what the server can do', async () => {
    const statement = (await client.capabilityStatement()) as unknown as fhir4.CapabilityStatement;
    expect(statement).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', kind: 'instance' });
    const observation = statement.rest![0]!.resource!.find(({ type }) => type === 'Observation')!;
    expect(observation.interaction!.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['create', 'read', 'vread', 'update', 'patch', 'delete', 'history-instance', 'search-type']),
    );
    expect(observation.searchParam!.map(({ name }) => name)).toEqual(expect.arrayContaining(['patient', 'code', 'date']));
  });

  it('creates, reads, updates, patches and retracts, and finds every version in the history', async () => {
    // Given an observation that was created
    const created = asObservation(await client.create({ resourceType: 'Observation', body: anObservation('life') as never }));
    expect(created).toMatchObject({ resourceType: 'Observation', meta: { versionId: '1' } });
    const id = created.id!;
    expect(await client.read({ resourceType: 'Observation', id })).toEqual(created);
    // When it is updated, patched and retracted
    const corrected = { ...created, status: 'corrected' };
    const updated = asObservation(await client.update({ resourceType: 'Observation', id, body: corrected as never }));
    expect(updated).toMatchObject({ status: 'corrected', meta: { versionId: '2' } });
    const jsonPatch = [{ op: 'replace', path: '/valueQuantity/value', value: 80 }] as const;
    const patched = asObservation(await client.patch({ resourceType: 'Observation', id, jsonPatch: [...jsonPatch] }));
    expect(patched).toMatchObject({ valueQuantity: { value: 80 }, meta: { versionId: '3' } });
    await client.delete({ resourceType: 'Observation', id });
    // Then it is gone, and nothing of what it was is lost
    expect(await refusal(client.read({ resourceType: 'Observation', id }))).toMatchObject({ status: 410 });
    expect(asObservation(await client.vread({ resourceType: 'Observation', id, version: '2' })).status).toBe('corrected');
    const history = asBundle(await client.history({ resourceType: 'Observation', id }));
    expect(history.entry!.map(({ request }) => request!.method)).toEqual(['DELETE', 'PUT', 'PUT', 'POST']);
  });

  it('pushes a transaction, and finds it whole', async () => {
    const { bundle, answer, id } = await pushed();
    expect(answer).toMatchObject({ resourceType: 'Bundle', type: 'transaction-response' });
    expect(answer.entry!.map(({ response }) => response!.status)).toEqual(bundle.entry!.map(() => expect.stringMatching(/^201/)));
    for (const { response } of answer.entry!) {
      expect(response).toMatchObject({ etag: 'W/"1"', lastModified: expect.stringMatching(/Z$/) });
      const [resourceType, own] = response!.location!.split('/');
      const resource = await client.read({ resourceType: resourceType!, id: own! });
      expect(resource).toMatchObject({ resourceType, id: own });
    }
    const whole = asBundle(await client.operation({ name: '$everything', resourceType: 'Patient', id, method: 'GET' }));
    expect(resourcesOf(whole).map(({ resourceType }) => resourceType)).toEqual(
      expect.arrayContaining(['Patient', 'Observation', 'AllergyIntolerance']),
    );
    // The person, and what was pushed, the hospital's own Patient included.
    expect(whole.total).toBe(bundle.entry!.length + 1);
  });

  it('sends the same transaction again, and nothing is written', async () => {
    const { bundle, answer } = await pushed();
    const again = asBundle(await client.transaction({ body: bundle as never }));
    expect(again.entry!.map(({ response }) => response!.location)).toEqual(
      answer.entry!.map(({ response }) => response!.location),
    );
    expect(again.entry!.map(({ response }) => response!.status)).toEqual(answer.entry!.map(() => expect.stringMatching(/^200/)));
  });

  it('sends a batch, of which what is sound is taken', async () => {
    const entry = [
      { request: { method: 'POST', url: 'Observation' }, resource: anObservation('sound') },
      { request: { method: 'POST', url: 'Observation' }, resource: { ...anObservation('unsound'), status: 'wrong' } },
    ];
    const answer = asBundle(await client.batch({ body: { resourceType: 'Bundle', type: 'batch', entry } as never }));
    expect(answer.entry!.map(({ response }) => response!.status.slice(0, 3))).toEqual(['201', '400']);
    const outcome = answer.entry![1]!.response!.outcome as fhir4.OperationOutcome;
    expect(outcome.issue[0]).toMatchObject({ severity: 'error', expression: ['Bundle.entry[1].resource.status'] });
  });

  it('searches, and turns the pages forward until there are no more', async () => {
    const { id } = await pushed();
    const searchParams = { patient: id, code: '75367002', _sort: '-date', _count: '2' };
    const pages = [asBundle(await client.search({ resourceType: 'Observation', searchParams }))];
    for (;;) {
      const next = client.nextPage({ bundle: pages.at(-1) as never });
      if (next === undefined) break;
      pages.push(asBundle(await next));
    }
    expect(pages.map((page) => [page.total, page.entry!.length])).toEqual([
      [5, 2],
      [5, 2],
      [5, 1],
    ]);
    const dates = pages.flatMap((page) =>
      resourcesOf(page).map((resource) => asObservation(resource).effectiveDateTime!.slice(0, 4)),
    );
    expect(dates).toEqual(['2025', '2024', '2023', '2022', '2021']);
    expect(linkTo(pages.at(-1)!, 'next')).toBeUndefined();
  });

  it('finds somebody by NHS number in a form, which keeps it out of every address', async () => {
    const { person, id } = await pushed();
    const searchParams = { identifier: `https://fhir.nhs.uk/Id/nhs-number|${person.nhsNumber}` };
    const found = asBundle(
      await client.resourceSearch({ resourceType: 'Patient', searchParams, options: { postSearch: true } as never }),
    );
    expect(idsOf(found)).toEqual([`Patient/${id}`]);
    expect(JSON.stringify(found.link)).not.toContain(person.nhsNumber);
  });

  it('searches in the compartment of a person', async () => {
    const { id } = await pushed();
    const compartment = { resourceType: 'Patient', id };
    const found = asBundle(await client.compartmentSearch({ resourceType: 'AllergyIntolerance', compartment }));
    expect(found).toMatchObject({ total: 1 });
  });

  it('follows a reference of one fragment to another', async () => {
    const { id } = await pushed();
    const found = asBundle(await client.search({ resourceType: 'Observation', searchParams: { patient: id, _count: '1' } }));
    const { subject } = asObservation(resourcesOf(found)[0]);
    const patient = await client.resolve({ reference: subject!.reference! });
    expect(patient).toMatchObject({ resourceType: 'Patient', id });
  });

  it('is told what is wrong in words that help', async () => {
    const { status: _none, ...incomplete } = anObservation('incomplete');
    const refused = await refusal(client.create({ resourceType: 'Observation', body: incomplete as never }));
    expect(refused).toMatchObject({ status: 400, data: { resourceType: 'OperationOutcome' } });
    const [issue] = refused!.data.issue;
    expect(issue).toMatchObject({
      expression: ['Observation.status'],
      details: { coding: [{ system: 'urn:chesil:outcome', code: 'required-element' }] },
    });
  });
});
