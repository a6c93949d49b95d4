import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { newAccessId } from '../../shared/access/access-id.ts';
import { apiHandler, startRoutes } from '../../shared/lambda/api.ts';
import { readBeside } from '../../shared/lambda/beside.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { loadKeys } from '../../shared/lambda/keys.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createIdentity } from '../../shared/record/identity.ts';
import { createAudit } from '../../shared/store/audit.ts';
import { createRecordStore } from '../../shared/store/record.ts';
import { environment } from './env.ts';
import { createRoutes } from './routes.ts';

const { RECORD_TABLE, AUDIT_TABLE, KEYS_SECRET_ARN, LAMBDA_TASK_ROOT } = readEnvironment([...environment, 'LAMBDA_TASK_ROOT']);

const log = createLog();
const client = new DynamoDBClient({});

async function start() {
  const keys = await loadKeys(new SecretsManagerClient({}), KEYS_SECRET_ARN);
  return createRoutes({
    store: createRecordStore({ client, table: RECORD_TABLE }),
    audit: createAudit({ client, table: AUDIT_TABLE }),
    ...readBeside(LAMBDA_TASK_ROOT),
    identity: createIdentity(keys.identity),
    grants: async () => [],
    cursorKey: keys.cursor,
    auditKey: keys.audit,
    entryId: newAccessId,
    now: () => new Date(),
    log,
  });
}

export const handler = apiHandler(startRoutes(start, log), log);
