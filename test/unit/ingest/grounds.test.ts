import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NHS_NUMBER } from '../../../shared/fhir/systems.ts';
import type { Fragment } from '../../../shared/record/fold.ts';
import { type Ingest, identity, startIngest } from './ingesting.ts';

const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const [ELSIE, ROSE] = ['9000000009', '9000000025'];

let ingest: Ingest;
beforeAll(async () => {
  ingest = await startIngest();
});
afterAll(() => ingest?.engine.stop());

const patient = { resourceType: 'Patient', identifier: [{ system: NHS_NUMBER, value: ELSIE }] };
const elsie = { reference: `Patient?identifier=${NHS_NUMBER}|${ELSIE}` };

const consentOf = (provision: object) => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [{ text: 'sharing' }],
  policyRule: { text: 'sharing' },
  patient: elsie,
  provision,
});

const entry = (resource: { resourceType: string }, fullUrl?: string) => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType },
});

async function written(...entries: object[]): Promise<readonly Fragment[]> {
  const answer = await ingest.send('POST', '/', {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [entry(patient), ...entries],
  });
  expect(answer.status).toBe(200);
  const fold = await ingest.store.fold(identity.person({ system: NHS_NUMBER, value: ELSIE }));
  return [...fold.fragments.values()];
}

const groundsOf = (fragments: readonly Fragment[], kind: string) =>
  fragments.flatMap(({ grounds = [] }) => grounds).filter((ground) => ground.kind === kind);

describe('what is kept about who may see a record', () => {
  it('names a proxy by the id of the person, told by number or by way of a related person', async () => {
    const related = { resourceType: 'RelatedPerson', patient: elsie, identifier: [{ system: NHS_NUMBER, value: ROSE }] };
    const actor = (reference: object) => [{ role: { text: 'daughter' }, reference }];
    const fragments = await written(
      entry(related, 'urn:uuid:5d5ba2b5-6e0c-4be3-bb48-9e1f3c1d6f01'),
      entry(consentOf({ type: 'permit', actor: actor({ identifier: { system: NHS_NUMBER, value: ROSE } }) })),
      entry(consentOf({ type: 'permit', actor: actor({ reference: 'urn:uuid:5d5ba2b5-6e0c-4be3-bb48-9e1f3c1d6f01' }) })),
    );
    const rose = identity.person({ system: NHS_NUMBER, value: ROSE! });
    expect(groundsOf(fragments, 'proxy')).toEqual([
      { kind: 'proxy', names: [rose] },
      { kind: 'proxy', names: [rose] },
    ]);
    expect(JSON.stringify(fragments.map(({ grounds }) => grounds))).not.toContain(ROSE);
  });

  it('names what is sealed by its id, whether it comes with the consent or after it', async () => {
    const condition = (value: string) => ({
      resourceType: 'Condition',
      identifier: [{ system: 'https://uhd.test/condition', value }],
      subject: elsie,
      code: { text: 'kept to herself' },
    });
    const at = (reference: string) => ({ meaning: 'instance', reference: { reference } });
    const sealing = consentOf({
      type: 'deny',
      data: [at('urn:uuid:5d5ba2b5-6e0c-4be3-bb48-9e1f3c1d6f02'), at('Condition?identifier=https://uhd.test/condition|later')],
    });
    await written(entry(condition('now'), 'urn:uuid:5d5ba2b5-6e0c-4be3-bb48-9e1f3c1d6f02'), entry(sealing));
    const fragments = await written(entry(condition('later')));
    const [sealed] = groundsOf(fragments, 'sealed');
    const ids = fragments.filter(({ type }) => type === 'Condition').map(({ fragmentId }) => fragmentId);
    expect([...sealed!.names].sort()).toEqual(ids.sort());
    expect(ids).toHaveLength(2);
  });

  it('names the organisation that a referral goes to, told beside it in the same bundle', async () => {
    const hospital = { resourceType: 'Organization', name: 'Elsewhere', identifier: [{ system: ODS, value: 'RN5' }] };
    const referral = {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: elsie,
      authoredOn: '2026-08-24',
      performer: [{ reference: 'urn:uuid:5d5ba2b5-6e0c-4be3-bb48-9e1f3c1d6f03' }],
    };
    const fragments = await written(entry(hospital, 'urn:uuid:5d5ba2b5-6e0c-4be3-bb48-9e1f3c1d6f03'), entry(referral));
    expect(groundsOf(fragments, 'referral').map(({ names }) => names)).toEqual([[], [`${ODS}|RN5`]]);
  });

  it('names the practice that a patient is registered with, told beside them in the same bundle or before', async () => {
    const practice = { resourceType: 'Organization', name: 'Surgery', identifier: [{ system: ODS, value: 'X99001' }] };
    const url = 'urn:uuid:5d5ba2b5-6e0c-4be3-bb48-9e1f3c1d6f04';
    const registered = (reference: string) => ({
      resourceType: 'Patient',
      identifier: [{ system: NHS_NUMBER, value: ROSE }],
      generalPractitioner: [{ reference }],
    });
    const rose = identity.person({ system: NHS_NUMBER, value: ROSE! });
    const practices = async () =>
      groundsOf([...(await ingest.store.fold(rose)).fragments.values()], 'registered-practice').map(({ names, to }) => [
        names,
        to,
      ]);
    await written(entry(practice, url), entry(registered(url)));
    expect(await practices()).toEqual([[[`${ODS}|X99001`], undefined]]);
    await written(entry({ ...registered(`Organization?identifier=${ODS}|X99001`), active: true } as never));
    expect(await practices()).toEqual([[[`${ODS}|X99001`], undefined]]);
  });
});
