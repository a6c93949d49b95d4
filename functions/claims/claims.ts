import type { Directory } from '../../shared/directory/directory.ts';
import type { Provider } from '../../shared/directory/providers.ts';
import type { Log } from '../../shared/lambda/logger.ts';
import type { Identity } from '../../shared/record/identity.ts';
import type { RegisteredClient } from './clients.ts';
import { isNoToken, NO_TOKEN, type NoToken, noToken, TokenRefused } from './refusals.ts';
import { providerIn, saidIn } from './said.ts';
import { fromCis2 } from './shapes/cis2.ts';
import { fromGroups } from './shapes/groups.ts';
import { fromNhsLogin } from './shapes/nhs-login.ts';
import type { SignedIn, Statement } from './signed-in.ts';
import { leavesNothing, type Overrides, systemToken, type TokenEvent, userTokens } from './tokens.ts';

export interface ClaimsDependencies {
  /** The organisation that an app client belongs to, and which system it is; `undefined` for a client that nobody entered. */
  readonly clientOf: (client: string) => Promise<RegisteredClient | undefined>;
  readonly directory: Directory;
  readonly providers: readonly Provider[];
  /** Names people who sign in by their NHS number; asked for when one does. */
  readonly identity: () => Promise<Identity>;
  readonly now: () => Date;
  readonly log: Log;
}

/** What whoever asked is told when the fault is ours. */
const FAILED = 'Something failed on our side. Try again in a few minutes.';

/**
 * Decides what each token says: for a system, whose it is; for somebody who signed in, who they are, in which roles they may act and who vouches for them. Every
 * decision about access begins with it. Roles are read anew for each token, refreshed ones too: who has lost theirs gets no other.
 *
 * Cognito knows one way to be told no: an error. No token is then issued.
 * @throws TokenRefused with a text that says what to do; Error where something failed. Neither holds anything that was sent.
 */
export function createHandler(dependencies: ClaimsDependencies) {
  const { log } = dependencies;
  return async (event: TokenEvent): Promise<TokenEvent> => {
    const overrides = await decide(dependencies, event).catch((error: unknown) => {
      log.error('a token could not be decided', { error });
      throw new Error(FAILED);
    });
    if (isNoToken(overrides)) {
      log.warn(NO_TOKEN, { codes: [overrides.noToken] });
      throw new TokenRefused(overrides.noToken);
    }
    event.response = { claimsAndScopeOverrideDetails: overrides };
    return event;
  };
}

async function decide(dependencies: ClaimsDependencies, event: TokenEvent): Promise<Overrides | NoToken> {
  if (event.version !== '3') return noToken('not-for-tokens');
  switch (event.triggerSource) {
    case 'TokenGeneration_ClientCredentials':
      return forSystem(dependencies, event);
    case 'TokenGeneration_HostedAuth':
    case 'TokenGeneration_RefreshTokens':
      return forUser(dependencies, event);
    default:
      return noToken('not-for-tokens');
  }
}

async function forSystem(
  { clientOf, directory, now }: ClaimsDependencies,
  { callerContext: { clientId } }: TokenEvent,
): Promise<Overrides | NoToken> {
  const client = await clientOf(clientId);
  if (client === undefined) return noToken('client-unknown');
  // An organisation that has merged keeps a client and its own name: access follows it to its successor.
  const standing = directory.standing(client.organisation, now().toISOString());
  return standing === undefined ? noToken('client-left') : systemToken(client);
}

async function forUser(dependencies: ClaimsDependencies, { request }: TokenEvent): Promise<Overrides | NoToken> {
  const { directory, providers, now } = dependencies;
  const { userAttributes, scopes = [] } = request;
  const provider = providerIn(userAttributes, providers);
  if (provider === undefined) return noToken('provider-unknown');
  const statement = { provider, said: saidIn(userAttributes), directory, at: now().toISOString() };
  const signedIn = await understand(dependencies, statement);
  if (isNoToken(signedIn)) return signedIn;
  return leavesNothing(signedIn, scopes) ? noToken('nothing-to-read') : userTokens(signedIn, scopes);
}

async function understand({ identity }: ClaimsDependencies, statement: Statement): Promise<SignedIn | NoToken> {
  switch (statement.provider.shape) {
    case 'cis2':
      return fromCis2(statement);
    case 'groups':
      return fromGroups(statement);
    case 'nhs-login':
      return fromNhsLogin(statement, await identity());
  }
}
