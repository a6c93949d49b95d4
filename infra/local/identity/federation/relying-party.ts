import * as openid from 'openid-client';
import type { ProviderSettings } from '../pool/providers.ts';
import type { Reach } from './reach.ts';

/** What binds a provider's answer to the question. */
export interface Binding {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The pool as a client of one provider. */
export interface RelyingParty {
  /** Where the browser goes to sign in. */
  address(binding: Binding): Promise<URL>;
  /**
   * Exchanges the code in the address that the browser came back to, and checks everything that the provider says.
   *
   * @returns what the provider says of whoever signed in
   * @throws Error when any of it is not to be believed
   */
  claims(cameBackTo: URL, binding: Binding): Promise<Readonly<Record<string, unknown>> & { readonly sub: string }>;
}

interface Parts {
  readonly provider: ProviderSettings;
  readonly clientSecret: string;
  /** Where the provider sends the browser back to. */
  readonly redirectUri: string;
  readonly reach: Reach;
  readonly now?: () => number;
}

/** A provider may change its keys' address or endpoints: it is asked again after that. */
const KNOWN_FOR_MS = 3600_000;
/** How long a provider may take to answer. */
const TIMEOUT_S = 10;

export function createRelyingParty({ provider, clientSecret, redirectUri, reach, now = () => Date.now() }: Parts): RelyingParty {
  let known: { readonly configuration: Promise<openid.Configuration>; readonly until: number } | undefined;

  const configure = (): Promise<openid.Configuration> => {
    if (known !== undefined && now() < known.until) return known.configuration;
    const configuration = openid.discovery(
      new URL(provider.issuer),
      provider.clientId,
      // Cognito takes nothing else of an OIDC provider (developer guide, "Using OIDC identity providers").
      { id_token_signed_response_alg: 'RS256' },
      openid.ClientSecretPost(clientSecret),
      {
        [openid.customFetch]: (url, options) => reach.fetch(url, options as RequestInit),
        // Or the signature of an ID token that comes straight from the provider would not be looked at.
        execute: [openid.enableNonRepudiationChecks],
        timeout: TIMEOUT_S,
      },
    );
    known = { configuration, until: now() + KNOWN_FOR_MS };
    configuration.catch(() => (known = undefined));
    return configuration;
  };

  return {
    async address({ state, nonce, verifier }) {
      const url = openid.buildAuthorizationUrl(await configure(), {
        redirect_uri: redirectUri,
        scope: provider.scopes.join(' '),
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      return reach.forBrowser(url);
    },
    async claims(cameBackTo, { state, nonce, verifier }) {
      const configuration = await configure();
      const tokens = await openid.authorizationCodeGrant(configuration, cameBackTo, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      if (configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
      return { ...(await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims };
    },
  };
}
