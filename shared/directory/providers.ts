import type { Role } from '../access/roles.ts';
import type { Assurance } from '../access/viewer.ts';

/**
 * How a provider says who somebody is.
 * - `cis2`: NHS England's Care Identity Service 2 (`nhsid_useruid`, `nhsid_nrbac_roles`, `selected_roleid`).
 * - `groups`: an OpenID provider or SAML directory of an organisation or a county (Entra ID, NHSmail): groups mean roles.
 * - `nhs-login`: people, by NHS number and level of proof (`identity_proofing_level`).
 */
export type ProviderShape = 'cis2' | 'groups' | 'nhs-login';

/** An identity provider, as the settings describe it and as `claims` finds it beside its bundle. */
export interface Provider {
  /** Names it in the user pool, in tokens and in the audit: a slug of 2 to 20 characters. */
  readonly id: string;
  /** What the page of choices calls it. */
  readonly name: string;
  readonly shape: ProviderShape;
  readonly connection:
    | { readonly protocol: 'oidc'; readonly issuer: string; readonly clientId: string; readonly scopes: readonly string[] }
    | { readonly protocol: 'saml'; readonly metadataUrl: string };
  /** Internal ids of the organisations that it may speak for; `'all'` for a national service. None for people. */
  readonly speaksFor: 'all' | readonly string[];
  /** E-mail domains whose holders sign in here. */
  readonly domains: readonly string[];
  /** What its own roles mean. Of several that match, each is a role that the person may choose. */
  readonly roles: readonly ProviderRole[];
  /** What its own words for assurance mean; what is not named here is refused. */
  readonly assurance: Readonly<Record<string, Assurance>>;
}

/** One line of a provider's table of roles. */
export interface ProviderRole {
  /** A group's id or name; for CIS2 the end of a role code, such as `R8000` or `S8000:G8000:R8001`. */
  readonly claim: string;
  readonly role: Role;
  /** For whom a group's members act; left out where the provider speaks for one organisation, or says itself for which. */
  readonly organisation?: string;
}
