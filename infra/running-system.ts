import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { readJson } from './local/data-folder/json-file.ts';

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
  const found = readJson(join(dataDir, 'runtime.json'));
  if (found === undefined)
    throw new Error(`Nothing has run on ${dataDir} yet: begin with npm start, or name its folder (--data DIR).`);
  const { dynamodbEndpoint, region, tables, credentials } = runtime.parse(found);
  return { client: new DynamoDBClient({ endpoint: dynamodbEndpoint, region, credentials }), tables };
}
