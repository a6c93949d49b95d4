import { z } from 'zod';
import type { Provider } from '../../shared/directory/providers.ts';
import { MAX_SCOPES, MAX_SCOPES_OF_CLIENT } from './partners.ts';
import { clientName, type Tell, tellDoubles } from './shapes.ts';

/** Cognito, CreateUserPoolClient: `CallbackURLs` and `LogoutURLs`, https but for a machine of one's own. */
const address = z
  .string()
  .max(1024)
  .refine(isReturnAddress, 'https://…, or http://localhost with a port for trials; without a fragment or a wildcard');

function isReturnAddress(text: string): boolean {
  if (!URL.canParse(text) || /[#*\s]/.test(text)) return false;
  const { protocol, hostname, username } = new URL(text);
  return username === '' && (protocol === 'https:' || (protocol === 'http:' && hostname === 'localhost'));
}

/**
 * SMART App Launch 2.0, section 3.1: what staff (`user/`) and people (`patient/`) may be granted, reading alone. A query may narrow it; Cognito takes no
 * slash, backslash, quote or blank in a scope (CreateResourceServer, `ScopeName`), so there they stand percent-encoded.
 */
const PAIR = '[A-Za-z_][\\w.:-]*=[^\\s"&/\\\\]+';
const SCOPE = new RegExp(`^(?:openid|(?:user|patient)/(?:\\*|[A-Z][A-Za-z]+)\\.(?:rs|r|s)(?:\\?${PAIR}(?:&${PAIR})*)?)$`);
const scope = z
  .string()
  .max(256)
  .regex(
    SCOPE,
    'openid, or a SMART v2 scope that reads, such as user/*.rs or patient/Observation.rs?category=vital-signs; in its query write / as %2F',
  )
  .refine((text) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text), 'holds a character that Cognito refuses in a scope');

export const app = z.strictObject({
  /** Names the app client. */
  name: clientName,
  /** Where a browser comes back to, exactly. Cognito takes 100. */
  redirectUris: z.array(address).min(1).max(100),
  logoutUris: z.array(address).max(100),
  scopes: z.array(scope).min(1).max(MAX_SCOPES_OF_CLIENT),
  /** Whom it lets sign in, by ids of providers; left out, all whose people its scopes are for. */
  providers: z.array(z.string()).min(1).optional(),
  /** How long an access token lasts: at least what Cognito allows, and no longer than a system's. */
  tokenMinutes: z.int().min(5).max(60).default(15),
  /** How long somebody stays signed in without signing in again. */
  sessionHours: z.int().min(1).max(24).default(10),
});

export type AppSettings = z.output<typeof app>;

/** No shift is longer. */
const MAX_STAFF_SESSION_HOURS = 12;
/** Cognito, quotas: app clients in a user pool, partners' systems included. */
const MAX_CLIENTS = 1_000;

export interface Apps {
  readonly clients: readonly { readonly name: string }[];
  readonly providers: readonly Provider[];
  readonly apps: readonly AppSettings[];
}

const isForPeople = ({ shape }: Provider): boolean => shape === 'nhs-login';
const hasScopes = ({ scopes }: Pick<AppSettings, 'scopes'>, kind: 'user' | 'patient'): boolean =>
  scopes.some((text) => text.startsWith(`${kind}/`));

/** The providers whose people may sign in to an app: those that it names, else all whom its scopes are for. */
export function providersOf({ providers }: Pick<Apps, 'providers'>, app: AppSettings): readonly Provider[] {
  if (app.providers !== undefined) return providers.filter(({ id }) => app.providers?.includes(id));
  return providers.filter((provider) => hasScopes(app, isForPeople(provider) ? 'patient' : 'user'));
}

export function findAppContradictions(all: Apps, tell: Tell): void {
  const { clients, providers, apps } = all;
  const names = [...apps.map(({ name }) => name), ...clients.map(({ name }) => name)];
  tellDoubles(tell, 'apps', 'name', names.slice(0, apps.length));
  for (const [index, { name }] of apps.entries())
    if (clients.some((client) => client.name === name)) tell(['apps', index, 'name'], 'is also that of a client');
  if (names.length > MAX_CLIENTS) tell(['apps'], `with the clients more than ${MAX_CLIENTS}`);
  for (const kind of ['user', 'patient'])
    if (new Set(apps.flatMap(({ scopes }) => scopes.filter((text) => text.startsWith(`${kind}/`)))).size > MAX_SCOPES)
      tell(['apps'], `more than ${MAX_SCOPES} different scopes of ${kind}/`);
  const ids = new Set(providers.map(({ id }) => id));
  for (const [index, one] of apps.entries()) checkApp(all, one, ids, (path, message) => tell(['apps', index, ...path], message));
}

function checkApp(all: Apps, app: AppSettings, known: ReadonlySet<string>, tell: Tell) {
  for (const [place, id] of (app.providers ?? []).entries())
    if (!known.has(id)) tell(['providers', place], 'no provider has this id');
  if (new Set(app.scopes).size < app.scopes.length) tell(['scopes'], 'names a scope twice');
  if (!hasScopes(app, 'user') && !hasScopes(app, 'patient')) tell(['scopes'], 'lets nobody read anything');
  const allowed = providersOf(all, app);
  for (const [kind, forPeople, whom] of [
    ['user', false, 'member of staff'],
    ['patient', true, 'person'],
  ] as const) {
    const some = allowed.some((provider) => isForPeople(provider) === forPeople);
    if (hasScopes(app, kind) && !some) tell(['scopes'], `has ${kind}/ scopes, yet no ${whom} can sign in`);
    if (some && !hasScopes(app, kind)) tell(['providers'], `lets a ${whom} sign in, yet has no ${kind}/ scopes`);
  }
  if (allowed.some((provider) => !isForPeople(provider)) && app.sessionHours > MAX_STAFF_SESSION_HOURS)
    tell(['sessionHours'], `at most ${MAX_STAFF_SESSION_HOURS} where staff sign in`);
}
