import { type ResolvedResource, refuseUnknownProperties, UnsupportedTemplate } from '../../resource.ts';
import type { Attribute } from './attributes.ts';

/** An OpenID provider that the pool lets people sign in with. */
export interface ProviderSettings {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  /** As the template writes it: a dynamic reference to a secret. */
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  /** What else it is found by: domains of e-mail addresses, organisations. */
  readonly identifiers: readonly string[];
  /** Attribute of the pool -> claim of the provider. */
  readonly mapping: Readonly<Record<string, string>>;
}

const PROPERTIES = ['AttributeMapping', 'IdpIdentifiers', 'ProviderDetails', 'ProviderName', 'ProviderType', 'UserPoolId'];
const DETAILS = ['attributes_request_method', 'authorize_scopes', 'client_id', 'client_secret', 'oidc_issuer'];
/** Cognito writes this one itself. */
const USERNAME = 'username';

export function readProvider(provider: ResolvedResource, attributes: ReadonlyMap<string, Attribute>): ProviderSettings {
  refuseUnknownProperties(provider, PROPERTIES);
  const { logicalId, properties } = provider;
  const {
    ProviderName,
    ProviderType,
    IdpIdentifiers = [],
    AttributeMapping = {},
    ProviderDetails = {},
  } = properties as {
    ProviderName: string;
    ProviderType: string;
    IdpIdentifiers?: readonly string[];
    AttributeMapping?: Readonly<Record<string, string>>;
    ProviderDetails?: Readonly<Record<string, string>>;
  };
  if (ProviderType !== 'OIDC') throw new UnsupportedTemplate(`${logicalId}.ProviderType`, 'only OIDC is played');
  const unknown = Object.keys(ProviderDetails).find((detail) => !DETAILS.includes(detail));
  if (unknown !== undefined) throw new UnsupportedTemplate(`${logicalId}.ProviderDetails.${unknown}`, 'unknown detail');
  const { client_id = '', client_secret = '', oidc_issuer = '', authorize_scopes = 'openid' } = ProviderDetails;
  if (client_id === '' || client_secret === '' || !oidc_issuer.startsWith('https://'))
    throw new UnsupportedTemplate(`${logicalId}.ProviderDetails`, 'an OIDC provider needs client_id, client_secret, oidc_issuer');
  const unmapped = Object.keys(AttributeMapping).find((name) => name !== USERNAME && !attributes.has(name));
  if (unmapped !== undefined)
    throw new UnsupportedTemplate(`${logicalId}.AttributeMapping.${unmapped}`, 'the pool has no such attribute');
  return {
    name: ProviderName,
    issuer: oidc_issuer,
    clientId: client_id,
    clientSecret: client_secret,
    scopes: authorize_scopes.split(' '),
    identifiers: IdpIdentifiers,
    mapping: AttributeMapping,
  };
}
