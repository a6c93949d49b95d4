import type { IncomingMessage, ServerResponse } from 'node:http';
import Provider, { type Adapter, type Configuration, interactionPolicy, type JWK } from 'oidc-provider';
import { isOutOfRoom } from '../../local/data-folder/fault.ts';
import { readForm } from '../../local/identity/form.ts';
import type { RegisteredProvider } from '../../local/identity/identity.ts';
import { PAGE_HEADERS } from '../../pages/page.ts';
import { type CodeOf, claimsOf, MULTI_FACTOR, roleIdOf, subjectOf } from './claims.ts';
import { errorPage, rolePage, signInPage } from './pages.ts';
import { isSame } from './passwords.ts';
import type { DemoUser, SmartcardHolder } from './users.ts';

export interface DemoProviderParts {
  readonly id: string;
  /** What it is called. */
  readonly name: string;
  /** The user pool, as this provider's client. */
  readonly client: RegisteredProvider;
  readonly key: JWK;
  readonly cookieKey: string;
  readonly adapter: (model: string) => Adapter;
  readonly users: readonly DemoUser[];
  readonly passwords: Readonly<Record<string, string>>;
  readonly codeOf: CodeOf;
  readonly nameOf: (organisation: string) => string;
}

/** One of the demo's identity providers: OpenID Connect with a code and PKCE, a page to sign in, and claims of its shape. */
export function createDemoProvider(parts: DemoProviderParts) {
  /** Who has given a password and still has to choose a role, by request to sign in. */
  const choosing = new Map<string, SmartcardHolder>();
  /** The role that each chose last. */
  const roles = new Map<string, string>();
  const provider = new Provider(parts.client.issuer, configurationOf(parts, roles));
  // The pool calls it by the host of its issuer, a browser by its address on this machine.
  provider.proxy = true;
  provider.IdToken.prototype.payload = async function payload() {
    return { ...this.available, ...this.extra };
  };
  const callback = provider.callback();
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!(request.url ?? '').startsWith('/sign-in/')) return callback(request, response);
    await signIn(request, response, { ...parts, provider, choosing, roles });
  };
}

function configurationOf(parts: DemoProviderParts, roles: ReadonlyMap<string, string>): Configuration {
  const { id, name, client, key, cookieKey, adapter, users, codeOf } = parts;
  const { base, Check } = interactionPolicy;
  const policy = base();
  policy.remove('consent');
  // Whoever comes signs in, each time: the machine of a demo is everybody's.
  policy.get('login')!.checks.add(new Check('always', 'Somebody must sign in', ({ oidc }) => oidc.result?.login === undefined));
  return {
    adapter,
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [client.redirectUri],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    // Browsers keep cookies by host, whatever the port: each provider has names of its own.
    cookies: { keys: [cookieKey], names: { session: `${id}-session`, interaction: `${id}-sign-in`, resume: `${id}-resume` } },
    jwks: { keys: [key] },
    responseTypes: ['code'],
    scopes: ['openid', 'profile', 'email', 'nhsperson', 'nationalrbacaccess', 'selectedrole'],
    pkce: { required: () => true },
    interactions: { policy, url: (_, { uid }) => `/sign-in/${uid}` },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false }, userinfo: { enabled: false } },
    ttl: { AuthorizationCode: 60, AccessToken: 60, IdToken: 300, Grant: 300, Interaction: 900, Session: 900 },
    findAccount: (_, subject) => {
      const user = users.find((each) => subjectOf(each) === subject);
      return user && { accountId: subject, claims: () => ({ ...claimsOf(user, codeOf, roles.get(subject)), sub: subject }) };
    },
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ accountId: oidc.session!.accountId!, clientId: oidc.client!.clientId });
      grant.addOIDCScope(String(oidc.params?.scope));
      await grant.save();
      return grant;
    },
    renderError: (ctx, _, error) => {
      ctx.type = 'html';
      if (isOutOfRoom(error)) ctx.status = 503;
      ctx.body = errorPage(
        name,
        isOutOfRoom(error)
          ? 'The disk of this machine is full. Try again when there is room.'
          : 'This request to sign in was not understood.',
      );
    },
  };
}

interface SigningIn extends DemoProviderParts {
  readonly provider: Provider;
  readonly choosing: Map<string, SmartcardHolder>;
  readonly roles: Map<string, string>;
}

async function signIn(request: IncomingMessage, response: ServerResponse, parts: SigningIn): Promise<void> {
  const { provider, name: service, users, passwords, nameOf, choosing } = parts;
  const interaction = await provider.interactionDetails(request, response).catch(() => undefined);
  if (interaction === undefined)
    return send(response, 400, errorPage(service, 'This sign-in took too long, or was begun in another browser. Begin again.'));
  const { uid } = interaction;
  if (request.method !== 'POST') return send(response, 200, signInPage({ service, uid }));

  const form = await readForm(request);
  const waiting = choosing.get(uid);
  if (waiting !== undefined && form.has('role')) {
    const role = waiting.roles.map((each) => roleIdOf(waiting, each)).find((id) => id === form.get('role'));
    if (role === undefined) return send(response, 422, rolePage({ service, uid, user: waiting, nameOf }));
    choosing.delete(uid);
    return finish(request, response, waiting, role, parts);
  }

  const username = (form.get('username') ?? '').trim().toLowerCase();
  const user = users.find((each) => each.username === username);
  const isRight = isSame(form.get('password') ?? '', passwords[username] ?? '');
  if (user === undefined || !isRight) return send(response, 422, signInPage({ service, uid, username, isWrong: true }));
  if (user.kind !== 'cis2') return finish(request, response, user, undefined, parts);
  if (user.roles.length === 1) return finish(request, response, user, roleIdOf(user, user.roles[0]!), parts);
  choosing.set(uid, user);
  send(response, 200, rolePage({ service, uid, user, nameOf }));
}

async function finish(
  request: IncomingMessage,
  response: ServerResponse,
  user: DemoUser,
  role: string | undefined,
  { provider, roles }: SigningIn,
): Promise<void> {
  const accountId = subjectOf(user);
  if (role !== undefined) roles.set(accountId, role);
  const login = { accountId, remember: false, ...(user.kind === 'groups' ? { acr: MULTI_FACTOR } : {}) };
  await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
}

const send = (response: ServerResponse, status: number, body: string): void =>
  void response.writeHead(status, PAGE_HEADERS).end(body);
