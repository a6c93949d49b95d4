import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createCompactor } from '../../shared/store/compaction.ts';
import { createHandler } from './compact.ts';
import { environment } from './env.ts';

const { RECORD_TABLE } = readEnvironment(environment);

export const handler = createHandler({
  compact: createCompactor({ client: new DynamoDBClient(CLIENT), table: RECORD_TABLE }),
  log: createLog(),
});
