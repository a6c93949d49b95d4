import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addressOf, codesOf, type Ingest, idOf, startIngest } from './ingesting.ts';
import { nhsNumber, observation, of, patient, personOf } from './resources.ts';

const GMC = 'https://fhir.hl7.org.uk/Id/gmc-number';

let ingest: Ingest;
/** Two instances beside each other, each with a memory of its own. */
let here: ReturnType<Ingest['instance']>;
let there: ReturnType<Ingest['instance']>;
let number: string;

beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest.engine.stop());
beforeEach(() => {
  [here, there] = [ingest.instance(), ingest.instance()];
  number = nhsNumber();
});

const practitioner = (id: string, gmc: string) => ({
  resourceType: 'Practitioner',
  id,
  identifier: [{ system: GMC, value: gmc }],
  name: [{ family: id }],
});
const measuredBy = (name: string, gmc: string) =>
  observation(name, { ...of(number), performer: [{ reference: `Practitioner?identifier=${GMC}|${gmc}` }] });

describe('an instance that remembers what another one has changed since', () => {
  it('finds by a condition who has the identifier now, not who had it', async () => {
    await here.send('PUT', 'Practitioner/tern', practitioner('tern', 'C1'));
    await here.send('POST', 'Observation', measuredBy('before', 'C1'));
    await there.send('PUT', 'Practitioner/tern', practitioner('tern', 'C2'));
    const knot = await there.send('PUT', 'Practitioner/knot', practitioner('knot', 'C1'));
    const { body } = await here.send('POST', 'Observation', measuredBy('after', 'C1'));
    expect(body.performer[0].reference).toBe(addressOf(knot.headers.location));
  });

  it('takes a condition for several when another has come to match it', async () => {
    await here.send('PUT', 'Practitioner/dunlin', practitioner('dunlin', 'C3'));
    await here.send('POST', 'Observation', measuredBy('one', 'C3'));
    await there.send('PUT', 'Practitioner/stint', practitioner('stint', 'C3'));
    const answers = [here, ingest.instance()].map(({ send }) => send('POST', 'Observation', measuredBy('two', 'C3')));
    const [remembering, fresh] = await Promise.all(answers);
    expect(remembering!.status).toBe(fresh!.status);
    expect(remembering!.body.performer?.[0]).toEqual(fresh!.body.performer?.[0]);
  });

  it('knows a person by our id from the moment at which there is a record', async () => {
    const about = { subject: { reference: `Patient/${personOf(number)}` } };
    const refused = await here.send('POST', 'Observation', observation('early', about));
    expect(codesOf(refused)).toContain('unknown-subject');
    await there.send('POST', 'Patient', patient([['https://fhir.nhs.uk/Id/nhs-number', number]]));
    expect((await here.send('POST', 'Observation', observation('late', about))).status).toBe(201);
  });

  it('knows a person by the number of a hospital from then on', async () => {
    const mrn: [string, string] = ['https://uhd.example/mrn', `mrn-${number}`];
    const about = { subject: { identifier: { system: mrn[0], value: mrn[1] } } };
    expect((await here.send('POST', 'Observation', observation('early-local', about))).status).toBe(422);
    await there.send('POST', 'Patient', patient([mrn]));
    expect((await here.send('POST', 'Observation', observation('late-local', about))).status).toBe(201);
  });

  it('knows by the number of a hospital a person of whom it remembers that there was nothing', async () => {
    const about = { subject: { reference: `Patient/${personOf(number)}` } };
    expect((await here.send('POST', 'Observation', observation('nothing', about))).status).toBe(422);
    const mrn: [string, string] = ['https://uhd.example/mrn', `both-${number}`];
    await there.send('POST', 'Patient', patient([['https://fhir.nhs.uk/Id/nhs-number', number], mrn]));
    const by = { subject: { identifier: { system: mrn[0], value: mrn[1] } } };
    expect((await here.send('POST', 'Observation', observation('something', by))).status).toBe(201);
  });

  it('lets an organisation refer to a person by our id as soon as it has to do with them', async () => {
    const about = { subject: { reference: `Patient/${personOf(number)}` } };
    await here.send('POST', 'Patient', patient([['https://fhir.nhs.uk/Id/nhs-number', number]]));
    expect((await here.send('POST', 'Observation', observation('stranger', about), { as: 'dch' })).status).toBe(422);
    const stay = {
      ...{
        resourceType: 'Encounter',
        status: 'in-progress',
        identifier: [{ system: 'https://dch.example/stays', value: number }],
      },
      ...{ class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' }, ...of(number) },
      period: { start: new Date(Date.now() - 3_600_000).toISOString() },
    };
    expect((await there.send('POST', 'Encounter', stay, { as: 'dch' })).status).toBe(201);
    expect((await here.send('POST', 'Observation', observation('known', about), { as: 'dch' })).status).toBe(201);
  });

  it('patches a Patient that another has just written', async () => {
    const about = { subject: { reference: `Patient/${personOf(number)}` } };
    await here.send('POST', 'Observation', observation('early-patch', about));
    const written = await there.send('POST', 'Patient', patient([['https://fhir.nhs.uk/Id/nhs-number', number]]));
    const patched = await here.send(
      'PATCH',
      `Patient/${idOf(written.headers.location)}`,
      [{ op: 'add', path: '/identifier/-', value: { system: 'https://uhd.example/mrn', value: `new-${number}` } }],
      { headers: { 'content-type': 'application/json-patch+json' } },
    );
    expect(patched.status).toBe(200);
    const by = { subject: { identifier: { system: 'https://uhd.example/mrn', value: `new-${number}` } } };
    const later = await here.send('POST', 'Observation', observation('by-new-number', by));
    expect([later.status, idOf(later.headers.location).split('.')[0]]).toEqual([201, personOf(number)]);
  });
});
