import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { type AttributeValue, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { ServeDependencies } from '../../../functions/serve/context.ts';
import { createRoutes } from '../../../functions/serve/routes.ts';
import { SEARCH_BUDGET } from '../../../functions/serve/search-budget.ts';
import { createAccess } from '../../../shared/access/access.ts';
import { newAccessId } from '../../../shared/access/access-id.ts';
import { REDACTING } from '../../../shared/access/deciding/redacting.ts';
import { loadPolicies, readPolicies } from '../../../shared/access/policy-set.ts';
import { systemViewer, type Viewer } from '../../../shared/access/viewer.ts';
import { createDirectory, type Organisation } from '../../../shared/directory/directory.ts';
import { createSources } from '../../../shared/directory/sources.ts';
import { describe as describeResource } from '../../../shared/fhir/describe.ts';
import { isRefusal } from '../../../shared/fhir/outcomes.ts';
import { NHS_NUMBER, ODS_ORGANISATION, ORGANISATION_TAG } from '../../../shared/fhir/systems.ts';
import { answerOf } from '../../../shared/lambda/api.ts';
import type { HttpAnswer, HttpRequest } from '../../../shared/lambda/http.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import { draftContribution, type FragmentDraft } from '../../../shared/record/draft.ts';
import { createIdentity, logicalId, parseLogicalId } from '../../../shared/record/identity.ts';
import { linkContributions } from '../../../shared/record/linking.ts';
import { createOpaqueVersions } from '../../../shared/record/opaque-versions.ts';
import { ownAlias, ownFragmentId } from '../../../shared/record/source-names.ts';
import { createVersionNames } from '../../../shared/record/version-names.ts';
import { createAudit } from '../../../shared/store/audit.ts';
import { createAuditReads } from '../../../shared/store/audit-reads.ts';
import { createTasks } from '../../../shared/store/oversight/tasks.ts';
import { createRecordStore } from '../../../shared/store/record.ts';
import { startEngine } from '../../engine.ts';
import { partnershipOf } from '../../partnership.ts';

const organisation = (id: string, kind: Organisation['kind'], code: string): Organisation => ({
  id,
  kind,
  names: [{ value: `${id.toUpperCase()} NHS` }],
  codes: [{ value: { system: ODS_ORGANISATION, value: code } }],
  successors: [],
});

export const directory = createDirectory([
  organisation('uhd', 'trust', 'X99010'),
  organisation('dch', 'trust', 'X99020'),
  organisation('surgery', 'gp-practice', 'X99030'),
  organisation('council', 'council', 'X99040'),
]);

/** A resource as its source sends it. `source` names it within its owner and type. */
export interface Sent {
  readonly source: string;
  /** Given, its source's own id names it in place of that. */
  readonly ownId?: string;
  readonly resource: Readonly<Record<string, unknown>> & { readonly resourceType: string };
}

export interface Asked {
  readonly method?: string;
  /** Sent as it is when it is a text, else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly organisation?: string;
  /** Which system of the organisation calls. */
  readonly source?: string;
  readonly scopes?: readonly string[];
  /** Of a member of staff or a person: what a token says of them. */
  readonly viewer?: Partial<Viewer>;
  /** `null`: without a token. */
  readonly caller?: null;
}

export const FHIR_URL = 'https://chesil.example/fhir/R4';

/** The routes of `serve` on a real engine, and means to fill its record. */
export async function createWorld() {
  const engine = await startEngine();
  const { client, recordTable, auditTable, oversightTable } = engine;
  const identity = createIdentity(new Uint8Array(32).fill(1));
  const store = createRecordStore({ client, table: recordTable });
  const versionNames = createVersionNames(new Uint8Array(32).fill(4));
  const copies = { ...REDACTING, withOpaqueVersion: createOpaqueVersions(versionNames) };
  const dependencies: ServeDependencies = {
    store,
    identity,
    versionNames,
    directory,
    sources: createSources([]),
    freshness: { sources: async () => [] },
    access: createAccess(
      loadPolicies(readPolicies(resolve(import.meta.dirname, '../../../shared/access/policies'))),
      partnershipOf(directory),
      copies,
    ),
    audit: createAudit({ client, table: auditTable }),
    auditReads: createAuditReads({ client, table: auditTable }),
    log: createLog(new Logger({ logLevel: 'SILENT' })),
    grants: async () => [],
    tasks: createTasks({ client, table: oversightTable }),
    lead: 'dch',
    searchBudget: SEARCH_BUDGET,
    tokens: { authorizeUrl: 'https://chesil.example/oauth2/authorize', tokenUrl: 'https://chesil.example/oauth2/token' },
    cursorKey: new Uint8Array(32).fill(2),
    auditKey: new Uint8Array(32).fill(3),
    entryId: newAccessId,
    now: () => new Date(),
  };
  const personOf = (nhsNumber: string) => identity.person({ system: NHS_NUMBER, value: nhsNumber });
  const fragmentIdOf = (owner: string, { source, ownId, resource: { resourceType } }: Sent) =>
    ownId === undefined
      ? identity.fragment(owner, resourceType, source)
      : ownFragmentId(identity, owner, resourceType, { source: 'main', id: ownId });
  const idOf = (subject: string, owner: string, sent: Sent) => logicalId(subject, fragmentIdOf(owner, sent));

  const draftOf = (owner: string, sent: Sent): FragmentDraft => {
    const { resource } = sent;
    const {
      resourceType,
      id: _id,
      meta = {},
      ...rest
    } = resource as Record<string, unknown> & { meta?: Record<string, unknown> };
    const tag = [{ system: ORGANISATION_TAG, code: owner }];
    return {
      fragmentId: fragmentIdOf(owner, sent),
      type: resource.resourceType,
      content: { meta: { ...meta, tag }, rest: JSON.stringify(rest) },
      ...describeResource(resource as never),
    };
  };

  const write = async (subject: string, owner: string, drafts: readonly FragmentDraft[]) => {
    const submission = { contributor: owner, client: `${owner}-epr`, source: 'main', requestId: randomUUID() };
    const result = await store.contribute([subject], (folds, now) => {
      const draft = draftContribution(folds.get(subject)!, submission, drafts, now);
      if ('problems' in draft) throw new Error(JSON.stringify(draft.problems));
      return { result: 'written', contributions: draft.contribution === undefined ? [] : [draft.contribution] };
    });
    if (result !== 'written') throw new Error(result);
  };

  return {
    engine,
    dependencies,
    /** The copies in which records are shown. */
    copies,
    store,
    identity,
    personOf,
    idOf,
    /** The name of a version for everybody but its owner. */
    versionOf: (subject: string, owner: string, sent: Sent, version = 1) =>
      versionNames.version({ subject, fragmentId: parseLogicalId(idOf(subject, owner, sent))!.fragmentId!, version }),
    /** One contribution of these resources. */
    contribute: (subject: string, owner: string, ...sent: Sent[]) =>
      write(
        subject,
        owner,
        sent.map((each) => draftOf(owner, each)),
      ),
    retract: (subject: string, owner: string, sent: Sent) => {
      const { content: _content, ...draft } = draftOf(owner, sent);
      return write(subject, owner, [draft]);
    },
    link: async (survivor: string, loser: string) => {
      const submission = { contributor: 'uhd', client: 'uhd-epr', source: 'main', requestId: randomUUID() };
      await store.contribute([survivor, loser], (folds, now) => ({
        result: 'linked',
        contributions: linkContributions(folds, submission, { kind: 'link', persons: [survivor, loser], survivor }, now),
      }));
    },
    /** Keeps where a source's own id leads, as ingest does for a lone PUT that creates. */
    leadOwnId: (owner: string, type: string, id: string, subject: string) =>
      store.putAlias(ownAlias(identity, owner, type, { source: 'main', id }), { person: subject }),
    /** Every audit entry about a person, oldest first. */
    looks: async (personId: string) => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: auditTable,
          KeyConditionExpression: 'person = :person',
          ExpressionAttributeValues: { ':person': { S: personId } },
        }),
      );
      return Items.map((item) => plain({ M: item })) as Record<string, unknown>[];
    },
    ask: (path: string, asked: Asked = {}, changed: Partial<ServeDependencies> = {}) =>
      ask(createRoutes({ ...dependencies, ...changed }), path, asked),
  };
}

/** A value of DynamoDB as tests compare it. */
function plain(value: AttributeValue): unknown {
  if (value.L !== undefined) return value.L.map(plain);
  if (value.M === undefined) return value.N === undefined ? (value.S ?? value.B) : Number(value.N);
  return Object.fromEntries(Object.entries(value.M).map(([name, part]) => [name, plain(part)]));
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** An answer as a client has it: refusals are OperationOutcomes by then. */
export interface Told extends HttpAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: tests look wherever they like
  readonly json: any;
}

async function ask(routes: ReturnType<typeof createRoutes>, address: string, asked: Asked): Promise<Told> {
  const url = new URL(address.startsWith('http') ? address : `${FHIR_URL}/${address}`);
  const { method = 'GET', headers = {}, organisation: caller = 'uhd', source = 'main', scopes = ['system/*.cruds'] } = asked;
  const request: HttpRequest = {
    method,
    path: url.pathname.slice('/fhir/R4'.length).split('/').filter(Boolean).map(decodeURIComponent),
    query: [...url.searchParams],
    headers,
    body: Buffer.from(typeof asked.body === 'string' ? asked.body : asked.body === undefined ? '' : JSON.stringify(asked.body)),
    caller: asked.caller === null ? undefined : { ...systemViewer(caller, `${caller}-epr`), source, scopes, ...asked.viewer },
    requestId: randomUUID(),
    correlationId: undefined,
    fhirUrl: FHIR_URL,
  };
  const answer = await routes(request);
  const told = isRefusal(answer) ? answerOf(answer) : answer;
  return { ...told, json: told.body === undefined ? undefined : JSON.parse(told.body) };
}
