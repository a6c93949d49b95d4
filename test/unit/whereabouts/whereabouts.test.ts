import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { population } from '../../../infra/demo/population.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { withoutWhereabouts } from '../../../shared/fhir/whereabouts/whereabouts.ts';
import { whereaboutsOf } from '../../../shared/fhir/whereabouts/words.ts';
import { resourcesThatTell, textsOf } from './telling.ts';

type Json = Record<string, unknown>;

const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const SNOMED = 'http://snomed.info/sct';

/** Somebody whose whereabouts are known by words that no vocabulary has. */
const LEILA = {
  resourceType: 'Patient',
  address: [{ line: ['Flat 2, 5 Zebedee Lane'], city: 'Quillbury', postalCode: 'BH23 9ZZ' }],
  telecom: [
    { system: 'phone', value: '01632 960108' },
    { system: 'email', value: 'leila@quill.example' },
  ],
  generalPractitioner: [{ identifier: { system: ODS, value: 'X99077' }, display: 'Marzipan Street Surgery' }],
  contact: [{ name: { family: 'Osmington' }, address: { line: ['Gingernut Cottage'] } }],
};
const WHEREABOUTS = whereaboutsOf([JSON.stringify(LEILA)]);

const TELLING = [
  '5 Zebedee Lane',
  'zebedee  lane',
  'ZEBEDEE-LANE 5',
  'Quillbury',
  'bh239zz',
  'BH23 9ZZ',
  '+44 1632 960108',
  '01632960108',
  'LEILA@quill.example',
  'x99077',
  'the Marzipan Street practice',
  'Gingernut Cottage',
  'DT1 1AA',
];

const shown = (resource: Json): Json => JSON.parse(withoutWhereabouts(JSON.stringify(resource), WHEREABOUTS));
const condition = (more: Json): Json => ({ resourceType: 'Condition', subject: { reference: 'Patient/p' }, ...more });

describe('what tells where somebody is', () => {
  for (const text of TELLING)
    it(`is not shown in any text: ${text}`, () => {
      const note = [{ text: `She now lives near ${text}, with her sister.` }, { text: 'Sleeps well.' }];
      const { note: left } = shown(condition({ note })) as { note: Json[] };
      expect(left[1]).toEqual({ text: 'Sleeps well.' });
      expect(left[0]).toEqual({ _text: { extension: [expect.objectContaining({ valueCode: 'masked' })] } });
    });

  for (const text of ['Lives on a main road', 'Flat 2', 'Vitamin B12 1st dose', 'Quillburyite', '01632', 'A lane, five trees'])
    it(`is not seen in what only sounds like it: ${text}`, () => {
      expect(shown(condition({ note: [{ text }] })).note).toEqual([{ text }]);
    });

  it('is not the name of somebody who is called like a town', () => {
    const patient = { resourceType: 'Patient', name: [{ family: 'Quillbury', given: ['Ann'], text: 'Ann, 5 Zebedee Lane' }] };
    const [name] = shown(patient).name as Json[];
    expect(name).toMatchObject({ family: 'Quillbury', given: ['Ann'] });
    expect(name).not.toHaveProperty('text');
  });
});

describe('a resource of a restricted person', () => {
  it('of the person keeps who they are, and nothing of where', () => {
    const patient = {
      ...LEILA,
      id: 'p',
      meta: { versionId: '2', source: 'https://uhd.example', tag: [{ system: 'urn:chesil:organisation', code: 'uhd' }] },
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">5 Zebedee Lane</div>' },
      identifier: [
        { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018', assigner: { display: 'NHS' } },
        { system: 'https://uhd.example/mrn', value: '17' },
      ],
      name: [{ family: 'Osmington' }],
      birthDate: '1988-05',
      photo: [{ url: 'https://uhd.example/photo' }],
      managingOrganization: { display: 'UHD' },
      contained: [{ resourceType: 'Provenance', id: 'source-1', target: [{ reference: '#' }] }],
    };
    expect(shown(patient)).toEqual({
      resourceType: 'Patient',
      id: 'p',
      meta: { versionId: '2' },
      identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' }],
      name: [{ family: 'Osmington' }],
      birthDate: '1988-05',
      contact: [{ name: { family: 'Osmington' } }],
    });
  });

  it('keeps what was found and when, without the place, the people of the place and codes of its own', () => {
    const encounter = {
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
      type: [
        {
          coding: [
            { system: 'https://uhd.example/wards', code: 'B2' },
            { system: SNOMED, code: '32485007' },
          ],
        },
      ],
      subject: { reference: 'Patient/p' },
      participant: [{ individual: { reference: 'Practitioner/uhd.1' } }],
      period: { start: '2026-01', end: '2026-02' },
      location: [{ location: { display: 'Poole Hospital' }, period: { start: '2026-01' } }],
      serviceProvider: { reference: 'Organization/uhd.2' },
      partOf: { reference: 'https://uhd.example/fhir/Encounter/1' },
    };
    expect(shown(encounter)).toEqual({
      resourceType: 'Encounter',
      status: 'finished',
      class: encounter.class,
      type: [{ coding: [{ system: SNOMED, code: '32485007' }] }],
      subject: { reference: 'Patient/p' },
      period: encounter.period,
    });
  });

  it('names no place by an address that cannot be read', () => {
    const agent = {
      who: { reference: 'Patient/p' },
      onBehalfOf: { reference: 'Organization/https://elsewhere.example/Thing/1', display: 'A' },
    };
    const provenance = {
      resourceType: 'Provenance',
      target: [{ reference: 'Condition/p.c' }],
      recorded: '2026-01-01T00:00:00Z',
      agent: [agent],
    };
    expect(shown(provenance).agent).toEqual([{ who: { reference: 'Patient/p' } }]);
    const referral = {
      resourceType: 'ServiceRequest',
      performer: [{ reference: 'https://elsewhere.example/Thing/1', display: 'A' }],
    };
    expect(shown(referral)).not.toHaveProperty('performer');
  });

  it('that is itself a place has nothing left but its id', () => {
    const slot = { resourceType: 'Slot', id: 's', status: 'free', schedule: { reference: 'Schedule/x' }, comment: 'Poole' };
    const left = shown({ ...slot, start: '2026-01-01T09:00:00Z', end: '2026-01-01T09:10:00Z' });
    expect(validate(left)).toEqual([]);
    expect(JSON.stringify(left)).not.toMatch(/Poole|Schedule|2026/);
  });

  it('has no attachment, and says that one is there where R4 asks for it', () => {
    const document = {
      resourceType: 'DocumentReference',
      status: 'current',
      content: [{ attachment: { contentType: 'text/plain', data: 'aGVsbG8=', url: 'https://uhd.example/letter' } }],
    };
    const left = shown(document);
    expect(validate(left)).toEqual([]);
    expect(JSON.stringify(left)).not.toMatch(/aGVsbG8|letter/);
    expect(left.content).toHaveLength(1);
  });

  it('keeps decimals as they were written, and contained resources that are still pointed at', () => {
    const body = JSON.stringify({
      resourceType: 'MedicationRequest',
      contained: [
        { resourceType: 'Medication', id: 'drug', code: { coding: [{ system: SNOMED, code: '322236009' }] } },
        { resourceType: 'Practitioner', id: 'doctor' },
      ],
      medicationReference: { reference: '#drug' },
      requester: { reference: '#doctor' },
      dosageInstruction: [{ maxDosePerLifetime: { value: 'RAW' } }],
    }).replace('"RAW"', '0.10');
    const left = withoutWhereabouts(body, WHEREABOUTS);
    expect(left).toContain('"value":0.10');
    expect(left).toContain('322236009');
    expect(left).not.toContain('doctor');
  });
});

describe('whatever is told', () => {
  const people = [...population(12, [{ organisation: 'ammonite', code: 'X99001', name: 'Ammonite Street Surgery' }])];
  const demo = people.flatMap(({ pushes }) =>
    pushes.flatMap(({ bundle }) => bundle.entry!.map(({ resource }) => resource as unknown as Json)),
  );

  const check = (resource: Json): void => {
    const body = JSON.stringify(resource);
    const left = withoutWhereabouts(body, WHEREABOUTS);
    const said = textsOf(JSON.parse(left)).map((text) => text.toLowerCase().replace(/[^a-z0-9@]/g, ''));
    for (const run of WHEREABOUTS.runs) expect(said.filter((text) => text.includes(run))).toEqual([]);
    expect(said.filter((text) => /^(quillbury|x99077|bh23)$/.test(text))).toEqual([]);
    expect(left).not.toMatch(
      /"(reference|type)":"[^"]*\b(Organization|Location|Practitioner|PractitionerRole|HealthcareService|Endpoint)\b/,
    );
    expect(withoutWhereabouts(left, WHEREABOUTS)).toBe(left);
    if (validate(resource).length === 0) expect(validate(JSON.parse(left))).toEqual([]);
  };

  const clinicalCodes = (resource: Json) =>
    JSON.stringify(resource).match(/"system":"http:\/\/snomed.info\/sct","code":"\d+"/g) ?? [];

  it('of the demo is shown without it, stays valid, and keeps its clinical codes', () => {
    for (const resource of demo) {
      check(resource);
      expect(clinicalCodes(shown(resource))).toEqual(clinicalCodes(resource));
    }
  });

  it('of any type and shape is shown without it, and the same when done again', () => {
    fc.assert(fc.property(resourcesThatTell(demo, TELLING), check), { numRuns: 500 });
  }, 60_000);
});
