import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import * as z from 'zod/mini';
import { REVIEW_ASKED } from './operations.ts';
import { eventBusName } from './settings.ts';

const USAGE = `npm run review -- [--data DIR | --deployment NAME]

Has the audit reviewed at once, as it is every hour. What it finds is in the review queue a moment later.

  --data DIR         the data of a local run (default .local), which must be running
  --deployment NAME  a deployment on AWS, with the credentials of your environment`;

const runtime = z.object({
  servicesEndpoint: z.string(),
  region: z.string(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
});

/** The deployment that runs on one machine. */
const LOCAL = 'demo';

function localClient(dataDir: string): EventBridgeClient {
  const {
    servicesEndpoint: endpoint,
    region,
    credentials,
  } = runtime.parse(JSON.parse(readFileSync(join(dataDir, 'runtime.json'), 'utf8')));
  return new EventBridgeClient({ endpoint, region, credentials });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      data: { type: 'string', default: '.local' },
      deployment: { type: 'string' },
    },
  });
  if (values.help) return console.log(USAGE);
  const client = values.deployment === undefined ? localClient(values.data) : new EventBridgeClient();
  const { FailedEntryCount } = await client.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: eventBusName({ deployment: values.deployment ?? LOCAL }),
          Source: REVIEW_ASKED.source,
          DetailType: REVIEW_ASKED.detailType,
          Detail: '{}',
        },
      ],
    }),
  );
  if (FailedEntryCount) throw new Error('The bus did not take the request.');
  console.log('The audit is being reviewed.');
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
