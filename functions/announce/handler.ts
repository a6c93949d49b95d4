import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { createPublisher } from '../../shared/bus/publish.ts';
import { readBeside } from '../../shared/lambda/beside.ts';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createGrants } from '../../shared/store/oversight/grants.ts';
import { createTasks } from '../../shared/store/oversight/tasks.ts';
import { createRecordStore } from '../../shared/store/record.ts';
import { createHandler } from './announce.ts';
import { environment } from './env.ts';
import { createHistory } from './history.ts';
import { createOpenWaitingGrants } from './open-waiting-grants.ts';
import { createRaiseQuestions } from './raise-questions.ts';
import { createSteps } from './steps.ts';

const { LAMBDA_TASK_ROOT, RECORD_TABLE, OVERSIGHT_TABLE, EVENT_BUS, EVENT_ORIGIN, FHIR_URL } = readEnvironment([
  ...environment,
  'LAMBDA_TASK_ROOT',
]);
const log = createLog();

const client = new DynamoDBClient(CLIENT);
const store = createRecordStore({ client, table: RECORD_TABLE });
const oversight = { client, table: OVERSIGHT_TABLE };
const { access, directory } = readBeside(LAMBDA_TASK_ROOT);

export const handler = createHandler({
  steps: createSteps(store),
  history: createHistory(store),
  raiseQuestions: createRaiseQuestions({ tasks: createTasks(oversight), store, access, directory }),
  openWaitingGrants: createOpenWaitingGrants(createGrants(oversight)),
  access,
  directory,
  publish: createPublisher({ client: new EventBridgeClient(CLIENT), log, now: Date.now, random: Math.random, sleep }),
  origin: { source: EVENT_ORIGIN, fhirUrl: FHIR_URL },
  bus: EVENT_BUS,
  log,
  now: () => new Date(),
});
