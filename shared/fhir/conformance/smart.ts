/** Where people and systems get tokens. */
export interface TokenAddresses {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
}

/** OAuth 2.0 token revocation (RFC 7009) stands beside the token endpoint. */
export const revocationUrlOf = ({ tokenUrl }: TokenAddresses): string => tokenUrl.replace(/\/token$/, '/revoke');

/** Kinds of scopes that are given out; which of them a token has is decided where it is asked for. */
const SCOPES = ['openid', 'system/*.cruds', 'system/*.rs', 'user/*.rs', 'patient/*.rs'];

/**
 * What an app can count on (SMART App Launch 2.2, section 2.1.2, "capability sets"). Neither `sso-openid-connect` nor
 * `context-standalone-patient`: an app would ask for the scopes `fhirUser` and `launch/patient`, which Cognito refuses. The ID
 * token that comes with `openid` has the claim `fhirUser` all the same (docs/decisions/0069-a-person-finds-their-own-record.md).
 */
const CAPABILITIES = [
  'launch-standalone',
  'client-public',
  'client-confidential-symmetric',
  'permission-user',
  'permission-patient',
  'permission-v2',
];

/** The JSON of `.well-known/smart-configuration` (SMART App Launch 2.2, section 2.1.3): how an app gets a token. */
export const smartConfiguration = (addresses: TokenAddresses): string =>
  JSON.stringify({
    authorization_endpoint: addresses.authorizeUrl,
    token_endpoint: addresses.tokenUrl,
    revocation_endpoint: revocationUrlOf(addresses),
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: SCOPES,
    capabilities: CAPABILITIES,
  });
