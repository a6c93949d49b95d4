import { createHash } from 'node:crypto';
import { type Entry, postEntry, type Resource } from '../../partners.ts';
import { typed } from '../../resources.ts';

/** Bundles of made-up people in the shape of those that Synthea writes: a transaction of POSTs, everything under its uuid. */

const SYNTHEA = 'https://github.com/synthetichealth/synthea';
const LOINC = 'http://loinc.org';
const SNOMED = 'http://snomed.info/sct';

const uuid = (text: string): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, '$1-$2-4$3-8$4-$5');
const concept = (system: string, code: string, text: string) => ({ coding: [{ system, code, display: text }], text });
const status = (system: string, code: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});

/** @param shared value of the identifiers that several people have, as those of a family or of nobody. */
export function bundleOf(key: string, shared: string): Entry[] {
  const [patient, stay] = [uuid(`${key} patient`), uuid(`${key} stay`)];
  const about = { reference: `urn:uuid:${patient}` };
  const encounter = { reference: `urn:uuid:${stay}` };
  const entry = (id: string, resource: Resource) => postEntry({ ...resource, id }, `urn:uuid:${id}`);
  const other = (name: string, resource: Resource) => entry(uuid(`${key} ${name}`), resource);
  const urn = (name: string) => ({ reference: `urn:uuid:${uuid(`${key} ${name}`)}` });
  return [
    entry(patient, {
      resourceType: 'Patient',
      identifier: [
        { system: SYNTHEA, value: patient },
        typed('MR', 'http://hospital.smarthealthit.org', patient),
        typed('SS', 'http://hl7.org/fhir/sid/us-ssn', shared),
        typed('DL', 'urn:oid:2.16.840.1.113883.4.3.25', shared),
        typed('PPN', 'http://standardhealthrecord.org/fhir/StructureDefinition/passportNumber', shared),
      ],
      name: [{ use: 'official', family: `Made-up ${key}`, given: ['Testing'] }],
      birthDate: '1950-02-03',
    }),
    entry(stay, {
      resourceType: 'Encounter',
      identifier: [{ use: 'official', system: SYNTHEA, value: stay }],
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      type: [concept(SNOMED, '162673000', 'General examination of patient')],
      subject: about,
      serviceProvider: { reference: `Organization?identifier=${SYNTHEA}|${uuid('hospital')}` },
    }),
    other('condition', {
      resourceType: 'Condition',
      clinicalStatus: status('condition-clinical', 'active'),
      code: concept(SNOMED, '59621000', 'Hypertension'),
      subject: about,
      encounter,
    }),
    ...['8302-2', '29463-7'].map((code) =>
      other(`observation ${code}`, {
        resourceType: 'Observation',
        status: 'final',
        code: concept(LOINC, code, `Measurement ${code}`),
        subject: about,
        encounter,
        valueQuantity: { value: 70, unit: 'unit' },
      }),
    ),
    other('panel', {
      resourceType: 'DiagnosticReport',
      status: 'final',
      code: concept(LOINC, '51990-0', 'Panel'),
      subject: about,
      result: [urn('observation 8302-2'), urn('observation 29463-7')],
    }),
    other('request', {
      resourceType: 'MedicationRequest',
      status: 'active',
      intent: 'order',
      medicationReference: urn('medicine'),
      subject: about,
      encounter,
    }),
    other('medicine', { resourceType: 'Medication', code: concept(SNOMED, '387458008', 'Aspirin') }),
    other('claim', {
      resourceType: 'Claim',
      status: 'active',
      type: status('claim-type', 'institutional'),
      use: 'claim',
      patient: about,
      created: '2026-01-02',
      provider: { reference: `Organization?identifier=${SYNTHEA}|${uuid('hospital')}` },
      priority: status('processpriority', 'normal'),
      insurance: [{ sequence: 1, focal: true, coverage: { display: 'none' } }],
    }),
    other('care team', { resourceType: 'CareTeam', status: 'active', subject: about, participant: [{ member: about }] }),
    other('provenance', {
      resourceType: 'Provenance',
      target: [about, encounter, urn('condition'), urn('panel')],
      recorded: '2026-01-02T03:04:05Z',
      agent: [{ who: { display: 'nobody' } }],
    }),
  ];
}
