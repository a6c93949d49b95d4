import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';

const runtime = z.object({
  dynamodbEndpoint: z.string(),
  region: z.string(),
  tables: z.object({ Record: z.string(), Audit: z.string(), AuditChain: z.string(), Signals: z.string() }),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
});

/** The tables of a system that runs on this machine, and a client that may use them as whoever runs it. */
export interface RunningSystem {
  readonly client: DynamoDBClient;
  readonly tables: z.infer<typeof runtime>['tables'];
}

/** @param dataDir its data folder. @throws Error when nothing has run there yet, or an older version has */
export function runningSystem(dataDir: string): RunningSystem {
  const { dynamodbEndpoint, region, tables, credentials } = runtime.parse(
    JSON.parse(readFileSync(join(dataDir, 'runtime.json'), 'utf8')),
  );
  return { client: new DynamoDBClient({ endpoint: dynamodbEndpoint, region, credentials }), tables };
}
