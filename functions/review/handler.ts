import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readDirectory } from '../../shared/lambda/deployment.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createLooks } from '../../shared/store/oversight/looks.ts';
import { createProgress } from '../../shared/store/oversight/progress.ts';
import { createStaffRegister } from '../../shared/store/oversight/staff-register.ts';
import { createTasks } from '../../shared/store/oversight/tasks.ts';
import { createWatchList } from '../../shared/store/oversight/watch-list.ts';
import { createRecordStore } from '../../shared/store/record.ts';
import { environment } from './env.ts';
import { createHandler } from './review.ts';

const { RECORD_TABLE, AUDIT_TABLE, OVERSIGHT_TABLE, LAMBDA_TASK_ROOT } = readEnvironment([...environment, 'LAMBDA_TASK_ROOT']);

const client = new DynamoDBClient(CLIENT);
const oversight = { client, table: OVERSIGHT_TABLE };

export const handler = createHandler({
  looks: createLooks({ client, table: AUDIT_TABLE }),
  store: createRecordStore({ client, table: RECORD_TABLE }),
  tasks: createTasks(oversight),
  watchList: createWatchList(oversight),
  staffRegister: createStaffRegister(oversight),
  progress: createProgress(oversight),
  directory: readDirectory(LAMBDA_TASK_ROOT),
  log: createLog(),
  now: () => new Date(),
});
