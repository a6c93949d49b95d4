import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressIn, numbered, type Partner, type Partners, startPartners } from '../partners.ts';
import { byNhs, nhs, nhsNumber, result, somebody, unique } from '../resources.ts';

let partners: Partners;
let hospital: Partner;
beforeAll(async () => {
  partners = await startPartners();
  hospital = partners.partner('uhd');
});
afterAll(() => partners.stop());

const LAB = 'https://uhd.example/lab';
const CODE = { coding: [{ system: 'http://loinc.org', code: '2823-3' }], text: 'potassium' };

/** A consent that seals what has an identifier, or an own id. */
const sealing = (number: string, reference: object) => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [{ text: 'sharing' }],
  policyRule: { text: 'sharing' },
  patient: byNhs(number),
  provision: { type: 'deny', data: [{ meaning: 'instance', reference }] },
});

/** Ids of the fragments that are sealed in somebody's record. */
async function sealedIn(number: string): Promise<readonly string[]> {
  const { fragments } = await partners.ingest.store.fold(numbered(number));
  return [...fragments.values()].flatMap(({ grounds = [] }) =>
    grounds.flatMap(({ kind, names }) => (kind === 'sealed' ? names : [])),
  );
}

const NAMED: readonly (readonly [string, (value: string) => object])[] = [
  ['with its identifier alone', () => ({})],
  ['with an own id', (value) => ({ id: `own-${value}` })],
  [
    'with another identifier beside it',
    (value) => ({
      identifier: [
        { system: LAB, value },
        { system: LAB, value: `${value}-more` },
      ],
    }),
  ],
];

describe.each(NAMED)('a result that comes %s', (_case, more) => {
  it.each(['before the consent', 'after the consent', 'after the consent, which is sent again'])(
    'is sealed by its identifier, %s',
    async (order) => {
      const [number, value] = [nhsNumber(), unique('n')];
      await hospital.post(somebody('Ada', [nhs(number)]));
      const consent = sealing(number, { reference: `Observation?identifier=${LAB}|${value}` });
      const potassium = { ...result('', byNhs(number), { identifier: [{ system: LAB, value }], ...more(value) }), code: CODE };
      if (order.startsWith('after')) await hospital.post({ ...consent, id: `c-${value}` });
      const address = addressIn(await hospital.post(potassium));
      if (order !== 'after the consent') await hospital.post({ ...consent, id: `c-${value}` });
      expect(await sealedIn(number)).toContain(address.split('.')[1]);
    },
  );
});

it('a result that is sealed by its own id, before it comes, is sealed when it comes', async () => {
  const [number, id] = [nhsNumber(), unique('own')];
  await hospital.post(somebody('Ada', [nhs(number)]));
  await hospital.post(sealing(number, { reference: `Observation/${id}` }));
  const address = addressIn(await hospital.put(`Observation/${id}`, { ...result('', byNhs(number), { id }), code: CODE }));
  expect(await sealedIn(number)).toContain(address.split('.')[1]);
});
