import fc from 'fast-check';
import type { Grant } from '../../../../shared/access/grants.ts';
import { PEOPLE, type Viewer } from '../../../../shared/access/viewer.ts';
import { ODS_ORGANISATION } from '../../../../shared/fhir/systems.ts';
import type { Ground } from '../../../../shared/record/contribution.ts';

/** Records as they could be, small: what leaks leaks with few fragments, and a counterexample of few is read at once. */
export const OWNERS = ['uhd', 'dch', 'surgery', 'council'] as const;
export const TYPES = ['Patient', 'Observation', 'Condition', 'Encounter', 'AllergyIntolerance', 'Appointment'] as const;

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** Labels of sources: none mostly. */
const LABELS = [undefined, undefined, undefined, 'R', 'V', 'unheard-of'] as const;

/** SNOMED CT: a common condition, a pulse, and sensitive ones (chlamydia, termination of pregnancy, in vitro fertilisation). */
const CODES = ['44054006', '364075005', '240589008', '57797005', '52637005'] as const;

const DATES = ['2019', '2024-05-01', '2026-03-01T10:00:00Z', '2026-11-20T09:00:00Z'] as const;

/** One version of a fragment: how it is marked, and whether it arrives after a version that is newer by its source's clock. */
export interface Version {
  readonly label: (typeof LABELS)[number];
  readonly code: (typeof CODES)[number];
  readonly late: boolean;
}

/** One fragment: who told it, what it is and its versions. Which others it refers to is said by their places. */
export interface Fragment {
  readonly owner: (typeof OWNERS)[number];
  readonly type: (typeof TYPES)[number];
  readonly versions: readonly Version[];
  readonly date: (typeof DATES)[number];
  /** Of the person who is shown, or of the one who was merged into them. */
  readonly of: 'survivor' | 'merged';
  readonly refersTo: number;
  /** Whether it was retracted in the end. */
  readonly retracted: boolean;
  /** The practice that a Patient names, and whether it is flagged R. */
  readonly practice: 'X99030' | 'X99010' | undefined;
}

export interface Record {
  readonly fragments: readonly Fragment[];
  readonly merged: boolean;
  readonly restricted: boolean;
  readonly optedOut: boolean;
  /** Places of fragments that the person has sealed. */
  readonly sealed: readonly number[];
  /** Whether somebody may act for the person, by the word of their practice. */
  readonly proxied: boolean;
}

const version: fc.Arbitrary<Version> = fc.record({
  label: fc.constantFrom(...LABELS),
  code: fc.constantFrom(...CODES),
  late: fc.constantFrom(false, false, false, true),
});

const plain: Version = { label: undefined, code: '44054006', late: false };

const fragment: fc.Arbitrary<Fragment> = fc.record({
  owner: fc.constantFrom(...OWNERS),
  type: fc.constantFrom(...TYPES),
  versions: fc.oneof(
    { arbitrary: fc.array(version, { minLength: 1, maxLength: 3 }), weight: 3 },
    // What was marked for a while, and is no longer.
    version.map((marked) => [plain, marked, plain]),
  ),
  date: fc.constantFrom(...DATES),
  of: fc.constantFrom('survivor', 'merged'),
  refersTo: fc.nat(9),
  retracted: fc.constantFrom(false, false, false, true),
  practice: fc.constantFrom('X99030', 'X99010', undefined),
});

/** Of ten records one is of somebody who opted out: else nothing would be left to compare. */
const rarely = fc.nat(9).map((number) => number === 9);

/** Mostly the person is registered with a practice, whose staff then have a reason to look. */
const registration: Fragment = {
  owner: 'surgery',
  type: 'Patient',
  versions: [plain],
  date: '2019',
  of: 'survivor',
  refersTo: 0,
  retracted: false,
  practice: 'X99030',
};

const fragments = fc
  .tuple(fc.constantFrom([registration], [registration], []), fc.array(fragment, { minLength: 1, maxLength: 8 }))
  .map(([registered, others]) => [...registered, ...others]);

export const record: fc.Arbitrary<Record> = fc.record({
  fragments,
  merged: fc.boolean(),
  restricted: fc.boolean(),
  optedOut: rarely,
  sealed: fc.array(fc.nat(8), { maxLength: 2 }),
  proxied: fc.boolean(),
});

/** Who a record is about, and who may act for them. */
export interface Persons {
  /** The survivor of a merge. */
  readonly survivor: string;
  readonly merged: string;
  readonly proxy: string;
}

/** Who looks, once it is known at whom. */
export type Who = (persons: Persons) => Partial<Viewer> &
  Pick<Viewer, 'organisation'> & {
    /** What they have opened to themselves. */
    readonly grants: readonly Grant[];
  };

const STAFF = ['clinician', 'gp', 'clerical', 'pharmacist', 'social-worker', 'health-visitor', 'privacy-officer'] as const;

const system: fc.Arbitrary<Who> = fc.constantFrom(...OWNERS).map((organisation) => () => ({ organisation, grants: [] }));

const staff: fc.Arbitrary<Who> = fc
  .tuple(
    fc.constantFrom(...OWNERS, 'surgery', 'surgery'),
    fc.constantFrom(...STAFF),
    fc.constantFrom(undefined, 'break-glass', 'claimed'),
  )
  .map(([organisation, role, kind]) => ({ survivor }) => {
    const purpose = role === 'privacy-officer' ? 'investigation' : 'direct-care';
    const who = { organisation, role, purpose, staff: `provider|${role}`, name: 'N' } as const;
    return { ...who, grants: kind === undefined ? [] : [grantOf(survivor, who, kind)] };
  });

const grantOf = (person: string, who: Pick<Grant, 'staff' | 'role' | 'organisation'>, kind: Grant['kind']): Grant => ({
  id: 'gggggggggggggggg',
  kind,
  person,
  staff: who.staff,
  role: who.role,
  organisation: who.organisation,
  from: '2026-11-23T20:00:00.000Z',
  until: '2026-11-24T04:00:00.000Z',
  reason: { code: 'emergency', text: 'Found unconscious.' },
});

/** The person, somebody who acts for them, or somebody else who is signed in. */
const people: fc.Arbitrary<Who> = fc.constantFrom('survivor', 'merged', 'proxy' as const).map((who) => (persons) => ({
  organisation: PEOPLE,
  role: 'person',
  purpose: 'own-access',
  person: persons[who],
  grants: [],
}));

/** Who looks: partners' systems, staff in roles, people. */
export const viewer: fc.Arbitrary<Who> = fc.oneof(
  { arbitrary: system, weight: 3 },
  { arbitrary: staff, weight: 4 },
  { arbitrary: people, weight: 2 },
);

/** Scopes after `<kind>/`. */
export const scopes = fc.constantFrom(
  ['*.rs'],
  ['*.rs'],
  ['*.rs'],
  ['Observation.rs', 'Patient.r', 'Encounter.s'],
  ['*.s', 'Patient.rs', 'Observation.r?code=364075005'],
  ['Patient.rs', 'Condition.rs?code=44054006', 'Encounter.rs'],
);

/** What a source sends. @param token names this version of the fragment and nothing else, so that it can be looked for in answers */
export function resourceOf(
  { type, date, practice }: Omit<Fragment, 'versions'>,
  { label, code }: Version,
  personId: string,
  reference: string | undefined,
  token: string,
): Readonly<{ resourceType: string } & { [name: string]: unknown }> {
  const meta = label === undefined ? {} : { meta: { security: [{ system: CONFIDENTIALITY, code: label }] } };
  const subject = { reference: `Patient/${personId}` };
  const coding = { coding: [{ system: 'http://snomed.info/sct', code }], text: token };
  const refers = (target: string) => (reference?.startsWith(`${target}/`) ? { reference } : undefined);
  switch (type) {
    case 'Patient': {
      const generalPractitioner = practice && [{ identifier: { system: ODS_ORGANISATION, value: practice } }];
      const address = [{ line: [whereaboutsOf(token)], postalCode: 'BH19 1AA' }];
      const told = { name: [{ family: token }], birthDate: date.slice(0, 4), address, generalPractitioner };
      return { resourceType: type, ...meta, ...told };
    }
    case 'Observation':
      return {
        resourceType: type,
        ...meta,
        status: 'final',
        code: coding,
        subject,
        effectiveDateTime: date,
        derivedFrom: listed(refers('Observation')),
      };
    case 'Condition':
      return { resourceType: type, ...meta, code: coding, subject, onsetDateTime: date, encounter: refers('Encounter') };
    case 'Encounter':
      return {
        resourceType: type,
        ...meta,
        status: 'finished',
        class: { code: 'IMP', display: token },
        subject,
        period: { start: date },
      };
    case 'AllergyIntolerance':
      return { resourceType: type, ...meta, code: coding, patient: subject, onsetDateTime: date, encounter: refers('Encounter') };
    case 'Appointment':
      return {
        resourceType: type,
        ...meta,
        status: 'booked',
        description: token,
        participant: [{ actor: subject, status: 'accepted' }],
      };
  }
}

/** Where the person is, as one version of one Patient tells it. */
export const whereaboutsOf = (token: string): string => `${token}Lane`;

const listed = <T>(value: T | undefined): T[] | undefined => (value === undefined ? undefined : [value]);

/** What stands against showing the record: beside the fragments, told by the first owner. */
export const groundsOf = ({ restricted, optedOut }: Record, sealed: readonly string[]): readonly Ground[] => [
  ...(restricted ? [{ kind: 'restricted', names: [] } as const] : []),
  ...(optedOut ? [{ kind: 'opt-out', names: [] } as const] : []),
  ...(sealed.length > 0 ? [{ kind: 'sealed', names: sealed } as const] : []),
];
