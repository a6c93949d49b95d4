import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { apiHandler, startRoutes } from '../../shared/lambda/api.ts';
import { readBeside } from '../../shared/lambda/beside.ts';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { loadKeys, loadVersionNames } from '../../shared/lambda/keys.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createIdentity } from '../../shared/record/identity.ts';
import { createIdempotency } from '../../shared/store/idempotency.ts';
import { createRecordStore } from '../../shared/store/record.ts';
import { createFeeds } from '../../shared/store/signals/feeds.ts';
import { environment } from './env.ts';
import { createNoteFeed } from './feed.ts';
import { createRoutes } from './routes.ts';

const { RECORD_TABLE, SIGNALS_TABLE, KEYS_SECRET_ARN, VERSIONS_SECRET_ARN, LAMBDA_TASK_ROOT } = readEnvironment([
  ...environment,
  'LAMBDA_TASK_ROOT',
]);

const client = new DynamoDBClient(CLIENT);
const log = createLog();

async function start() {
  const secrets = new SecretsManagerClient(CLIENT);
  const [keys, versionNames] = await Promise.all([
    loadKeys(secrets, KEYS_SECRET_ARN),
    loadVersionNames(secrets, VERSIONS_SECRET_ARN),
  ]);
  const beside = readBeside(LAMBDA_TASK_ROOT);
  return createRoutes({
    store: createRecordStore({ client, table: RECORD_TABLE }),
    idempotency: createIdempotency({ client, table: RECORD_TABLE }),
    access: beside.access,
    sources: beside.sources,
    identity: createIdentity(keys.identity),
    versionNames,
    noteFeed: createNoteFeed({ feeds: createFeeds({ client, table: SIGNALS_TABLE }), log }),
  });
}

export const handler = apiHandler(startRoutes(start, log), log);
