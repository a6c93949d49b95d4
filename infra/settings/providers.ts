import { z } from 'zod';
import { isRole, STAFF_ROLES } from '../../shared/access/roles.ts';
import type { Provider } from '../../shared/directory/providers.ts';
import { organisationId, type Tell, tellDoubles } from './shapes.ts';

/** Cognito, "Using third party IdPs with a user pool": the address begins with https and has no slash at its end. */
const issuer = z
  .url({ protocol: /^https$/ })
  .refine((text) => !text.endsWith('/'), 'an https address without a slash at its end');

const connection = z.discriminatedUnion('protocol', [
  z.strictObject({
    protocol: z.literal('oidc'),
    issuer,
    clientId: z.string().min(1).max(256),
    scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'an OAuth scope (RFC 6749, section 3.3)')).min(1),
  }),
  z.strictObject({ protocol: z.literal('saml'), metadataUrl: z.url({ protocol: /^https$/ }) }),
]);

const providerRole = z.strictObject({
  claim: z.string().min(1).max(256),
  role: z
    .enum(STAFF_ROLES as [string, ...string[]], `no role that staff can have; there are: ${STAFF_ROLES.join(', ')}`)
    .refine(isRole),
  organisation: organisationId.optional(),
});

export const provider = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{1,19}$/, 'a slug of 2 to 20 characters'),
  name: z.string().trim().min(1).max(60),
  shape: z.enum(['cis2', 'groups', 'nhs-login']),
  connection,
  speaksFor: z.union([z.literal('all'), z.array(organisationId)]),
  // Cognito: an identifier of a provider has at most 40 characters.
  domains: z.array(
    z
      .string()
      .max(40)
      .regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'an e-mail domain in lower case, such as dch.nhs.uk'),
  ),
  roles: z.array(providerRole),
  assurance: z.record(z.string().min(1), z.enum(['high', 'substantial'])),
}) satisfies z.ZodType<Provider>;

/** Cognito, quotas: identity providers in a user pool, and identifiers (home-realm discovery) of one. */
const MAX_PROVIDERS = 300;
const MAX_DOMAINS = 50;

export interface SignIn {
  readonly organisations: readonly { readonly id: string }[];
  readonly providers: readonly Provider[];
}

export function findProviderContradictions({ organisations, providers }: SignIn, tell: Tell): void {
  const known = new Set(organisations.map(({ id }) => id));
  const tellOf =
    (index: number): Tell =>
    (path, message) =>
      tell(['providers', index, ...path], message);
  tellDoubles(
    tell,
    'providers',
    'id',
    providers.map(({ id }) => id),
  );
  if (providers.length > MAX_PROVIDERS) tell(['providers'], `at most ${MAX_PROVIDERS}`);
  checkDomains(providers, tell);
  for (const [index, one] of providers.entries()) {
    if (one.connection.protocol === 'oidc' && !one.connection.scopes.includes('openid'))
      tellOf(index)(['connection', 'scopes'], 'must have openid');
    checkShape(one, tellOf(index));
    checkTable(one, known, tellOf(index));
  }
}

function checkDomains(providers: readonly Provider[], tell: Tell) {
  const taken = new Map<string, number>();
  for (const [index, { domains }] of providers.entries()) {
    if (domains.length > MAX_DOMAINS) tell(['providers', index, 'domains'], `at most ${MAX_DOMAINS}`);
    for (const [place, domain] of domains.entries()) {
      const first = taken.get(domain);
      if (first === undefined) taken.set(domain, index);
      else tell(['providers', index, 'domains', place], `is also one of providers[${first}]`);
    }
  }
}

/** What each shape must have, and what it cannot. */
function checkShape(provider: Provider, tell: Tell) {
  const { shape, connection, speaksFor, roles, assurance } = provider;
  if (shape !== 'groups' && connection.protocol !== 'oidc') tell(['connection', 'protocol'], `${shape} speaks oidc`);
  if (shape === 'nhs-login') return checkNhsLogin(provider, tell);
  if (speaksFor.length === 0) tell(['speaksFor'], 'speaks for no organisation, so nobody could sign in');
  if (roles.length === 0) tell(['roles'], 'maps to no role, so nobody could sign in');
  if (Object.keys(assurance).length === 0) tell(['assurance'], 'is empty, so nobody could sign in');
}

function checkNhsLogin({ speaksFor, roles, assurance }: Provider, tell: Tell) {
  if (speaksFor === 'all' || speaksFor.length > 0) tell(['speaksFor'], 'people who use NHS login act for no organisation');
  if (roles.length > 0) tell(['roles'], 'people who use NHS login have no role of staff');
  // NHS login, "Levels of identity verification": P9 alone has proved who they are.
  for (const level of Object.keys(assurance)) if (level !== 'P9') tell(['assurance', level], 'only P9 may see a record');
  if (assurance.P9 !== 'high') tell(['assurance'], 'must say that P9 is high');
}

/** NHS England, National RBAC Database: a job role, alone or below its staff group and area. */
const CIS2_ROLE = /^(?:(?:S\d{4}:)?G\d{4}:)?R\d{4}$/;

function checkTable({ shape, speaksFor, roles }: Provider, known: ReadonlySet<string>, tell: Tell) {
  if (speaksFor !== 'all')
    for (const [place, id] of speaksFor.entries()) if (!known.has(id)) tell(['speaksFor', place], 'no organisation has this id');
  tellDoubles(
    (path, message) => tell(path, message),
    'roles',
    'claim',
    roles.map(({ claim, role, organisation }) => (shape === 'cis2' ? claim : JSON.stringify([claim, role, organisation]))),
  );
  for (const [place, { claim, organisation }] of roles.entries()) {
    if (organisation !== undefined && !known.has(organisation))
      tell(['roles', place, 'organisation'], 'no organisation has this id');
    else if (organisation !== undefined && speaksFor !== 'all' && !speaksFor.includes(organisation))
      tell(['roles', place, 'organisation'], 'is none that this provider speaks for');
    if (shape === 'cis2' && organisation !== undefined)
      tell(['roles', place, 'organisation'], 'CIS2 says itself for which organisation somebody acts');
    if (shape === 'cis2' && !CIS2_ROLE.test(claim))
      tell(['roles', place, 'claim'], 'the end of a role code such as R8000 or S8000:G8000:R8000');
    if (shape === 'groups' && organisation === undefined && (speaksFor === 'all' || speaksFor.length !== 1))
      tell(['roles', place], 'must name the organisation: this provider speaks for more than one');
  }
}
