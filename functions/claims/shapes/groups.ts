import type { TokenRole } from '../../../shared/access/token-roles.ts';
import type { ProviderRole } from '../../../shared/directory/providers.ts';
import { readTexts } from '../flattened.ts';
import { type NoToken, noToken } from '../refusals.ts';
import { type SignedIn, type Statement, spokenFor, staffMember } from '../signed-in.ts';

/**
 * Staff whose groups mean roles: the directory of an organisation or a county, such as Entra ID (`groups` holds ids or names of groups; with more than 200
 * it is left out, so the application is set to send those alone that are assigned to it), NHSmail, or a SAML directory.
 * Each line of the provider's table that names one of their groups is a role that they may choose.
 */
export function fromGroups(statement: Statement): SignedIn | NoToken {
  const { provider, said } = statement;
  const groups = readTexts(said.roles ?? '');
  if (groups === undefined) return noToken('roles-unreadable');
  const rows = provider.roles.filter(({ claim }) => groups.includes(claim));
  if (rows.length === 0) return noToken('no-role');
  const roles = rows.flatMap((row) => roleOf(statement, row));
  return roles.length === 0 ? noToken('organisation-unknown') : staffMember(statement, roles);
}

function roleOf(statement: Statement, { role, organisation: named }: ProviderRole): TokenRole[] {
  const organisation = spokenFor(statement, named ?? onlyOne(statement));
  return organisation === undefined ? [] : [{ id: `${organisation}:${role}`, organisation, role }];
}

const onlyOne = ({ provider: { speaksFor } }: Statement): string | undefined =>
  speaksFor !== 'all' && speaksFor.length === 1 ? speaksFor[0] : undefined;
