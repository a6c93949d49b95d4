import type { Role } from '../../shared/access/roles.ts';
import type { Provider, ProviderRole } from '../../shared/directory/providers.ts';
import { MADE_UP_PRACTICES } from './dorset.ts';

/** Groups of a provider's directory by what they are called after the organisation, and the role that their members have. */
type Groups = Readonly<Record<string, Role>>;

const OFFICES = {
  'privacy-office': 'privacy-officer',
  'records-office': 'records-officer',
  'patient-safety': 'safety-investigator',
} as const satisfies Groups;

const TRUST = {
  doctors: 'clinician',
  nurses: 'clinician',
  pharmacists: 'pharmacist',
  reception: 'clerical',
  'safeguarding-leads': 'safeguarding-lead',
  ...OFFICES,
} as const satisfies Groups;

const COMMUNITY = {
  ...TRUST,
  'mental-health': 'mental-health-professional',
  'health-visitors': 'health-visitor',
} as const satisfies Groups;

const COUNCIL = {
  'social-workers': 'social-worker',
  'safeguarding-leads': 'safeguarding-lead',
  reception: 'clerical',
  'privacy-office': 'privacy-officer',
  'records-office': 'records-officer',
} as const satisfies Groups;

const PRACTICE = {
  gps: 'gp',
  nurses: 'clinician',
  pharmacists: 'pharmacist',
  reception: 'clerical',
  'records-office': 'records-officer',
} as const satisfies Groups;

/** `uhd-nurses` and so on: a clinician of uhd. */
const groupsOf = (organisation: string, groups: Groups): ProviderRole[] =>
  Object.entries(groups).map(([group, role]) => ({ claim: `${organisation}-${group}`, role, organisation }));

/** REFEDS profiles of authentication: what providers of colleges and councils send as `acr`. */
const ASSURANCE: Provider['assurance'] = {
  'https://refeds.org/profile/mfa': 'high',
  'https://refeds.org/profile/sfa': 'substantial',
};

/** A county's provider, which speaks for several organisations: groups name the role and for whom. */
const county = (id: string, name: string, members: Readonly<Record<string, Groups>>): Provider => ({
  id,
  name,
  shape: 'groups',
  connection: {
    protocol: 'oidc',
    issuer: `https://login.${id}.example`,
    clientId: 'chesil',
    scopes: ['openid', 'profile', 'email'],
  },
  speaksFor: Object.keys(members),
  domains: Object.keys(members).map((organisation) => `${organisation}.example`),
  roles: Object.entries(members).flatMap(([organisation, groups]) => groupsOf(organisation, groups)),
  assurance: ASSURANCE,
});

/**
 * Job roles of the National RBAC Database, by the end of their code, and the roles that they mean here. `docs/governance/roles.md`
 * says of each what it is called.
 */
const CIS2_ROLES: Readonly<Partial<Record<Role, readonly string[]>>> = {
  clinician: ['R8000', 'R8001', 'R8002', 'R8003', 'R8016', 'R8017', 'R0050', 'R0620'],
  gp: ['R0260', 'R0270', 'R6200', 'R6300'],
  pharmacist: ['R1290'],
  paramedic: ['R1070', 'R1080', 'R1090', 'R1100'],
  'mental-health-professional': ['R1975', 'R1981', 'R1300', 'R1310'],
  'social-worker': ['R8014', 'R1330', 'R1340'],
  'health-visitor': ['R0690'],
  clerical: ['R8006', 'R8008', 'R8009', 'R8010', 'R1730'],
  'privacy-officer': ['R0001', 'R5105'],
};

const cis2: Provider = {
  id: 'cis2',
  name: 'NHS Care Identity (smartcard or security key)',
  shape: 'cis2',
  connection: {
    protocol: 'oidc',
    issuer: 'https://login.cis2.example',
    clientId: 'chesil',
    scopes: ['openid', 'profile', 'nhsperson', 'nationalrbacaccess', 'selectedrole'],
  },
  speaksFor: 'all',
  domains: [],
  roles: Object.entries(CIS2_ROLES).flatMap(([role, claims]) => claims.map((claim) => ({ claim, role: role as Role }))),
  // Identity assurance levels of CIS2: 3 is a face-to-face check of documents.
  assurance: { '3': 'high', '2': 'substantial' },
};

const nhsLogin: Provider = {
  id: 'nhs-login',
  name: 'NHS login (for people, to see their own record)',
  shape: 'nhs-login',
  connection: {
    protocol: 'oidc',
    issuer: 'https://login.nhs-login.example',
    clientId: 'chesil',
    scopes: ['openid', 'profile', 'email'],
  },
  speaksFor: [],
  domains: [],
  roles: [],
  assurance: { P9: 'high' },
};

/** Who vouches for the people of the demo: five counties, the two national services. */
export const DEMO_PROVIDERS: readonly Provider[] = [
  county('dorset', 'Dorset (trusts, councils, practices)', {
    dch: TRUST,
    dhc: COMMUNITY,
    uhd: TRUST,
    'dorset-council': COUNCIL,
    bcp: COUNCIL,
    'dorset-icb': OFFICES,
    ...Object.fromEntries(MADE_UP_PRACTICES.map(({ id }) => [id, PRACTICE])),
  }),
  county('hampshire', 'Hampshire and Isle of Wight', {
    hhft: TRUST,
    uhs: TRUST,
    portsmouth: TRUST,
    'hiow-healthcare': COMMUNITY,
  }),
  county('wiltshire', 'Wiltshire', { salisbury: TRUST }),
  county('somerset', 'Somerset', { somerset: COMMUNITY }),
  county('devon', 'Devon', { 'royal-devon': TRUST }),
  cis2,
  nhsLogin,
];
