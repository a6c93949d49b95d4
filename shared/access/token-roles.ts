import { isOrganisationId } from '../record/identity.ts';
import { isRole, type Role } from './roles.ts';
import { PEOPLE } from './viewer.ts';

/** A role that the holder of a token may act in: one line of its claim `roles`, which is JSON text. */
export interface TokenRole {
  /** Names it in the header `NHSD-Session-URID`: for CIS2 the national role profile id. */
  readonly id: string;
  /** Internal id; `PEOPLE` for people who look for themselves. */
  readonly organisation: string;
  readonly role: Role;
}

/** The one role of a person who signs in for themselves. */
export const OWN_ROLE: TokenRole = { id: 'self', organisation: PEOPLE, role: 'person' };

/** What an id of a role is made of: nothing that could be two ids in one header. */
const ROLE_ID = /^[A-Za-z0-9:._-]{1,64}$/;
const PROVIDER_ID = /^[a-z][a-z0-9-]{1,19}$/;
/** What providers call their people: no blanks, no bars, nothing that a key of a table could be broken with. */
const STAFF_ID = /^[A-Za-z0-9@:._=/+-]{1,128}$/;

/** Whether a text can name a role in a header. */
export const isRoleId = (text: string): boolean => ROLE_ID.test(text);

/** Whether a text can be a provider's own id of somebody. */
export const isStaffId = (text: string): boolean => STAFF_ID.test(text);

/** A member of staff as the whole system names them; two providers never mean the same one. */
export const staffOf = (provider: string, id: string): string => `${provider}|${id}`;

/** Whether a text is what `staffOf` makes for a provider. */
export const isStaffOf = (provider: string, text: string): boolean =>
  text.startsWith(`${provider}|`) && isStaffId(text.slice(provider.length + 1));

/** Whether a text can be the id of an identity provider. */
export const isProviderId = (text: string): boolean => PROVIDER_ID.test(text);

/**
 * Reads the claim `roles`.
 * @returns `undefined` for anything but one or more roles of one kind, each with an id of its own
 */
export function readTokenRoles(text: string): readonly TokenRole[] | undefined {
  const roles = parsed(text);
  if (!Array.isArray(roles) || roles.length === 0 || !roles.every(isTokenRole)) return undefined;
  if (new Set(roles.map(({ id }) => id)).size < roles.length) return undefined;
  return roles.some(({ organisation }) => organisation === PEOPLE) && roles.length > 1 ? undefined : roles;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTokenRole(value: unknown): value is TokenRole {
  const { id, organisation, role } = (value ?? {}) as Partial<Record<keyof TokenRole, unknown>>;
  if (typeof id !== 'string' || typeof organisation !== 'string' || typeof role !== 'string') return false;
  // Nobody signs in as a system, and who acts for another is decided by the record, not by a token.
  if (!isRoleId(id) || !isRole(role) || role === 'system' || role === 'proxy') return false;
  return (organisation === PEOPLE) === (role === 'person') && isOrganisationId(organisation);
}
