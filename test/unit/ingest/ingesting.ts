import { fileURLToPath } from 'node:url';
import { Logger } from '@aws-lambda-powertools/logger';
import { createNoteFeed } from '../../../functions/ingest/feed.ts';
import { createRoutes } from '../../../functions/ingest/routes.ts';
import { createAccess } from '../../../shared/access/access.ts';
import { loadPolicies, readPolicies } from '../../../shared/access/policy-set.ts';
import { systemViewer, type Viewer } from '../../../shared/access/viewer.ts';
import { createDirectory } from '../../../shared/directory/directory.ts';
import { createSources, SOURCE_DEFAULTS, type Source } from '../../../shared/directory/sources.ts';
import { isRefusal, operationOutcome, statusOf } from '../../../shared/fhir/outcomes.ts';
import type { HttpRequest } from '../../../shared/lambda/http.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import { createIdentity } from '../../../shared/record/identity.ts';
import { createVersionNames } from '../../../shared/record/version-names.ts';
import { createIdempotency } from '../../../shared/store/idempotency.ts';
import { createRecordStore } from '../../../shared/store/record.ts';
import { createFeeds } from '../../../shared/store/signals/feeds.ts';
import { type Engine, startEngine } from '../../engine.ts';
import { partnershipOf } from '../../partnership.ts';

/** The organisations of these tests. */
const ORGANISATIONS = createDirectory(
  ['uhd', 'dch', 'surgery'].map((id) => ({
    id,
    kind: id === 'surgery' ? ('gp-practice' as const) : ('trust' as const),
    names: [{ value: `Organisation ${id}` }],
    codes: [{ value: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: `T${id.toUpperCase()}` } }],
    successors: [],
  })),
);

/** Each organisation names its patients by numbers of one system. */
export const SOURCES: readonly DescribedSource[] = ORGANISATIONS.organisations.map(({ id }) => ({
  organisation: id,
  name: 'main',
  patientIdentifiers: ['https://uhd.example/mrn'],
}));

/** A source as settings describe it: what has a default may be left out. */
type DescribedSource = Pick<Source, 'organisation' | 'name'> & Partial<Source>;

export const sourcesOf = (described: readonly DescribedSource[]) =>
  createSources(described.map((one) => ({ ...SOURCE_DEFAULTS, ...one })));

export const FHIR_URL = 'https://chesil.test/fhir/R4';
const POLICIES = fileURLToPath(new URL('../../../shared/access/policies', import.meta.url));
/** As long as a busy machine takes. */
const PATIENT_MS = 60_000;
export const identity = createIdentity(Buffer.alloc(32, 7));
export const versionNames = createVersionNames(Buffer.alloc(32, 8));

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON: tests look into it as its reader would. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever was answered
  readonly body: any;
}

interface Issue {
  readonly details?: { readonly coding: readonly { readonly code: string }[] };
  readonly expression?: readonly string[];
}

export interface Sending {
  readonly as?: string;
  /** Which system of the organisation sends. */
  readonly source?: string;
  readonly scopes?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Of somebody who signed in: what a token says of them. */
  readonly viewer?: Partial<Viewer>;
}

/** Ingest on the real engine. Every `instance` has memory of its own, as Lambda's have. */
export async function startIngest({ sources = SOURCES }: { readonly sources?: readonly DescribedSource[] } = {}) {
  const engine: Engine = await startEngine({ stream: false });
  const access = createAccess(loadPolicies(readPolicies(POLICIES)), partnershipOf(ORGANISATIONS));
  const feeds = createFeeds({ client: engine.client, table: engine.signalsTable });
  const instance = (now?: () => Date) => {
    const store = createRecordStore({ client: engine.client, table: engine.recordTable, ...(now ? { now } : {}) });
    const idempotency = createIdempotency({ client: engine.client, table: engine.recordTable });
    const noteFeed = createNoteFeed({ feeds, log: createLog(new Logger({ logLevel: 'SILENT' })), patienceMs: PATIENT_MS });
    const routes = createRoutes({
      store,
      access,
      identity,
      versionNames,
      sources: sourcesOf(sources),
      idempotency,
      noteFeed,
      ...(now ? { now } : {}),
    });
    return { store, send: sender(routes) };
  };
  return { engine, feeds, instance, ...instance() };
}

export type Ingest = Awaited<ReturnType<typeof startIngest>>;

function sender(routes: ReturnType<typeof createRoutes>) {
  let requests = 0;
  return async (
    method: string,
    address: string,
    body?: unknown,
    { as = 'uhd', source = 'main', scopes = ['system/*.cruds'], headers = {}, viewer = {} }: Sending = {},
  ): Promise<Answer> => {
    const [path = '', query = ''] = address.split('?');
    const request: HttpRequest = {
      method,
      path: path.split('/').filter(Boolean).map(decodeURIComponent),
      query: [...new URLSearchParams(query)],
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }), ...headers },
      body:
        body === undefined
          ? Buffer.alloc(0)
          : Buffer.isBuffer(body)
            ? body
            : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      caller: { ...systemViewer(as, `${as}-feed`), source, scopes, ...viewer },
      requestId: `request-${++requests}`,
      correlationId: undefined,
      fhirUrl: FHIR_URL,
    };
    const answer = await routes(request);
    if (isRefusal(answer)) return { status: statusOf(answer), headers: {}, body: operationOutcome(answer.issues) };
    return {
      status: answer.status,
      headers: answer.headers ?? {},
      body: answer.body === undefined ? undefined : JSON.parse(answer.body),
    };
  };
}

/** Codes of an OperationOutcome. What it only counts (problems past the first 200) has none. */
export const codesOf = ({ body }: Pick<Answer, 'body'>): string[] =>
  body.issue.flatMap(({ details }: Issue) => details?.coding.map(({ code }) => code) ?? []);

/** Where each problem is. */
export const expressionsOf = ({ body }: Pick<Answer, 'body'>): string[] =>
  body.issue.map((issue: Issue) => issue.expression?.[0]);

/** `Type/id` of a Location header or of an entry's location. */
export const addressOf = (location: string | undefined): string =>
  String(location)
    .replace(`${FHIR_URL}/`, '')
    .replace(/\/_history\/.*$/, '');

export const idOf = (location: string | undefined): string => addressOf(location).split('/')[1]!;
