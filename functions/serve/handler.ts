import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { newAccessId } from '../../shared/access/access-id.ts';
import { REDACTING } from '../../shared/access/deciding/redacting.ts';
import { apiHandler, startRoutes } from '../../shared/lambda/api.ts';
import { readBeside } from '../../shared/lambda/beside.ts';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { withCors } from '../../shared/lambda/cors.ts';
import { readFeeds } from '../../shared/lambda/deployment.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { loadKeys, loadVersionNames } from '../../shared/lambda/keys.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createIdentity } from '../../shared/record/identity.ts';
import { createOpaqueVersions } from '../../shared/record/opaque-versions.ts';
import { createAudit } from '../../shared/store/audit.ts';
import { createAuditReads } from '../../shared/store/audit-reads.ts';
import { createGrants } from '../../shared/store/oversight/grants.ts';
import { createTasks } from '../../shared/store/oversight/tasks.ts';
import { createRecordStore } from '../../shared/store/record.ts';
import { createFeeds } from '../../shared/store/signals/feeds.ts';
import { environment } from './env.ts';
import { createFreshness } from './looking/freshness.ts';
import { createRoutes } from './routes.ts';
import { SEARCH_BUDGET } from './search-budget.ts';

const told = readEnvironment([...environment, 'LAMBDA_TASK_ROOT']);

const log = createLog();
const client = new DynamoDBClient(CLIENT);
const oversight = { client, table: told.OVERSIGHT_TABLE };

const now = () => new Date();

async function start() {
  const secrets = new SecretsManagerClient(CLIENT);
  const [keys, versionNames] = await Promise.all([
    loadKeys(secrets, told.KEYS_SECRET_ARN),
    loadVersionNames(secrets, told.VERSIONS_SECRET_ARN),
  ]);
  const copies = { ...REDACTING, withOpaqueVersion: createOpaqueVersions(versionNames) };
  const beside = readBeside(told.LAMBDA_TASK_ROOT, copies);
  return createRoutes({
    store: createRecordStore({ client, table: told.RECORD_TABLE }),
    audit: createAudit({ client, table: told.AUDIT_TABLE }),
    auditReads: createAuditReads({ client, table: told.AUDIT_TABLE }),
    ...beside,
    freshness: createFreshness({
      feeds: createFeeds({ client, table: told.SIGNALS_TABLE }),
      agreed: readFeeds(told.LAMBDA_TASK_ROOT),
      directory: beside.directory,
      log,
      now,
    }),
    identity: createIdentity(keys.identity),
    versionNames,
    grants: createGrants(oversight).grantsOf,
    tasks: createTasks(oversight),
    lead: told.OVERSIGHT_LEAD,
    searchBudget: SEARCH_BUDGET,
    tokens: { authorizeUrl: told.AUTHORIZE_URL, tokenUrl: told.TOKEN_URL },
    cursorKey: keys.cursor,
    auditKey: keys.audit,
    entryId: newAccessId,
    now,
    log,
  });
}

export const handler = apiHandler(withCors(told.APP_ORIGINS.split(' '), startRoutes(start, log)), log);
