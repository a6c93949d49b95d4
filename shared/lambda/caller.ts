import type { APIGatewayProxyEvent } from 'aws-lambda';
import { ROLES } from '../access/roles.ts';
import { isProviderId, isStaffOf, readTokenRoles, type TokenRole } from '../access/token-roles.ts';
import { type Assurance, PEOPLE, type Purpose, systemViewer, type Viewer } from '../access/viewer.ts';
import { isRefusal, type Refusal, refuse } from '../fhir/outcomes.ts';
import { isOrganisationId, isPersonId } from '../record/identity.ts';
import { DEFAULT_SOURCE, isSourceName } from '../record/source-names.ts';
import type { Caller, RefusedCaller } from './http.ts';

/** Which of several roles somebody acts in, as PDS FHIR has it. */
const ROLE_HEADER = 'nhsd-session-urid';
/** Why somebody looks, where their role may for more than one reason. */
const PURPOSE_HEADER = 'chesil-purpose';

/** Headers that say as whom the holder of a token acts: answers depend on them as on the token. */
export const ACTING_HEADERS = ['NHSD-Session-URID', 'Chesil-Purpose'] as const;

type Claims = Readonly<Record<string, unknown>>;
type Event = Pick<APIGatewayProxyEvent, 'headers' | 'multiValueHeaders' | 'requestContext'>;

/** Who calls, or why nobody does. Neither, on routes without a token. */
export type Called = { readonly caller: Caller | undefined } | { readonly caller: undefined; readonly refused: RefusedCaller };

/**
 * Who calls, from the claims of a token that API Gateway has checked, and from the headers by which its holder chooses.
 *
 * Nothing is guessed: claims that do not fit each other, as no token of ours has them, are no caller at all. Refusals are `unauthorised`, `choose-role` and
 * `bad-purpose`.
 */
export function callerOf(event: Event): Called {
  const claims: Claims | undefined = event.requestContext.authorizer?.claims;
  if (claims === undefined) return { caller: undefined };
  const scopes = (text(claims, 'scope') ?? '').split(' ').filter(Boolean);
  const holder = claims.roles === undefined ? systemOf(claims, scopes) : userOf(claims, scopes);
  if (isRefusal(holder)) return { caller: undefined, refused: { refusal: holder } };
  const chosen = chooseRole(holder, valuesOf(event, ROLE_HEADER));
  const { source } = holder;
  if (isRefusal(chosen)) return { caller: undefined, refused: { refusal: chosen, as: { ...holder.viewers[0], source, scopes } } };
  const purpose = purposeOf(chosen, valuesOf(event, PURPOSE_HEADER));
  if (isRefusal(purpose)) return { caller: undefined, refused: { refusal: purpose, as: { ...chosen, source, scopes } } };
  return { caller: { ...chosen, purpose, source, scopes } };
}

/** Whoever holds a token: as each of those as whom they may act, by the id of the role. A system has one, without an id. */
interface Holder {
  readonly viewers: readonly [Viewer, ...Viewer[]];
  readonly roleIds: readonly string[];
  /** Which system of its organisation it is. */
  readonly source: string;
}

/** A partner's system (client credentials): whose it is, and nothing about anybody. */
function systemOf(claims: Claims, scopes: readonly string[]): Holder | Refusal {
  const organisation = text(claims, 'organisation');
  const client = text(claims, 'client_id');
  if (organisation === undefined || client === undefined || !isPartner(organisation)) return refuse('unauthorised');
  if (ABOUT_USERS.some((name) => name in claims) || scopes.some(isForUsers)) return refuse('unauthorised');
  const source = text(claims, 'source') ?? DEFAULT_SOURCE;
  if (!isSourceName(source)) return refuse('unauthorised');
  return { viewers: [systemViewer(organisation, client)], roleIds: [], source };
}

const ABOUT_USERS = ['staff', 'person', 'provider', 'assurance'];
const isPartner = (organisation: string): boolean => isOrganisationId(organisation) && organisation !== PEOPLE;
const isForUsers = (scope: string): boolean => scope.startsWith('user/') || scope.startsWith('patient/');

/** Staff or a person: who vouches for them, and in which roles they may act. */
function userOf(claims: Claims, scopes: readonly string[]): Holder | Refusal {
  const roles = readTokenRoles(text(claims, 'roles') ?? '');
  const client = text(claims, 'client_id');
  const provider = text(claims, 'provider');
  const assurance = text(claims, 'assurance');
  if (roles === undefined || client === undefined || provider === undefined || assurance === undefined)
    return refuse('unauthorised');
  if (!isProviderId(provider) || !isAssurance(assurance)) return refuse('unauthorised');
  if ('organisation' in claims || 'source' in claims || scopes.some((scope) => scope.startsWith('system/')))
    return refuse('unauthorised');
  const whom = whomOf(claims, provider, roles);
  if (whom === undefined) return refuse('unauthorised');
  const name = text(claims, 'name');
  const who = { client, ...whom, ...(name === undefined ? {} : { name }), provider, assurance };
  const viewers = roles.map(({ organisation, role }) => ({ ...who, organisation, role, purpose: ROLES[role].purposes[0] }));
  return { viewers: viewers as [Viewer, ...Viewer[]], roleIds: roles.map(({ id }) => id), source: DEFAULT_SOURCE };
}

const isAssurance = (word: string): word is Assurance => word === 'high' || word === 'substantial';

/** A token is of a person or of a member of staff, never of both or of nobody. */
function whomOf(claims: Claims, provider: string, roles: readonly TokenRole[]): Pick<Viewer, 'staff' | 'person'> | undefined {
  const staff = text(claims, 'staff');
  const person = text(claims, 'person');
  if (roles.some(({ organisation }) => organisation === PEOPLE))
    return staff === undefined && person !== undefined && isPersonId(person) ? { person } : undefined;
  return person === undefined && staff !== undefined && isStaffOf(provider, staff) ? { staff } : undefined;
}

function chooseRole({ viewers, roleIds }: Holder, named: readonly string[]): Viewer | Refusal {
  // Partners' systems send what they send to the Personal Demographics Service: of a system it says nothing.
  if (roleIds.length === 0) return viewers[0];
  if (named.length > 1) return refuse('choose-role', { diagnostics: 'The header NHSD-Session-URID came more than once.' });
  const [id] = named;
  if (id === undefined && viewers.length === 1) return viewers[0];
  if (id === undefined)
    return refuse('choose-role', { diagnostics: 'The token holds several roles, and the request names none.' });
  const chosen = viewers[roleIds.indexOf(id)];
  return chosen ?? refuse('choose-role', { diagnostics: 'The token holds no role with the id that the request names.' });
}

function purposeOf({ role }: Viewer, named: readonly string[]): Purpose | Refusal {
  const purposes: readonly [Purpose, ...Purpose[]] = ROLES[role].purposes;
  if (named.length > 1) return refuse('bad-purpose', { diagnostics: 'The header Chesil-Purpose came more than once.' });
  const [word] = named;
  return word === undefined ? purposes[0] : (purposes.find((purpose) => purpose === word) ?? refuse('bad-purpose'));
}

/** A claim that is there and says something. */
const text = (claims: Claims, name: string): string | undefined => {
  const value = claims[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** Every value of a header, whatever its case: one that came twice is not one. */
function valuesOf({ headers, multiValueHeaders }: Event, name: string): readonly string[] {
  const isNamed = ([key]: [string, unknown]) => key.toLowerCase() === name;
  const several = Object.entries(multiValueHeaders ?? {}).filter(isNamed);
  const values = several.length > 0 ? several.flatMap(([, list]) => list ?? []) : singly(headers, isNamed);
  return values.map((value) => value.trim());
}

const singly = (headers: Event['headers'], isNamed: (entry: [string, unknown]) => boolean): string[] =>
  Object.entries(headers ?? {})
    .filter(isNamed)
    .flatMap(([, value]) => value ?? []);
