import { resolve } from 'node:path';
import { type Access, createAccess } from '../../../shared/access/access.ts';
import { createDecider } from '../../../shared/access/deciding/decider.ts';
import { REDACTING } from '../../../shared/access/deciding/redacting.ts';
import type { Grant } from '../../../shared/access/grants.ts';
import { loadPolicies, type PolicyDecision, type PolicyRequest, readPolicies } from '../../../shared/access/policy-set.ts';
import { ROLES, type Role } from '../../../shared/access/roles.ts';
import { PEOPLE, type Viewer } from '../../../shared/access/viewer.ts';
import { createDirectory, type Organisation } from '../../../shared/directory/directory.ts';
import { ODS_ORGANISATION } from '../../../shared/fhir/systems.ts';
import type { Ground, GroundKind } from '../../../shared/record/contribution.ts';
import { emptyFold, type Fragment, type PersonRecord } from '../../../shared/record/fold.ts';
import type { RecordedRuling } from '../../../shared/record/rulings.ts';
import { partnershipOf } from '../../partnership.ts';

/** People, organisations and fragments that the tests of access are about. All made up. */

export const PERSON = 'a'.repeat(26);
export const SOMEBODY_ELSE = 'b'.repeat(26);
export const NOW = '2026-11-20T09:00:00.000Z';

const organisation = (id: string, kind: Organisation['kind'], code: string, told: Partial<Organisation> = {}): Organisation => ({
  id,
  kind,
  names: [{ value: id }],
  codes: [{ value: { system: ODS_ORGANISATION, value: code } }],
  successors: [],
  ...told,
});

export const directory = createDirectory([
  organisation('ours', 'trust', 'X99001'),
  organisation('elsewhere', 'trust', 'X99002'),
  organisation('third', 'trust', 'X99003'),
  organisation('service', 'ambulance', 'X99004'),
  organisation('surgery', 'gp-practice', 'X99005'),
  organisation('harbour', 'gp-practice', 'X99006'),
  organisation('council', 'council', 'X99007'),
  organisation('pds', 'other', 'X99026'),
  organisation('old-ours', 'trust', 'X99008', { successors: [{ organisation: 'ours', on: '2020-10-01' }] }),
  organisation('old-surgery', 'gp-practice', 'X99009', { successors: [{ organisation: 'surgery', on: '2026-11-20' }] }),
]);

export const codeOf = (id: string): string => {
  const { system, value } = directory.byId(id)!.codes[0]!.value;
  return `${system}|${value}`;
};

export const texts = readPolicies(resolve(import.meta.dirname, '../../../shared/access/policies'));
const policies = loadPolicies(texts, 'checked');

/** Access by the real policies. */
export const newAccess = (): Access => createAccess(policies, partnershipOf(directory), REDACTING);

/** What the policies were asked, and what they said. */
export interface Asked {
  readonly request: PolicyRequest;
  readonly decision: PolicyDecision;
}

/** Access by the real policies that remembers what they were asked. */
export function listeningAccess(): { readonly access: Access; readonly asked: readonly Asked[] } {
  const asked: Asked[] = [];
  const ask = (request: PolicyRequest) => {
    const decision = policies.ask(request);
    asked.push({ request, decision });
    return decision;
  };
  return { access: createAccess({ version: policies.version, ask }, partnershipOf(directory)), asked };
}

/** Decides by the real policies, each request checked against their schema. */
export const checkedDecider = createDecider(policies);

let count = 0;

/** A fragment with an id of its own. */
export const fragment = (owner: string, told: Partial<Fragment> = {}): Fragment => ({
  fragmentId: `fragment${String(++count).padStart(8, '0')}`,
  subject: PERSON,
  owner,
  source: 'main',
  type: 'Observation',
  version: 1,
  action: 'created',
  hash: 'h',
  section: 'investigations',
  codes: [],
  labels: [],
  sequence: 1,
  recordedAt: '2026-11-01T09:00:00.000Z',
  body: '{}',
  ...told,
});

/** A fragment that gives a ground. It is of a section that tables do not ask about. */
export const giving = (owner: string, kind: GroundKind, told: Partial<Ground> = {}, more: Partial<Fragment> = {}): Fragment =>
  fragment(owner, { section: 'administration', grounds: [{ kind, names: [], ...told }], ...more });

/** A record of fragments, all in one partition. */
export function recordOf(...fragments: readonly Fragment[]): PersonRecord {
  const subject = fragments[0]?.subject ?? PERSON;
  const fold = {
    ...emptyFold(subject),
    sequence: fragments.length,
    recordedAt: NOW,
    fragments: new Map(fragments.map((one) => [one.fragmentId, one])),
    contributors: new Set(fragments.map(({ owner }) => owner)),
  };
  return { personId: subject, folds: [fold] };
}

/** A record in which something was said of statements. */
export const ruled = (
  { personId, folds: [fold, ...others] }: PersonRecord,
  ...rulings: readonly (Omit<RecordedRuling, 'organisation'> & Partial<RecordedRuling>)[]
): PersonRecord => ({
  personId,
  folds: [{ ...fold!, rulings: rulings.map((ruling) => ({ organisation: 'surgery', ...ruling })) }, ...others],
});

/** A record of several partitions, the survivor first. */
export const linked = (...records: readonly PersonRecord[]): PersonRecord => ({
  personId: records[0]!.personId,
  folds: records.flatMap(({ folds }) => folds),
});

/** Somebody in a role, for its usual purpose. */
export function viewerIn(role: Role, told: Partial<Viewer> = {}): Viewer {
  const viewer = { organisation: 'ours', client: 'portal', role, purpose: ROLES[role].purposes[0] };
  if (role === 'system') return { ...viewer, ...told };
  if (role === 'person' || role === 'proxy')
    return { ...viewer, organisation: PEOPLE, person: role === 'person' ? PERSON : SOMEBODY_ELSE, ...told };
  return { ...viewer, staff: 'provider|somebody', name: 'Somebody', provider: 'provider', assurance: 'high', ...told };
}

/** What a viewer has taken on their own word, standing now. */
export const grantOf = (
  { staff = '', role, organisation: ours }: Viewer,
  kind: Grant['kind'],
  told: Partial<Grant> = {},
): Grant => ({
  id: 'aaaabbbbccccdddd',
  kind,
  person: PERSON,
  staff,
  role,
  organisation: ours,
  from: '2026-11-20T08:00:00.000Z',
  until: '2026-11-20T12:00:00.000Z',
  reason: { code: 'emergency', text: 'Found unconscious at home' },
  ...told,
});
