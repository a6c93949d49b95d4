import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createCompactor } from '../../shared/store/compaction.ts';
import { createHandler } from './compact.ts';
import { environment } from './env.ts';

const { RECORD_TABLE } = readEnvironment(environment);

export const handler = createHandler({
  compact: createCompactor({ client: new DynamoDBClient(), table: RECORD_TABLE }),
  log: createLog(),
});
