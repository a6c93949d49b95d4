import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { readForm } from '../form.ts';
import { SIGN_IN_SECONDS } from '../oauth/provider.ts';
import type { Users } from '../oauth/users.ts';
import { redirect, sendPage } from '../pages/answer.ts';
import { refusalPage } from '../pages/refusal.ts';
import { signInPage } from '../pages/sign-in.ts';
import type { AppClient, PoolSettings, ProviderSettings } from '../pool/settings.ts';
import { forgetBrowser } from '../remembered.ts';
import type { Attempts } from './attempts.ts';
import { attributesOf } from './profile.ts';
import type { RelyingParty } from './relying-party.ts';

/** Signing in with providers: the page of choices, the way there, the way back. */
export interface Federation {
  /** `/login/<interaction>` */
  chooseProvider(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** `/oauth2/idpresponse` */
  comeBack(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface Parts {
  readonly pool: PoolSettings;
  readonly oauth: Provider;
  readonly users: Users;
  readonly attempts: Attempts;
  readonly partyOf: (provider: string) => RelyingParty;
  /** Address that clients call, without a slash at its end. */
  readonly baseUrl: string;
  readonly report: (error: unknown) => void;
}

const CAME_BACK = '/oauth2/idpresponse';

/** One for each attempt: whoever signs in in two windows does not lose the first. */
const cookieName = (state: string): string => `cognito-state-${createHash('sha256').update(state).digest('hex').slice(0, 12)}`;
const cookieFor = (state: string, value: string, seconds: number): string =>
  `${cookieName(state)}=${value}; Path=${CAME_BACK}; HttpOnly; SameSite=Lax; Max-Age=${seconds}`;

export function createFederation(parts: Parts): Federation {
  return {
    chooseProvider: (request, response) => chooseProvider(request, response, parts),
    comeBack: (request, response) => comeBack(request, response, parts),
  };
}

async function chooseProvider(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const { oauth, pool } = parts;
  const interaction = await oauth.interactionDetails(request, response).catch(() => undefined);
  if (interaction === undefined) return sendPage(response, refusalPage('expired'));
  const { client_id, identity_provider, idp_identifier } = interaction.params;
  const client = pool.clients.find(({ clientId }) => clientId === client_id) as AppClient;
  const providers = pool.providers.filter(({ name }) => client.providers.includes(name));
  const chosen =
    (await chosenBy(request, providers)) ?? findProvider(providers, { name: identity_provider, identifier: idp_identifier });
  if (chosen === 'unknown') return sendPage(response, signInPage({ uid: interaction.uid, providers, isUnknown: true }));
  if (chosen !== undefined) return sendToProvider(response, interaction.uid, chosen, parts);
  sendPage(response, signInPage({ uid: interaction.uid, providers, isUnknown: false }));
}

/** What somebody chose on the page: a provider, or an e-mail address, of which only the domain is looked at. */
async function chosenBy(
  request: IncomingMessage,
  providers: readonly ProviderSettings[],
): Promise<ProviderSettings | 'unknown' | undefined> {
  if (request.method !== 'POST') return undefined;
  const form = await readForm(request);
  const name = form.get('provider') ?? undefined;
  const identifier = (form.get('email') ?? '').trim().toLowerCase().split('@').at(-1);
  return findProvider(providers, { name, identifier }) ?? 'unknown';
}

function findProvider(providers: readonly ProviderSettings[], by: { name?: unknown; identifier?: unknown }) {
  if (by.name !== undefined) return providers.find(({ name }) => name === by.name);
  return providers.find(({ identifiers }) => identifiers.some((each) => each === by.identifier));
}

async function sendToProvider(response: ServerResponse, uid: string, { name }: ProviderSettings, parts: Parts): Promise<void> {
  const { attempts, partyOf, report } = parts;
  const { attempt, cookie } = attempts.begin(uid, name);
  try {
    const address = await partyOf(name).address(attempt);
    response.appendHeader('set-cookie', cookieFor(attempt.state, cookie, SIGN_IN_SECONDS));
    redirect(response, address.href);
  } catch (error) {
    report(error);
    sendPage(response, refusalPage('provider-unreachable'));
  }
}

async function comeBack(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const address = new URL(request.url ?? '/', parts.baseUrl);
  const state = address.searchParams.get('state') ?? '';
  const attempt = parts.attempts.end(state, cookieOf(request, cookieName(state)));
  if (attempt === undefined) return sendPage(response, refusalPage('expired'));
  response.appendHeader('set-cookie', cookieFor(state, '', 0));
  if (address.searchParams.has('error')) return resume(response, attempt.interaction, NOT_SIGNED_IN, parts);
  try {
    const provider = parts.pool.providers.find(({ name }) => name === attempt.provider)!;
    const claims = await parts.partyOf(provider.name).claims(address, attempt);
    const attributes = attributesOf(claims, provider, parts.pool.attributes);
    const { sub } = parts.users.signedIn(provider.name, claims.sub, attributes, Date.now());
    // Somebody else may have signed in meanwhile, in another window: whoever comes last is who is here.
    await forgetBrowser(parts.oauth, request, response);
    await resume(response, attempt.interaction, { login: { accountId: sub } }, parts);
  } catch (error) {
    parts.report(error);
    await resume(response, attempt.interaction, NOT_BELIEVED, parts);
  }
}

type Result = { readonly login: { readonly accountId: string } } | { readonly error: string; readonly error_description: string };

const NOT_SIGNED_IN = { error: 'access_denied', error_description: 'The identity provider signed nobody in.' };
const NOT_BELIEVED = {
  error: 'invalid_request',
  error_description: 'The answer of the identity provider could not be believed.',
};

/** Goes on with the authorization request that waited. */
async function resume(response: ServerResponse, uid: string, result: Result, { oauth }: Parts): Promise<void> {
  const interaction = await oauth.Interaction.find(uid);
  if (interaction === undefined) return sendPage(response, refusalPage('expired'));
  interaction.session = undefined;
  interaction.result = result;
  await interaction.persist();
  redirect(response, interaction.returnTo);
}

function cookieOf({ headers }: IncomingMessage, name: string): string {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}
