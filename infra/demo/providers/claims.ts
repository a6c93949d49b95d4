import { createHash } from 'node:crypto';
import type { DemoUser, SmartcardHolder } from './users.ts';

/** ODS codes by organisation. */
export type CodeOf = (organisation: string) => string;

/** Authentication with two factors (REFEDS MFA profile). */
export const MULTI_FACTOR = 'https://refeds.org/profile/mfa';

/** A number that always is the same for the same text. */
const numberOf = (text: string, digits: number): string =>
  String(BigInt(`0x${createHash('sha256').update(text).digest('hex')}`)).slice(0, digits);

const uuidOf = (text: string): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-a$4-$5');

/** CIS2: the id of what a user holds at an organisation. */
export const roleIdOf = ({ username }: DemoUser, { organisation, code }: SmartcardHolder['roles'][number]): string =>
  numberOf(`${username} ${organisation} ${code}`, 12);

export const subjectOf = (user: DemoUser): string => (user.kind === 'cis2' ? numberOf(user.username, 12) : uuidOf(user.username));

/**
 * What a provider of this shape says of a user.
 *
 * @param selectedRole id of the role that a smartcard holder chose to work in
 */
export function claimsOf(user: DemoUser, codeOf: CodeOf, selectedRole: string | undefined): Record<string, unknown> {
  switch (user.kind) {
    case 'groups':
      return { name: user.name, email: user.username, oid: subjectOf(user), groups: user.groups };
    case 'cis2':
      return { ...cis2Claims(user, codeOf), selected_roleid: selectedRole };
    case 'nhs-login':
      return {
        name: user.name,
        email: user.username,
        nhs_number: user.nhsNumber,
        identity_proofing_level: user.level,
      };
  }
}

/** Care Identity Authentication: scopes `nhsperson`, `nationalrbacaccess`, `selectedrole`. */
function cis2Claims(user: SmartcardHolder, codeOf: CodeOf): Record<string, unknown> {
  const family = user.name.split(' ').at(-1)!;
  return {
    name: user.name,
    family_name: family,
    uid: subjectOf(user),
    nhsid_useruid: subjectOf(user),
    id_assurance_level: '3',
    authentication_assurance_level: '3',
    nhsid_nrbac_roles: user.roles.map((role) => ({
      org_code: codeOf(role.organisation),
      person_orgid: numberOf(`${user.username} ${role.organisation}`, 12),
      person_roleid: roleIdOf(user, role),
      role_code: role.code,
      role_name: `"Clinical":"Clinical Provision":"${role.title}"`,
      activity_codes: ['B0264', 'B0370'],
    })),
    nhsid_user_orgs: [...new Set(user.roles.map(({ organisation }) => codeOf(organisation)))].map((org_code) => ({ org_code })),
  };
}
