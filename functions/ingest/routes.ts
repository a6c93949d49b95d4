import { createHash, randomUUID } from 'node:crypto';
import type { Access } from '../../shared/access/access.ts';
import { type Permission, scopesAllow } from '../../shared/access/scopes.ts';
import type { Sources } from '../../shared/directory/sources.ts';
import { type BundleEntry, type EntryAnswer, readBundle } from '../../shared/fhir/bundles.ts';
import { isDirectoryType, isOurs, isPersonBound } from '../../shared/fhir/compartment.ts';
import { refuseUnsupported } from '../../shared/fhir/conformance/unsupported.ts';
import { type Interaction, type RawInteraction, readInteraction } from '../../shared/fhir/interactions.ts';
import { parseJson } from '../../shared/fhir/json.ts';
import {
  type Issue,
  isRefusal,
  type OutcomeCode,
  type Refusal,
  refuse,
  refuseAll,
  statusOf,
} from '../../shared/fhir/outcomes.ts';
import type { Json } from '../../shared/fhir/references.ts';
import { validate } from '../../shared/fhir/validate/validate.ts';
import { type Caller, type HttpAnswer, type HttpRequest, refusalOf } from '../../shared/lambda/http.ts';
import type { Identity } from '../../shared/record/identity.ts';
import type { VersionNames } from '../../shared/record/version-names.ts';
import type { Idempotency, IdempotentRequest } from '../../shared/store/idempotency.ts';
import type { RecordStore } from '../../shared/store/record.ts';
import { bundleAnswer, entryAnswer, preferredReturn, type Return, singleAnswer } from './answers.ts';
import type { NameReading, Operation } from './decision/names/operation.ts';
import { readResource } from './decision/names/read-resource.ts';
import type { NewAlias } from './decision/persons/new-aliases.ts';
import type { NoteFeed } from './feed.ts';
import { checkMediaType } from './media-type.ts';
import { refuseManyPersons } from './person-limit.ts';
import { type Alongside, type SettledAll, type Submitted, submitAtomic, submitBatch } from './submitting.ts';

export interface IngestDependencies {
  readonly store: RecordStore;
  readonly access: Access;
  readonly identity: Identity;
  readonly versionNames: Pick<VersionNames, 'version'>;
  readonly sources: Sources;
  readonly idempotency: Idempotency;
  readonly noteFeed: NoteFeed;
  readonly now?: () => Date;
}

/** The routes that write: `POST /`, `POST|PUT|PATCH|DELETE /{type}`, `PUT|PATCH|DELETE /{type}/{id}`. */
export function createRoutes(dependencies: IngestDependencies): (request: HttpRequest) => Promise<HttpAnswer | Refusal> {
  const { now = () => new Date() } = dependencies;
  return async (request) => {
    const { caller, headers } = request;
    if (caller === undefined) return refusalOf(request);
    if (caller.role !== 'system') return refuse('users-only-read');
    const media = checkMediaType(request);
    if (media !== undefined) return media;
    const key = headers['idempotency-key'];
    if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) return refuse('bad-idempotency-key');
    const instant = now();
    const reading = readingOf(dependencies.sources, request, caller, instant);
    const context: Context = { request, caller, dependencies, instant, reading };
    if (key === undefined) return act(context);
    return actOnce(context, { organisation: caller.organisation, key, requestHash: hashOf(request) });
  };
}

interface Context {
  readonly request: HttpRequest;
  readonly caller: Caller;
  readonly dependencies: IngestDependencies;
  readonly instant: Date;
  readonly reading: NameReading;
  readonly once?: IdempotentRequest;
}

/** Answers a request that came before as it was answered then. */
async function actOnce(context: Context, once: IdempotentRequest): Promise<HttpAnswer | Refusal> {
  const { idempotency } = context.dependencies;
  const replay = async () => {
    const kept = await idempotency.find(once, context.instant);
    if (kept === undefined) return undefined;
    return kept.requestHash === once.requestHash ? answerAgain(context, kept.answer) : refuse('idempotency-reused');
  };
  const before = await replay();
  if (before !== undefined) return before;
  const answer = await act({ ...context, once });
  // Whoever loses a race against their own retry gives the answer of the one who won.
  return isRefusal(answer) ? ((await replay()) ?? answer) : answer;
}

/** An answer with the names that the request gave to persons. */
interface Kept extends HttpAnswer {
  readonly aliases?: readonly NewAlias[];
}

/** Whoever was to write the names after the contribution may have stopped between. */
async function answerAgain({ dependencies: { store } }: Context, text: string): Promise<HttpAnswer> {
  const { aliases = [], ...answer } = JSON.parse(text) as Kept;
  await Promise.all(aliases.map(({ name, onlyNew: _new, ...alias }) => store.putAlias(name, alias, true)));
  return answer;
}

const hashOf = ({ method, path, query, headers, body }: HttpRequest): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        method,
        path,
        query,
        headers['if-match'],
        headers['if-none-match'],
        headers['if-none-exist'],
        headers.prefer,
      ]),
    )
    .update(body)
    .digest('base64url');

const act = (context: Context): Promise<HttpAnswer | Refusal> =>
  context.request.path.length === 0 ? actOnBundle(context) : actAlone(context);

async function actAlone(context: Context): Promise<HttpAnswer | Refusal> {
  const { request, caller } = context;
  const [type = ''] = request.path;
  const unkept = notContributed(type);
  if (unkept !== undefined) return /^[$_]/.test(type) ? refuseUnsupported(request.method, request.path) : refuse(unkept);
  const permission = PERMISSIONS[request.method];
  if (permission === undefined) return refuseUnsupported(request.method, request.path);
  if (!scopesAllow(caller.scopes, type, permission)) return refuse('missing-scope');
  const body = request.body.length === 0 ? undefined : parseJson(request.body);
  if (isRefusal(body)) return body;
  const interaction = readInteraction({ ...rawOf(request), body });
  if ('issues' in interaction) return refuseAll(interaction.issues) ?? refuse('not-allowed');
  const problems = interaction.resource === undefined ? [] : validate(interaction.resource);
  const invalid = refuseAll(problems);
  if (invalid !== undefined) return invalid;
  const operation = operationOf(interaction, { index: 0 }, interaction.type, context);
  const wanted = preferredReturn(request.headers.prefer, 'representation');
  return submitAll(context, [operation], wanted, (settled, form) => {
    const one = settled.get(operation)!;
    if ('issues' in one) throw new Error('an accepted write has problems');
    return singleAnswer(operation, one, form, request.fhirUrl);
  });
}

/** Why fragments of a type are not taken in from anybody, in any of the ways in. */
function notContributed(type: string): OutcomeCode | undefined {
  if (isOurs(type)) return 'audit-is-ours';
  return isPersonBound(type) || isDirectoryType(type) ? undefined : 'unknown-type';
}

const PERMISSIONS: Readonly<Record<string, Permission>> = { POST: 'c', PUT: 'u', PATCH: 'u', DELETE: 'd' };

const rawOf = ({ method, path, query, headers }: HttpRequest): RawInteraction => ({
  method,
  path,
  query,
  ...(headers['if-match'] === undefined ? {} : { ifMatch: headers['if-match'] }),
  ...(headers['if-none-match'] === undefined ? {} : { ifNoneMatch: headers['if-none-match'] }),
  ...(headers['if-none-exist'] === undefined ? {} : { ifNoneExist: headers['if-none-exist'] }),
});

async function actOnBundle(context: Context): Promise<HttpAnswer | Refusal> {
  const { request } = context;
  if (request.method !== 'POST') return refuseUnsupported(request.method, request.path);
  if (request.body.length === 0) return refuse('body-required');
  const body = parseJson(request.body);
  if (isRefusal(body)) return body;
  if ((body as Json | null)?.resourceType !== 'Bundle') return refuse('bad-bundle', { expression: 'Bundle' });
  const bundle = readBundle(body as Json, request.fhirUrl);
  if (isRefusal(bundle)) return bundle;
  const problems = problemsOf(body as Json, bundle.entries, context.caller);
  const wanted = preferredReturn(request.headers.prefer, 'minimal');
  if (bundle.type === 'batch') return actOnBatch(context, bundle.entries, problems, wanted);
  const refusal = refuseAll([...problems.values()].flat());
  if (refusal !== undefined) return refusal;
  const operations = bundle.entries.flatMap((entry) => operationOfEntry(entry, context));
  return submitAll(context, operations, wanted, (settled, form) =>
    bundleAnswer(
      'transaction',
      (one) => operations.map((operation) => entryAnswer(operation, settled.get(operation)!, one)),
      form,
    ),
  );
}

/** Position of what is wrong with the bundle itself. */
const ENVELOPE = -1;

/** Everything that is wrong with a bundle and can be told without the record, by entry, in their order. */
function problemsOf(bundle: Json, entries: readonly BundleEntry[], caller: Caller): ReadonlyMap<number, readonly Issue[]> {
  const problems = new Map<number, Issue[]>();
  const add = (index: number, issues: readonly Issue[]) => {
    if (issues.length > 0) problems.set(index, [...(problems.get(index) ?? []), ...issues]);
  };
  const shells = entries.length === 0 ? undefined : (bundle.entry as Json[]).map(withoutResource);
  for (const issue of validate({ ...bundle, ...(shells === undefined ? {} : { entry: shells }) })) {
    const [, index] = /^Bundle\.entry\[(\d+)\]/.exec(issue.expression ?? '') ?? [];
    add(index === undefined ? ENVELOPE : Number(index), [issue]);
  }
  const allowed = scopeCheck(caller);
  for (const entry of entries) {
    if ('issues' in entry) add(entry.index, entry.issues);
    else add(entry.index, checkInteraction(entry.interaction, `Bundle.entry[${entry.index}]`, allowed));
  }
  return new Map([...problems].sort(([one], [other]) => one - other));
}

/** What is no entry at all is left for the bundle's own check to complain of. */
const withoutResource = (entry: unknown): unknown => {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
  const { resource: _resource, ...shell } = entry as Json;
  return shell;
};

/** A bundle asks for the same few types again and again. */
function scopeCheck({ scopes }: Caller): (type: string, permission: Permission) => boolean {
  const known = new Map<string, boolean>();
  return (type, permission) => {
    const key = `${type}.${permission}`;
    let allowed = known.get(key);
    if (allowed === undefined) {
      allowed = scopesAllow(scopes, type, permission);
      known.set(key, allowed);
    }
    return allowed;
  };
}

const LETTERS: Readonly<Record<Interaction['kind'], Permission>> = { create: 'c', update: 'u', patch: 'u', delete: 'd' };

function checkInteraction(
  { kind, type, resource }: Interaction,
  at: string,
  allowed: (type: string, permission: Permission) => boolean,
): readonly Issue[] {
  const unkept = notContributed(type);
  if (unkept !== undefined) return [{ code: unkept, expression: `${at}.request.url` }];
  if (!allowed(type, LETTERS[kind])) return [{ code: 'missing-scope', expression: at }];
  return resource === undefined ? [] : validate(resource, `${at}.resource`);
}

function operationOfEntry(entry: BundleEntry, context: Context): Operation[] {
  return 'issues' in entry ? [] : [operationOf(entry.interaction, entry, `Bundle.entry[${entry.index}].resource`, context)];
}

function operationOf(
  interaction: Interaction,
  entry: Pick<BundleEntry, 'index' | 'fullUrl'>,
  at: string,
  { request, once, reading }: Context,
): Operation {
  const { index, fullUrl } = entry;
  const fallbackSource = once === undefined ? randomUUID() : `${once.key}#${index}`;
  const inBundle = request.path.length === 0;
  const named = fullUrl === undefined ? {} : { fullUrl };
  return { index, at, interaction, inBundle, fallbackSource, ...named, ...readResource(interaction, fullUrl, reading) };
}

/** How the names of a request are read: by the rules of the source that its client is. */
function readingOf(sources: Sources, { fhirUrl }: HttpRequest, caller: Caller, instant: Date): NameReading {
  const { patientIdentifiers, ...source } = sources.byName(caller.organisation, caller.source);
  return { source: { ...source, patientIdentifiers: new Set(patientIdentifiers) }, fhirUrl, now: instant.toISOString() };
}

/** Writes all or nothing, and keeps the answer in the same transaction when the request may come again. */
async function submitAll(
  context: Context,
  operations: readonly Operation[],
  wanted: Return,
  answer: (settled: SettledAll, wanted: Return) => HttpAnswer,
): Promise<HttpAnswer | Refusal> {
  const { once, instant, dependencies } = context;
  const tooMany = refuseManyPersons(operations, context.reading);
  if (tooMany !== undefined) return tooMany;
  const forms = (settled: SettledAll, aliases: readonly NewAlias[]) =>
    [wanted, 'minimal' as const].map((form) => JSON.stringify({ ...answer(settled, form), aliases } satisfies Kept));
  const alongside: Alongside = (settled, aliases) =>
    once === undefined ? [] : [dependencies.idempotency.keepAlongside(once, forms(settled, aliases), instant)];
  const settled = await submitAtomic(dependencies, submittedOf(context, operations), alongside);
  if (isRefusal(settled)) return settled;
  await noteHeard(context);
  return answer(settled, wanted);
}

/** Whoever has something accepted is heard from, be it what was here already. */
const noteHeard = ({ dependencies, caller, instant }: Context): Promise<void> =>
  dependencies.noteFeed(caller.organisation, instant);

const submittedOf = ({ request, caller, reading }: Context, operations: readonly Operation[]): Submitted => ({
  operations,
  submission: { contributor: caller.organisation, client: caller.client, source: caller.source, requestId: request.requestId },
  reading,
});

async function actOnBatch(
  context: Context,
  entries: readonly BundleEntry[],
  problems: ReadonlyMap<number, readonly Issue[]>,
  wanted: Return,
): Promise<HttpAnswer | Refusal> {
  const envelope = refuseAll(problems.get(ENVELOPE) ?? []);
  if (envelope !== undefined) return envelope;
  const sound = entries.filter(({ index }) => !problems.has(index));
  const operations = sound.flatMap((entry) => operationOfEntry(entry, context));
  const tooMany = refuseManyPersons(operations, context.reading);
  if (tooMany !== undefined) return tooMany;
  const settled = await submitBatch(context.dependencies, submittedOf(context, operations));
  const isHeard = [...settled.values()].some((one) => 'outcome' in one);
  const byIndex = new Map(operations.map((operation) => [operation.index, operation]));
  const answersOf = (form: Return) =>
    entries.map(({ index }): EntryAnswer => {
      const operation = byIndex.get(index);
      if (operation !== undefined) return entryAnswer(operation, settled.get(operation)!, form);
      const refusal = refuseAll(problems.get(index) ?? []) ?? refuse('bad-bundle');
      return { status: statusOf(refusal), issues: refusal.issues };
    });
  const answer = bundleAnswer('batch', answersOf, wanted);
  const keep = async () => {
    if (context.once === undefined) return;
    const forms = [answer, bundleAnswer('batch', answersOf, 'minimal')].map((form) => JSON.stringify(form));
    await context.dependencies.idempotency.keep(context.once, forms, context.instant);
  };
  await Promise.all([keep(), ...(isHeard ? [noteHeard(context)] : [])]);
  return answer;
}
