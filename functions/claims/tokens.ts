import type { BasePreTokenGenerationV3TriggerEvent } from 'aws-lambda';
import { DEFAULT_SOURCE } from '../../shared/record/source-names.ts';
import type { RegisteredClient } from './clients.ts';
import { ATTRIBUTES } from './said.ts';
import type { SignedIn } from './signed-in.ts';

/** When Cognito asks, of those occasions on which a token is issued here. */
export type TokenSource = 'TokenGeneration_ClientCredentials' | 'TokenGeneration_HostedAuth' | 'TokenGeneration_RefreshTokens';

/** Cognito's question before it signs a token (developer guide, "Pre token generation Lambda trigger", version 3). */
export type TokenEvent = BasePreTokenGenerationV3TriggerEvent<TokenSource>;

/** What a token is to say and not to say. */
export type Overrides = TokenEvent['response']['claimsAndScopeOverrideDetails'];

/** The token of a partner's system: whose it is, and which of their systems where it is not the default. */
export const systemToken = ({ organisation, source }: RegisteredClient): Overrides => ({
  accessTokenGeneration: {
    claimsToAddOrOverride: { organisation, ...(source === DEFAULT_SOURCE ? {} : { source }) },
  },
});

/**
 * The tokens of somebody who signed in. Claims are text, for API Gateway hands them on as text. Of the scopes that were asked for, those of their own kind stay:
 * staff have `user/`, people have `patient/`, and nobody who signs in has `system/` or may change what the user pool knows of them.
 *
 * The ID token of a person says which Patient they are (`fhirUser`, SMART App Launch 2.2, section 3.1), relative to the FHIR base:
 * Cognito adds no `patient` to the answer of the token endpoint. Staff are no resource of this server.
 */
export const userTokens = (signedIn: SignedIn, scopes: readonly string[]): Overrides => {
  const { roles, staff, person, name, provider, assurance } = signedIn;
  return {
    idTokenGeneration: {
      claimsToSuppress: Object.values(ATTRIBUTES),
      ...(person === undefined ? {} : { claimsToAddOrOverride: { fhirUser: `Patient/${person}` } }),
    },
    accessTokenGeneration: {
      claimsToAddOrOverride: {
        roles: JSON.stringify(roles),
        ...(staff === undefined ? {} : { staff }),
        ...(person === undefined ? {} : { person }),
        ...(name === undefined ? {} : { name }),
        provider,
        assurance,
      },
      scopesToSuppress: scopes.filter((scope) => scope !== 'openid' && !isOwn(signedIn, scope)),
    },
  };
};

/** Whether all that an app asked to do is for somebody of another kind. */
export function leavesNothing(signedIn: SignedIn, scopes: readonly string[]): boolean {
  const asked = scopes.filter((scope) => scope.includes('/'));
  return asked.length > 0 && !asked.some((scope) => isOwn(signedIn, scope));
}

const isOwn = ({ person }: SignedIn, scope: string): boolean => scope.startsWith(person === undefined ? 'user/' : 'patient/');
