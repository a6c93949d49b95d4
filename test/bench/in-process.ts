import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { ConsumedCapacity, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createNoteFeed } from '../../functions/ingest/feed.ts';
import { createRoutes as createIngest } from '../../functions/ingest/routes.ts';
import { createFreshness } from '../../functions/serve/looking/freshness.ts';
import { createRoutes as createServe } from '../../functions/serve/routes.ts';
import { SEARCH_BUDGET } from '../../functions/serve/search-budget.ts';
import { demo } from '../../infra/deployments/demo.ts';
import { createAccess } from '../../shared/access/access.ts';
import { newAccessId } from '../../shared/access/access-id.ts';
import { REDACTING } from '../../shared/access/deciding/redacting.ts';
import { loadPolicies, readPolicies } from '../../shared/access/policy-set.ts';
import { systemViewer } from '../../shared/access/viewer.ts';
import { createDirectory } from '../../shared/directory/directory.ts';
import { createSources } from '../../shared/directory/sources.ts';
import { isRefusal } from '../../shared/fhir/outcomes.ts';
import type { Routes } from '../../shared/lambda/api.ts';
import type { HttpRequest } from '../../shared/lambda/http.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createIdentity } from '../../shared/record/identity.ts';
import { createVersionNames } from '../../shared/record/version-names.ts';
import { createAudit } from '../../shared/store/audit.ts';
import { createAuditReads } from '../../shared/store/audit-reads.ts';
import { createIdempotency } from '../../shared/store/idempotency.ts';
import { createTasks } from '../../shared/store/oversight/tasks.ts';
import { createRecordStore } from '../../shared/store/record.ts';
import { createFeeds } from '../../shared/store/signals/feeds.ts';
import type { Engine } from '../engine.ts';
import { partnershipOf } from '../partnership.ts';

/** Request units since the engine started. */
export interface Counted {
  readonly written: number;
  readonly read: number;
}

const WRITES = new Set([
  'PutItemCommand',
  'TransactWriteItemsCommand',
  'UpdateItemCommand',
  'DeleteItemCommand',
  'BatchWriteItemCommand',
]);

/** Asks for and adds up the units of every call. */
export function countUnits(client: DynamoDBClient): () => Counted {
  const counted = { written: 0, read: 0 };
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (given) => {
        const answer = await next({ ...given, input: { ...given.input, ReturnConsumedCapacity: 'TOTAL' } as typeof given.input });
        const { ConsumedCapacity: consumed } = answer.output as { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] };
        const kind = WRITES.has(commandName ?? '') ? 'written' : 'read';
        for (const each of [consumed ?? []].flat()) counted[kind] += each.CapacityUnits ?? 0;
        return answer;
      },
    { step: 'initialize', name: 'countUnits' },
  );
  return () => ({ ...counted });
}

/** Sends a request to a function's routes. @returns the body of the answer @throws Error when it was refused */
export type Send = (
  method: string,
  path: readonly string[],
  body: string | Buffer,
  query?: HttpRequest['query'],
) => Promise<string>;

/** The functions as they run, each with a memory of its own, without HTTP. */
export function inProcess({ client, recordTable, auditTable, oversightTable, signalsTable }: Engine): {
  readonly ingest: Send;
  readonly serve: Send;
} {
  const directory = createDirectory(demo.organisations);
  const access = createAccess(
    loadPolicies(readPolicies(resolve(import.meta.dirname, '../../shared/access/policies'))),
    partnershipOf(directory),
    REDACTING,
  );
  const identity = createIdentity(Buffer.alloc(32, 1));
  const versionNames = createVersionNames(Buffer.alloc(32, 2));
  const store = () => createRecordStore({ client, table: recordTable });
  const ingest = createIngest({
    store: store(),
    access,
    identity,
    versionNames,
    sources: createSources([]),
    idempotency: createIdempotency({ client, table: recordTable }),
    // One write unit a minute for each organisation and process, in the first figure of each.
    noteFeed: createNoteFeed({ feeds: createFeeds({ client, table: signalsTable }), log: createLog() }),
  });
  const serve = createServe({
    store: store(),
    audit: createAudit({ client, table: auditTable }),
    auditReads: createAuditReads({ client, table: auditTable }),
    access,
    directory,
    sources: createSources([]),
    freshness: createFreshness({
      feeds: createFeeds({ client, table: signalsTable }),
      agreed: [],
      directory,
      log: createLog(),
      now: () => new Date(),
    }),
    identity,
    versionNames,
    grants: async () => [],
    tasks: createTasks({ client, table: oversightTable }),
    lead: 'dch',
    searchBudget: SEARCH_BUDGET,
    tokens: { authorizeUrl: 'https://chesil.example/oauth2/authorize', tokenUrl: 'https://chesil.example/oauth2/token' },
    cursorKey: Buffer.alloc(32, 2),
    auditKey: Buffer.alloc(32, 3),
    entryId: newAccessId,
    now: () => new Date(),
    log: createLog(),
  });
  return { ingest: sender(ingest), serve: sender(serve) };
}

const sender =
  (routes: Routes): Send =>
  async (method, path, body, query = []) => {
    const answer = await routes({
      method,
      path,
      query,
      headers: { 'content-type': 'application/fhir+json' },
      body: Buffer.from(body),
      caller: { ...systemViewer('uhd', 'bench'), source: 'main', scopes: ['system/*.cruds'] },
      requestId: randomUUID(),
      correlationId: undefined,
      fhirUrl: 'http://localhost/fhir/R4',
    });
    if (isRefusal(answer)) throw new Error('a sample was refused', { cause: answer.issues });
    return answer.body ?? '';
  };
