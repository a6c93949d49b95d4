import { isStaffId, staffOf, type TokenRole } from '../../shared/access/token-roles.ts';
import type { Assurance } from '../../shared/access/viewer.ts';
import type { Directory } from '../../shared/directory/directory.ts';
import type { Provider } from '../../shared/directory/providers.ts';
import { type NoToken, noToken } from './refusals.ts';
import type { Said } from './said.ts';

/** Somebody who signed in, in words that the rest of the system believes. */
export interface SignedIn {
  /** In which roles they may act: one or more. */
  readonly roles: readonly TokenRole[];
  readonly staff?: string;
  readonly person?: string;
  readonly name?: string;
  readonly provider: string;
  readonly assurance: Assurance;
}

/** A provider's word, with what it takes to understand it. */
export interface Statement {
  readonly provider: Provider;
  readonly said: Said;
  readonly directory: Directory;
  /** ISO 8601 instant. */
  readonly at: string;
}

/** More would not fit the headers that a token travels in. */
const MAX_ROLES = 20;

/** A member of staff, once their roles are known. */
export function staffMember({ provider, said }: Statement, roles: readonly TokenRole[]): SignedIn | NoToken {
  if (said.staffId === undefined || !isStaffId(said.staffId)) return noToken('identity-missing');
  const assurance = assuranceOf(provider, said);
  if (assurance === undefined) return noToken('assurance-unknown');
  const byId = new Map(roles.map((role) => [role.id, role]));
  if (byId.size > MAX_ROLES) return noToken('too-many-roles');
  return {
    roles: [...byId.values()],
    staff: staffOf(provider.id, said.staffId),
    ...(said.name === undefined ? {} : { name: said.name }),
    provider: provider.id,
    assurance,
  };
}

/** What the provider's word for assurance means; nothing is assumed of a word that is not in its table. */
export const assuranceOf = ({ assurance }: Provider, { assurance: word = '' }: Said): Assurance | undefined =>
  Object.hasOwn(assurance, word) ? assurance[word] : undefined;

/**
 * The organisation that somebody acts for, if the provider may speak for it.
 * Both sides follow mergers: who was listed before a merger speaks for what has become of them.
 * @returns its internal id today; `undefined` for one that is unknown, that has left, or that is none of the provider's
 */
export function spokenFor({ provider, directory, at }: Statement, id: string | undefined): string | undefined {
  const organisation = id === undefined ? undefined : directory.standing(id, at)?.id;
  if (organisation === undefined || provider.speaksFor === 'all') return organisation;
  return provider.speaksFor.some((listed) => directory.standing(listed, at)?.id === organisation) ? organisation : undefined;
}
