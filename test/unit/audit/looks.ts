import type { Grant } from '../../../shared/access/grants.ts';
import type { Audience } from '../../../shared/fhir/audit-event/plain-words.ts';
import type { AccessEntry } from '../../../shared/store/audit.ts';

export const PERSON = 'aaaaaaaaaaaaaaaaaaaaaaaaaa';
export const PROXY = 'bbbbbbbbbbbbbbbbbbbbbbbbbb';

/** A nurse of a neighbouring county opens a whole record. */
export const NURSE: AccessEntry = {
  id: 'cccccccccccccccc',
  at: '2026-11-24T14:05:30.000Z',
  person: PERSON,
  organisation: 'hhft',
  client: 'sample-app',
  staff: 'hampshire|n-1',
  name: 'Sam Carter',
  provider: 'hampshire',
  assurance: 'high',
  role: 'clinician',
  purpose: 'direct-care',
  interaction: 'everything',
  outcome: 'shown',
  shown: { 'medications uhd': 3, 'medications ammonite': 1, 'allergies uhd': 1 },
  withheld: { 'problems dch http://snomed.info/sct|sti': 2 },
  decisions: { 'medications uhd': 'shown' },
  relationships: ['encounter'],
  grants: [],
  sequences: { [PERSON]: 12, uhd: 40 },
  policyVersion: 'p1',
  requestId: '11111111-1111-4111-8111-111111111111',
  status: 200,
  digest: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
};

/** A partner's system looks. */
export function systemLook(): AccessEntry {
  const { staff, name, provider, assurance, ...rest } = NURSE;
  return { ...rest, organisation: 'uhd', role: 'system', purpose: 'system', relationships: ['contributor'] };
}

/** Somebody who is signed in as a person looks. */
export function personLook(signedIn: string): AccessEntry {
  const { staff, ...rest } = NURSE;
  return {
    ...rest,
    organisation: 'people',
    role: 'person',
    purpose: 'own-access',
    signedIn,
    name: 'Chris Purbeck',
    relationships: [signedIn === PERSON ? 'self' : 'proxy'],
  };
}

export const grant = (kind: Grant['kind'], code: string): Grant => ({
  id: 'dddddddddddddddd',
  kind,
  person: PERSON,
  staff: 'hampshire|n-1',
  role: 'clinician',
  organisation: 'hhft',
  from: '2026-11-24T14:00:00.000Z',
  until: '2026-11-24T18:00:00.000Z',
  reason: { code, text: 'His sister says that he has fallen' },
});

/** The person, who may know of everything unless said otherwise. */
export const toPerson = (
  given: { knowsOf?: (key: string) => boolean; namesStaff?: boolean; namesOrganisations?: boolean } = {},
): Audience => ({
  kind: 'person',
  knowsOf: given.knowsOf ?? (() => true),
  namesStaff: given.namesStaff ?? true,
  namesOrganisations: given.namesOrganisations ?? true,
});

export const toOfficer: Audience = { kind: 'officer' };
