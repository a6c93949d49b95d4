import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { newAccessId } from '../../shared/access/access-id.ts';
import { apiHandler, startRoutes } from '../../shared/lambda/api.ts';
import { readBeside } from '../../shared/lambda/beside.ts';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { withCors } from '../../shared/lambda/cors.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { loadKeys } from '../../shared/lambda/keys.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createIdentity } from '../../shared/record/identity.ts';
import { createAudit } from '../../shared/store/audit.ts';
import { createKnownPersons } from '../../shared/store/known-persons.ts';
import { createGrants } from '../../shared/store/oversight/grants.ts';
import { createStaffRegister } from '../../shared/store/oversight/staff-register.ts';
import { createTasks } from '../../shared/store/oversight/tasks.ts';
import { createWatchList } from '../../shared/store/oversight/watch-list.ts';
import { environment } from './env.ts';
import { createRoutes } from './routes.ts';

const { RECORD_TABLE, AUDIT_TABLE, OVERSIGHT_TABLE, OVERSIGHT_LEAD, KEYS_SECRET_ARN, APP_ORIGINS, LAMBDA_TASK_ROOT } =
  readEnvironment([...environment, 'LAMBDA_TASK_ROOT']);

const log = createLog();
const client = new DynamoDBClient(CLIENT);
const oversight = { client, table: OVERSIGHT_TABLE };
const { access } = readBeside(LAMBDA_TASK_ROOT);

async function start() {
  const keys = await loadKeys(new SecretsManagerClient(CLIENT), KEYS_SECRET_ARN);
  return createRoutes({
    grants: createGrants(oversight),
    persons: createKnownPersons({ client, table: RECORD_TABLE }),
    identity: createIdentity(keys.identity),
    tasks: createTasks(oversight),
    watchList: createWatchList(oversight),
    staffRegister: createStaffRegister(oversight),
    audit: createAudit({ client, table: AUDIT_TABLE }),
    access,
    lead: OVERSIGHT_LEAD,
    log,
    entryId: newAccessId,
    now: () => new Date(),
  });
}

export const handler = apiHandler(withCors(APP_ORIGINS.split(' '), startRoutes(start, log)), log);
