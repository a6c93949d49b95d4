import { type ResolvedResource, refuseUnknownProperties, UnsupportedTemplate } from '../../resource.ts';
import { type Attribute, STANDARD } from './attributes.ts';
import type { ProviderSettings } from './providers.ts';
import { readSeconds } from './validity.ts';

interface AnyClient {
  readonly clientId: string;
  readonly name: string;
  /** What its tokens may say, and do say when it asks for nothing in particular. */
  readonly scopes: readonly string[];
  readonly tokenSeconds: number;
}

/** A partner's system: it has a secret and asks for tokens of its own. */
export interface SystemClient extends AnyClient {
  readonly flow: 'client_credentials';
}

/** What people sign in to. It can keep no secret, and proves by PKCE that it is who asked. */
export interface AppClient extends AnyClient {
  readonly flow: 'code';
  readonly redirectUris: readonly string[];
  readonly logoutUris: readonly string[];
  /** Names of the providers whose people may sign in. */
  readonly providers: readonly string[];
  readonly idTokenSeconds: number;
  /** From signing in until one must sign in again. */
  readonly sessionSeconds: number;
  /** For how long a refresh token that was used still serves; absent: for ever, it is not exchanged for another. */
  readonly rotationGraceSeconds?: number;
  /** Attributes that it may read of those who sign in. */
  readonly readable: readonly string[];
}

export type ClientSettings = SystemClient | AppClient;

const PROPERTIES = [
  ...['AccessTokenValidity', 'AllowedOAuthFlows', 'AllowedOAuthFlowsUserPoolClient', 'AllowedOAuthScopes', 'AuthSessionValidity'],
  ...['CallbackURLs', 'ClientName', 'EnableTokenRevocation', 'ExplicitAuthFlows', 'GenerateSecret', 'IdTokenValidity'],
  ...['LogoutURLs', 'PreventUserExistenceErrors', 'ReadAttributes', 'RefreshTokenRotation', 'RefreshTokenValidity'],
  ...['SupportedIdentityProviders', 'TokenValidityUnits', 'UserPoolId', 'WriteAttributes'],
];

interface Known {
  readonly scopes: ReadonlySet<string>;
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly providers: ReadonlyMap<string, ProviderSettings>;
}

interface Properties {
  readonly AllowedOAuthFlows?: readonly string[];
  readonly AllowedOAuthScopes?: readonly string[];
  readonly CallbackURLs?: readonly string[];
  readonly LogoutURLs?: readonly string[];
  readonly ClientName?: string;
  readonly GenerateSecret?: unknown;
  readonly EnableTokenRevocation?: unknown;
  readonly ReadAttributes?: readonly string[];
  readonly SupportedIdentityProviders?: readonly string[];
  readonly WriteAttributes?: readonly string[];
  readonly RefreshTokenRotation?: { readonly Feature?: string; readonly RetryGracePeriodSeconds?: number };
}

/** @throws UnsupportedTemplate when the client has something that is not known, or names what is not there */
export function readClient(client: ResolvedResource, known: Known): ClientSettings {
  refuseUnknownProperties(client, PROPERTIES);
  const { logicalId, ref } = client;
  const properties = client.properties as Properties;
  const { AllowedOAuthFlows = [], AllowedOAuthScopes = [], ClientName, GenerateSecret } = properties;
  const unknown = AllowedOAuthScopes.find((scope) => !known.scopes.has(scope));
  if (unknown !== undefined)
    throw new UnsupportedTemplate(`${logicalId}.AllowedOAuthScopes`, `no resource server has the scope ${unknown}`);
  const flow = AllowedOAuthFlows.join();
  const hasSecret = String(GenerateSecret) === 'true';
  const common = {
    clientId: ref,
    name: ClientName ?? logicalId,
    scopes: AllowedOAuthScopes,
    tokenSeconds: readSeconds(client, 'AccessToken'),
  };
  if (flow === 'client_credentials') {
    if (!hasSecret) throw new UnsupportedTemplate(`${logicalId}.GenerateSecret`, 'client credentials need a secret');
    return { flow, ...common };
  }
  if (flow !== 'code')
    throw new UnsupportedTemplate(`${logicalId}.AllowedOAuthFlows`, 'only client_credentials and code are known, one at a time');
  if (hasSecret) throw new UnsupportedTemplate(`${logicalId}.GenerateSecret`, 'what people sign in to is public here');
  return { flow, ...common, ...readApp(client, properties, known) };
}

function readApp(client: ResolvedResource, properties: Properties, { attributes, providers }: Known) {
  const { logicalId } = client;
  const { CallbackURLs = [], LogoutURLs = [], SupportedIdentityProviders = [], ReadAttributes } = properties;
  if (CallbackURLs.length === 0) throw new UnsupportedTemplate(`${logicalId}.CallbackURLs`, 'there must be one');
  if (String(properties.EnableTokenRevocation) !== 'true')
    throw new UnsupportedTemplate(`${logicalId}.EnableTokenRevocation`, 'only tokens that can be revoked are known');
  const unknown = SupportedIdentityProviders.find((name) => !providers.has(name));
  if (unknown !== undefined)
    throw new UnsupportedTemplate(`${logicalId}.SupportedIdentityProviders`, `there is no provider ${unknown}`);
  const mapped = SupportedIdentityProviders.flatMap((name) => Object.keys(providers.get(name)!.mapping));
  // Cognito developer guide, "Mapping IdP attributes to profiles and tokens": it would let nobody in.
  const unwritable = mapped.find((name) => !(properties.WriteAttributes ?? STANDARD).includes(name));
  if (unwritable !== undefined)
    throw new UnsupportedTemplate(`${logicalId}.WriteAttributes`, `a provider says ${unwritable}, which the app may not write`);
  return {
    redirectUris: CallbackURLs,
    logoutUris: LogoutURLs,
    providers: SupportedIdentityProviders,
    idTokenSeconds: readSeconds(client, 'IdToken'),
    sessionSeconds: readSeconds(client, 'RefreshToken'),
    readable: ReadAttributes ?? [...attributes.keys()],
    ...readRotation(properties.RefreshTokenRotation),
  };
}

const readRotation = ({ Feature, RetryGracePeriodSeconds = 0 }: NonNullable<Properties['RefreshTokenRotation']> = {}) =>
  Feature === 'ENABLED' ? { rotationGraceSeconds: Number(RetryGracePeriodSeconds) } : {};
