import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { createPublisher } from '../../shared/bus/publish.ts';
import { readBeside } from '../../shared/lambda/beside.ts';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createRecordStore } from '../../shared/store/record.ts';
import { createHandler } from './announce.ts';
import { environment } from './env.ts';
import { createHistory } from './history.ts';
import { createSteps } from './steps.ts';

const { LAMBDA_TASK_ROOT, RECORD_TABLE, EVENT_BUS, EVENT_ORIGIN, FHIR_URL } = readEnvironment([
  ...environment,
  'LAMBDA_TASK_ROOT',
]);
const log = createLog();

const store = createRecordStore({ client: new DynamoDBClient(CLIENT), table: RECORD_TABLE });

export const handler = createHandler({
  steps: createSteps(store),
  history: createHistory(store),
  ...readBeside(LAMBDA_TASK_ROOT),
  publish: createPublisher({ client: new EventBridgeClient(CLIENT), log, now: Date.now, random: Math.random, sleep }),
  origin: { source: EVENT_ORIGIN, fhirUrl: FHIR_URL },
  bus: EVENT_BUS,
  log,
  now: () => new Date(),
});
