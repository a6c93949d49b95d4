import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressIn, type Partner, type Partners, type Resource, SAYING, startPartners } from '../partners.ts';
import { allergy, byNhs, nhsNumber, unique } from '../resources.ts';
import { LAB } from './report.ts';

let partners: Partners;
let laboratory: Partner;
beforeAll(async () => {
  partners = await startPartners();
  laboratory = partners.partner('uhd');
});
afterAll(() => partners.stop());

/** Types, and whether identifier alone names them. `change` makes another version of the same thing; `other` another thing under the same identifier. */
const medicine = (code: string) => ({ medicationCodeableConcept: { coding: [{ system: 'https://dmd.nhs.uk', code }] } });
const concept = (code: string) => ({ coding: [{ system: 'http://snomed.info/sct', code }] });
const IMP = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' };
const GROUPING: readonly (readonly [string, (subject: object) => object, object, object])[] = [
  ['DiagnosticReport', (subject) => ({ status: 'final', subject }), { code: concept('1') }, { code: concept('2') }],
  [
    'ServiceRequest',
    (subject) => ({ status: 'active', intent: 'order', subject }),
    { code: concept('1') },
    { code: concept('2') },
  ],
  ['MedicationRequest', (subject) => ({ status: 'active', intent: 'order', subject }), medicine('1'), medicine('2')],
  ['MedicationStatement', (subject) => ({ status: 'active', subject }), medicine('1'), medicine('2')],
  ['MedicationDispense', (subject) => ({ status: 'completed', subject }), medicine('1'), medicine('2')],
  [
    'MedicationAdministration',
    (subject) => ({ status: 'completed', effectiveDateTime: '2026-01-01', subject }),
    medicine('1'),
    medicine('2'),
  ],
  [
    'Immunization',
    (patient) => ({ status: 'completed', occurrenceDateTime: '2026-01-01', patient }),
    { vaccineCode: concept('1') },
    { vaccineCode: concept('2') },
  ],
  ['Procedure', (subject) => ({ status: 'completed', subject }), { code: concept('1') }, { code: concept('2') }],
  [
    'DeviceRequest',
    (subject) => ({ intent: 'order', subject }),
    { codeCodeableConcept: concept('1') },
    { codeCodeableConcept: concept('2') },
  ],
  [
    'SupplyRequest',
    (deliverTo) => ({ status: 'active', quantity: { value: 1 }, deliverTo }),
    { itemCodeableConcept: concept('1') },
    { itemCodeableConcept: concept('2') },
  ],
];
const condition = (code: string) => ({
  clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
  code: concept(code),
});
const SINGLE: readonly (readonly [string, (subject: object) => object, object, object])[] = [
  ['Encounter', (subject) => ({ status: 'in-progress', subject }), { class: { ...IMP, code: 'EMER' } }, { class: IMP }],
  ['EpisodeOfCare', (patient) => ({ status: 'active', patient }), { type: [concept('1')] }, { type: [concept('2')] }],
  [
    'Appointment',
    (actor) => ({
      status: 'booked',
      start: '2026-12-24T09:00:00Z',
      end: '2026-12-24T09:10:00Z',
      participant: [{ actor, status: 'accepted' }],
    }),
    { appointmentType: concept('1') },
    { appointmentType: concept('2') },
  ],
  ['Condition', (subject) => ({ subject }), condition('1'), condition('2')],
  ['AllergyIntolerance', (patient) => allergy('', patient), { code: concept('1') }, { code: concept('2') }],
  ['Task', (whom) => ({ status: 'requested', intent: 'order', for: whom }), { code: concept('1') }, { code: concept('2') }],
  [
    'CarePlan',
    (subject) => ({ status: 'active', intent: 'plan', subject }),
    { category: [concept('1')] },
    { category: [concept('2')] },
  ],
];

const thing = (
  type: string,
  rest: (subject: object) => object,
  number: string,
  identifier: object[],
  more: object,
): Resource => ({
  ...rest(byNhs(number)),
  resourceType: type,
  identifier,
  ...more,
});

describe('the table of types', () => {
  it.each(GROUPING)('%s: identifier and code name it; one identifier on two codes is two', async (type, rest, one, other) => {
    const [number, identifier] = [nhsNumber(), [{ system: LAB, value: unique('n') }]];
    const first = await laboratory.post(thing(type, rest, number, identifier, one));
    const second = await laboratory.post(thing(type, rest, number, identifier, other), SAYING);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(addressIn(second)).not.toBe(addressIn(first));
    expect((await laboratory.post(thing(type, rest, number, identifier, one))).headers.etag).toBe('W/"1"');
  });

  it.each(SINGLE)(
    '%s: the identifier alone names it, though class, type or code are corrected',
    async (type, rest, one, other) => {
      const [number, identifier] = [nhsNumber(), [{ system: LAB, value: unique('n') }]];
      const first = await laboratory.post(thing(type, rest, number, identifier, one));
      const second = await laboratory.post(thing(type, rest, number, identifier, other));
      expect([first.status, second.status, addressIn(second)]).toEqual([201, 200, addressIn(first)]);
    },
  );
});
