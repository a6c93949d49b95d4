import { describe, expect, it } from 'vitest';
import { runAtOnce } from '../../../../shared/concurrency/steps.ts';
import { foldPerson } from '../../../../shared/fhir/person/fold.ts';
import type { Contributor, Json, PatientSource } from '../../../../shared/fhir/person/source.ts';
import { personTimeline } from '../../../../shared/fhir/person/timeline.ts';
import type { Fragment } from '../../../../shared/record/fold.ts';

const PERSON = 'a'.repeat(26);
const OTHER = 'b'.repeat(26);

interface Sent {
  readonly owner?: string;
  readonly trust?: Contributor['trust'];
  readonly at?: string;
  readonly subject?: string;
  readonly version?: number;
}

function source(
  resource: Json,
  { owner = 'uhd', trust = 'trust', at = '2026-03-01T10:00:00.000Z', subject = PERSON, version = 1 }: Sent = {},
) {
  const fragment: Fragment = {
    subject,
    owner,
    source: 'main',
    fragmentId: owner.padEnd(16, 'q').slice(0, 16),
    type: 'Patient',
    version,
    action: version === 1 ? 'created' : 'updated',
    hash: 'x'.repeat(16),
    section: 'demographics',
    codes: [],
    labels: [],
    sequence: version,
    recordedAt: at,
    body: JSON.stringify(resource),
  };
  return { fragment, resource, contributor: { trust, name: owner.toUpperCase() } } satisfies PatientSource;
}

const fold = (...sources: PatientSource[]) => foldPerson(PERSON, [], sources).resource as unknown as fhir4.Patient;
const pathsFrom = (patient: fhir4.Patient, owner: string) =>
  (patient.contained as fhir4.Provenance[])
    .filter(({ agent }) => agent[0]?.who.display === owner.toUpperCase())
    .flatMap(({ target }) => target[0]?.extension?.map(({ valueString }) => valueString));

describe('the person folded out of contributors’ Patients', () => {
  it('believes the registered practice before a trust, and a trust before an ambulance crew, however fresh', () => {
    const patient = fold(
      source(
        { gender: 'unknown', maritalStatus: { text: 'M' } },
        { owner: 'swast', trust: 'ambulance', at: '2026-05-01T00:00:00.000Z' },
      ),
      source({ gender: 'female', birthDate: '1950' }, { owner: 'uhd', trust: 'trust' }),
      source({ birthDate: '1950-06' }, { owner: 'gp', trust: 'registered-practice', at: '2020-01-01T00:00:00.000Z' }),
    );
    expect(patient).toMatchObject({ birthDate: '1950-06', gender: 'female', maritalStatus: { text: 'M' } });
  });

  it('of equals believes the freshest', () => {
    const patient = fold(
      source({ address: [{ city: 'Poole' }] }, { owner: 'uhd', at: '2026-01-01T00:00:00.000Z' }),
      source({ address: [{ city: 'Dorchester' }] }, { owner: 'dch', at: '2026-02-01T00:00:00.000Z' }),
    );
    expect(patient.address).toEqual([{ city: 'Dorchester' }]);
  });

  it('lets a closed registration speak only where no open one does', () => {
    const patient = fold(
      source({ active: false, gender: 'male', name: [{ family: 'Old' }] }, { owner: 'gp', trust: 'registered-practice' }),
      source({ active: true, name: [{ family: 'New' }] }, { owner: 'swast', trust: 'ambulance' }),
    );
    expect(patient).toMatchObject({ active: true, gender: 'male', name: [{ family: 'New' }] });
  });

  it('merges identifiers and telephone numbers, each once, and keeps the source of each', () => {
    const nhs = { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' };
    const patient = fold(
      source(
        { identifier: [nhs], telecom: [{ system: 'phone', value: '01202 000000' }] },
        { owner: 'gp', trust: 'registered-practice' },
      ),
      source({
        identifier: [
          { system: nhs.system, value: '999 000 0018' },
          { system: 'https://uhd.example/mrn', value: '7' },
        ],
        telecom: [
          { system: 'phone', value: '01202000000' },
          { system: 'phone', value: '07700 900000' },
        ],
      }),
    );
    expect(patient.identifier).toEqual([nhs, { system: 'https://uhd.example/mrn', value: '7' }]);
    expect(patient.telecom?.map(({ value }) => value)).toEqual(['01202 000000', '07700 900000']);
    expect(pathsFrom(patient, 'gp')).toEqual(['Patient.identifier[0]', 'Patient.telecom[0]']);
    expect(pathsFrom(patient, 'uhd')).toEqual(['Patient.identifier[1]', 'Patient.telecom[1]']);
  });

  it('names the version of the contributor’s Patient that each element came from', () => {
    const patient = fold(source({ gender: 'female', deceasedDateTime: '2026-02' }, { version: 3 }));
    const [provenance] = patient.contained as fhir4.Provenance[];
    expect(provenance).toMatchObject({
      resourceType: 'Provenance',
      target: [{ reference: '#' }],
      entity: [{ role: 'source', what: { reference: `Patient/${PERSON}.uhdqqqqqqqqqqqqq/_history/3` } }],
    });
    expect(pathsFrom(patient, 'uhd')).toEqual(['Patient.gender', 'Patient.deceased']);
  });

  it('links to every contributor’s own Patient and to the persons merged into this one', () => {
    const merged = source({ gender: 'male' }, { owner: 'dch', subject: OTHER });
    const { resource } = foldPerson(PERSON, [OTHER], [source({}), merged]);
    expect(resource.link).toEqual([
      { other: { reference: `Patient/${OTHER}` }, type: 'replaces' },
      { other: { reference: `Patient/${PERSON}.uhdqqqqqqqqqqqqq` }, type: 'seealso' },
      { other: { reference: `Patient/${OTHER}.dchqqqqqqqqqqqqq` }, type: 'seealso' },
    ]);
  });

  it('keeps the extensions of a primitive with it, and every label of sensitivity', () => {
    const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
    const birthTime = { extension: [{ url: 'https://example.org/time', valueString: '10:00' }] };
    const patient = fold(
      source({ birthDate: '1950', _birthDate: birthTime }, { owner: 'gp', trust: 'gp-practice' }),
      source({ birthDate: '1951', meta: { security: [label] } }),
    );
    expect(patient).toMatchObject({ birthDate: '1950', _birthDate: birthTime, meta: { security: [label] } });
  });

  it('brings the contained resources that kept elements point at, without a clash of ids', () => {
    const withPractice = (name: string) => ({
      contained: [
        { resourceType: 'Organization', id: 'gp', name },
        { resourceType: 'Organization', id: 'unused', name: 'x' },
      ],
      generalPractitioner: [{ reference: '#gp' }],
      contact: [{ organization: { reference: '#gp' }, name: { text: name } }],
    });
    const patient = fold(source(withPractice('A'), { owner: 'gp', trust: 'gp-practice' }), source(withPractice('B')));
    const organisations = patient.contained?.filter(({ resourceType }) => resourceType === 'Organization');
    expect(organisations).toEqual([
      { resourceType: 'Organization', id: '1-gp', name: 'A' },
      { resourceType: 'Organization', id: '2-gp', name: 'B' },
    ]);
    expect(patient.generalPractitioner).toEqual([{ reference: '#1-gp' }]);
    expect(patient.contact?.map(({ organization }) => organization?.reference)).toEqual(['#1-gp', '#2-gp']);
  });

  it('has a version that changes with any source and with nothing else', () => {
    const one = source({ gender: 'male' });
    const again = source({ gender: 'male' });
    expect(foldPerson(PERSON, [], [one]).versionId).toBe(foldPerson(PERSON, [], [again]).versionId);
    expect(foldPerson(PERSON, [], [one]).versionId).not.toBe(foldPerson(PERSON, [], [source({}, { version: 2 })]).versionId);
    expect(foldPerson(PERSON, [OTHER], [one]).versionId).not.toBe(foldPerson(PERSON, [], [one]).versionId);
  });
});

const early = '2026-01-01T00:00:00.000Z';
const late = '2026-02-01T00:00:00.000Z';
const gp = { owner: 'gp', trust: 'registered-practice' } as const;

describe.each<[string, PatientSource[], Partial<fhir4.Patient>]>([
  ['nobody says anything', [source({})], { deceasedBoolean: undefined }],
  [
    'a trust says died, the practice is silent',
    [source({}, gp), source({ deceasedDateTime: '2026-01' })],
    { deceasedDateTime: '2026-01' },
  ],
  [
    'the practice said alive before the trust said died',
    [source({ deceasedBoolean: false }, { ...gp, at: early }), source({ deceasedBoolean: true }, { at: late })],
    { deceasedBoolean: true },
  ],
  [
    'the practice said alive after the trust said died',
    [source({ deceasedBoolean: false }, { ...gp, at: late }), source({ deceasedBoolean: true }, { at: early })],
    { deceasedBoolean: false },
  ],
  [
    'a trust said alive after the practice said died',
    [source({ deceasedBoolean: true }, { ...gp, at: early }), source({ deceasedBoolean: false }, { at: late })],
    { deceasedBoolean: true },
  ],
  [
    'two say died, the less trusted one knows when',
    [source({ deceasedBoolean: true }, gp), source({ deceasedDateTime: '2026-01-05' })],
    { deceasedDateTime: '2026-01-05', deceasedBoolean: undefined },
  ],
])('whether the person has died, when %s', (_, sources, expected) => {
  it('is told with care', () => {
    const patient = fold(...sources);
    for (const [name, value] of Object.entries(expected)) expect(patient[name as keyof fhir4.Patient]).toEqual(value);
  });
});

describe('the versions of the person', () => {
  it('are the moments at which a contributor’s Patient changed, newest first', () => {
    const one = source({ gender: 'male' }, { at: early }).fragment;
    const two = source({ gender: 'female' }, { at: late, version: 2 }).fragment;
    const { moments, fragmentsAt } = runAtOnce(personTimeline(PERSON, [one, two]));
    expect(moments.map((_, place) => fragmentsAt(place).map(({ version }) => version))).toEqual([[2], [1]]);
  });
});
