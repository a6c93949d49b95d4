import { isRoleId, type TokenRole } from '../../../shared/access/token-roles.ts';
import type { ProviderRole } from '../../../shared/directory/providers.ts';
import { ODS_ORGANISATION } from '../../../shared/fhir/systems.ts';
import { readObjects } from '../flattened.ts';
import { type NoToken, noToken } from '../refusals.ts';
import { type SignedIn, type Statement, spokenFor, staffMember } from '../signed-in.ts';

/** One role profile of `nhsid_nrbac_roles`: which job role, for which organisation. Its other fields are not read. */
interface RoleProfile {
  readonly person_roleid: string;
  readonly org_code: string;
  readonly role_code: string;
}

/**
 * Staff who signed in with NHS England's Care Identity Service 2: `nhsid_nrbac_roles` lists their role profiles, `selected_roleid` is the one that they chose
 * there (NHS England, "CIS2 Authentication", scopes `nationalrbacaccess` and `selectedrole`). Where none was chosen, each that means something here may be.
 */
export function fromCis2(statement: Statement): SignedIn | NoToken {
  const { roles: flat, selectedRole } = statement.said;
  if (flat === undefined) return noToken('no-role');
  const profiles = readObjects(flat)?.filter(isRoleProfile);
  if (profiles === undefined) return noToken('roles-unreadable');
  const chosen = selectedRole === undefined ? profiles : profiles.filter(({ person_roleid: roleId }) => roleId === selectedRole);
  if (selectedRole !== undefined && chosen.length === 0) return noToken('role-not-held');
  const known = chosen.flatMap((profile) => meaningsOf(statement, profile));
  if (known.length === 0) return noToken('no-role');
  const roles = known.flatMap(({ profile, role }) => tokenRole(statement, profile, role));
  return roles.length === 0 ? noToken('organisation-unknown') : staffMember(statement, roles);
}

/** NHS England, National RBAC Database: area, staff group and job role. */
const ROLE_CODE = /^S\d{4}:G\d{4}:R\d{4}$/;

function isRoleProfile(value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & RoleProfile {
  const { person_roleid: roleId, org_code: organisation, role_code: code } = value;
  if (typeof roleId !== 'string' || typeof organisation !== 'string' || typeof code !== 'string') return false;
  return isRoleId(roleId) && ROLE_CODE.test(code);
}

/** What a job role means here: the line of the table that says most of its code. Area and staff group narrow what a job role alone would mean. */
function meaningsOf({ provider }: Statement, profile: RoleProfile): { profile: RoleProfile; role: ProviderRole['role'] }[] {
  const rows = provider.roles.filter(({ claim }) => `:${profile.role_code}`.endsWith(`:${claim}`));
  const [closest] = rows.toSorted((one, other) => other.claim.length - one.claim.length);
  return closest === undefined ? [] : [{ profile, role: closest.role }];
}

function tokenRole(statement: Statement, profile: RoleProfile, role: ProviderRole['role']): TokenRole[] {
  const { directory, at } = statement;
  const named = directory.byCode({ system: ODS_ORGANISATION, value: profile.org_code }, at)?.id;
  const organisation = spokenFor(statement, named);
  return organisation === undefined ? [] : [{ id: profile.person_roleid, organisation, role }];
}
