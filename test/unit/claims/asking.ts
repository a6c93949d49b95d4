import { createHandler } from '../../../functions/claims/claims.ts';
import type { RegisteredClient } from '../../../functions/claims/clients.ts';
import { TokenRefused } from '../../../functions/claims/refusals.ts';
import type { TokenEvent } from '../../../functions/claims/tokens.ts';
import { demo } from '../../../infra/deployments/demo.ts';
import type { TokenRole } from '../../../shared/access/token-roles.ts';
import { createDirectory, type Organisation } from '../../../shared/directory/directory.ts';
import type { Provider } from '../../../shared/directory/providers.ts';
import type { Log, LogFields } from '../../../shared/lambda/logger.ts';
import { createIdentity } from '../../../shared/record/identity.ts';

/** A valid number that is given to nobody. */
export const NHS_NUMBER = '9990000018';
export const identity = createIdentity(Buffer.alloc(32, 7));
export const TODAY = '2026-03-02T09:00:00.000Z';

/** What is logged, as it would be written. */
export interface Logged {
  readonly message: string;
  readonly fields: LogFields;
}

/** A trigger as it is deployed, for the demo's partners and providers, or others. */
export interface World {
  readonly organisations?: readonly Organisation[];
  readonly providers?: readonly Provider[];
  readonly at?: string;
  readonly clientOf?: (client: string) => Promise<RegisteredClient | undefined>;
  readonly logged?: Logged[];
}

export function trigger({ organisations, providers, at = TODAY, clientOf, logged = [] }: World = {}) {
  const keep = (message: string, fields: LogFields = {}) => void logged.push({ message, fields });
  const log: Log = { info: keep, warn: keep, error: keep };
  return createHandler({
    clientOf: clientOf ?? (async () => undefined),
    directory: createDirectory(organisations ?? demo.organisations),
    providers: providers ?? demo.providers,
    identity: async () => identity,
    now: () => new Date(at),
    log,
  });
}

/** Cognito's question. */
export const question = (told: Partial<TokenEvent>): TokenEvent =>
  ({
    version: '3',
    triggerSource: 'TokenGeneration_HostedAuth',
    region: 'eu-west-2',
    userPoolId: 'pool',
    callerContext: { awsSdkVersion: '1', clientId: 'app' },
    request: { userAttributes: {}, groupConfiguration: {}, scopes: [] },
    response: { claimsAndScopeOverrideDetails: {} },
    ...told,
  }) as TokenEvent;

/** Cognito's question about somebody who signed in with a provider, which said this of them. */
export const signedIn = (
  provider: string,
  attributes: Readonly<Record<string, string>>,
  scopes: readonly string[] = ['openid', 'user/*.rs', 'patient/*.rs', 'system/*.cruds'],
  triggerSource: TokenEvent['triggerSource'] = 'TokenGeneration_HostedAuth',
): TokenEvent =>
  question({
    triggerSource,
    request: {
      userAttributes: {
        sub: '0c9d5d2e',
        'cognito:user_status': 'EXTERNAL_PROVIDER',
        identities: JSON.stringify([{ userId: 'u', providerName: provider, providerType: 'OIDC', primary: 'true' }]),
        ...attributes,
      },
      groupConfiguration: {},
      scopes: [...scopes],
    },
  });

/** What an access token says beside what every one says. */
export interface Token {
  readonly claims: Readonly<Record<string, string>>;
  readonly roles: readonly TokenRole[];
  readonly suppressed: readonly string[];
  readonly hiddenFromApps: readonly string[];
  /** What an ID token says beside what every one says. */
  readonly idClaims: Readonly<Record<string, unknown>>;
}

/** @returns the token, or the code of the refusal @throws whatever else the trigger fails with */
export async function ask(event: TokenEvent, world?: World): Promise<Token | string> {
  try {
    const { response } = await trigger(world)(event);
    const { accessTokenGeneration, idTokenGeneration } = response.claimsAndScopeOverrideDetails;
    const claims = (accessTokenGeneration?.claimsToAddOrOverride ?? {}) as Record<string, string>;
    return {
      claims,
      roles: JSON.parse(claims.roles ?? '[]'),
      suppressed: accessTokenGeneration?.scopesToSuppress ?? [],
      hiddenFromApps: idTokenGeneration?.claimsToSuppress ?? [],
      idClaims: idTokenGeneration?.claimsToAddOrOverride ?? {},
    };
  } catch (error) {
    if (error instanceof TokenRefused) return error.code;
    throw error;
  }
}

/** @throws Error when no token is issued */
export async function tokenOf(event: TokenEvent, world?: World): Promise<Token> {
  const token = await ask(event, world);
  if (typeof token === 'string') throw new Error(`no token: ${token}`);
  return token;
}
