import type { FragmentDraft } from '../../../shared/record/draft.ts';
import { identity } from './histories.ts';

/** Made-up resources in the shape that partners send, to weigh what they cost. `number` makes each another one. */

const UK_CORE = 'https://fhir.hl7.org.uk/StructureDefinition/UKCore';
const coded = (system: string, code: string, display: string) => ({ coding: [{ system, code, display }] });
const snomed = (code: string, display: string) => coded('http://snomed.info/sct', code, display);

/** What differs from one to the next, as it would in life. */
const instant = (number: number) =>
  new Date(Date.UTC(2025, 2, 3, 7, 11, 13) + number * 4_000_037).toISOString().replace('.000Z', '+00:00');
const uuid = (number: number) => {
  const hex = Buffer.from(identity.person({ system: 'uuid', value: String(number) })).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
};

const VITALS = [
  ['364075005', 'Heart rate', 'beats/minute', '/min', 71],
  ['86290005', 'Respiratory rate', 'breaths/minute', '/min', 16],
  ['431314004', 'Peripheral oxygen saturation', '%', '%', 96],
  ['27113001', 'Body weight', 'kg', 'kg', 74.2],
] as const;

function typicalObservation(subject: string, number: number) {
  const [code, display, unit, ucum, value] = VITALS[number % VITALS.length]!;
  return {
    type: 'Observation',
    profile: `${UK_CORE}-Observation-VitalSigns`,
    codes: [`http://snomed.info/sct|${code}`],
    date: instant(number),
    resource: {
      identifier: [{ system: 'https://uhd.nhs.uk/observations', value: uuid(number) }],
      status: 'final',
      category: [coded('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs', 'Vital Signs')],
      code: snomed(code, display),
      subject: { reference: `Patient/${subject}` },
      effectiveDateTime: instant(number),
      performer: [{ reference: `Practitioner/uhd.${identity.fragment('uhd', 'Practitioner', String(number % 7))}` }],
      valueQuantity: { value: value + (number % 13), unit, system: 'http://unitsofmeasure.org', code: ucum },
    },
  };
}

function typicalCondition(subject: string, number: number) {
  return {
    type: 'Condition',
    profile: `${UK_CORE}-Condition`,
    codes: ['http://snomed.info/sct|13645005'],
    date: instant(number).slice(0, 10),
    resource: {
      identifier: [{ system: 'https://dch.nhs.uk/problems', value: uuid(number) }],
      clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active', 'Active'),
      verificationStatus: coded('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed', 'Confirmed'),
      category: [coded('http://terminology.hl7.org/CodeSystem/condition-category', 'problem-list-item', 'Problem List Item')],
      code: { ...snomed('13645005', 'Chronic obstructive lung disease'), text: 'COPD, moderate, two exacerbations this winter' },
      subject: { reference: `Patient/${subject}` },
      onsetDateTime: instant(number).slice(0, 7),
      recordedDate: instant(number),
      recorder: {
        identifier: { system: 'https://fhir.hl7.org.uk/Id/gmc-number', value: `C${7_000_000 + number}` },
        display: 'Dr Example',
      },
      note: [{ text: 'Rescue pack at home. Inhaler technique checked with her daughter.' }],
    },
  };
}

function typicalMedicationRequest(subject: string, number: number) {
  return {
    type: 'MedicationRequest',
    profile: `${UK_CORE}-MedicationRequest`,
    codes: ['https://dmd.nhs.uk|322236009'],
    date: instant(number),
    resource: {
      identifier: [{ system: 'https://gp.example.nhs.uk/prescriptions', value: uuid(number) }],
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: coded('https://dmd.nhs.uk', '322236009', 'Paracetamol 500mg tablets'),
      subject: { reference: `Patient/${subject}` },
      authoredOn: instant(number),
      requester: {
        identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'J81647' },
        display: 'Shore Medical',
      },
      dosageInstruction: [
        {
          text: 'Two tablets up to four times a day when needed',
          asNeededBoolean: true,
          route: snomed('26643006', 'Oral route'),
        },
      ],
      dispenseRequest: { numberOfRepeatsAllowed: 3, quantity: { value: 100, unit: 'tablet' } },
    },
  };
}

export const TYPICAL = {
  observation: typicalObservation,
  condition: typicalCondition,
  medicationRequest: typicalMedicationRequest,
};

/** A typical resource as a draft of the Dorset hospitals' organisation `uhd`. */
export function typicalDraft(kind: keyof typeof TYPICAL, subject: string, number: number): FragmentDraft {
  const { type, profile, codes, date, resource } = TYPICAL[kind](subject, number);
  return {
    fragmentId: identity.fragment('uhd', type, uuid(number)),
    type,
    section: 'findings',
    date,
    codes,
    labels: [],
    sourceTime: instant(number),
    sourceVersion: '1',
    content: {
      meta: { profile: [profile], tag: [{ system: 'urn:chesil:organisation', code: 'uhd' }] },
      rest: JSON.stringify(resource),
    },
  };
}
