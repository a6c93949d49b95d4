import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createWakeAll } from '../../shared/bus/wakes.ts';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createMeasure } from '../../shared/lambda/metrics.ts';
import { METRIC_NAMESPACE, SIGNAL_UNITS } from '../../shared/signals/metrics.ts';
import { createSignalLog } from '../../shared/store/signals/log/log.ts';
import { createPanels } from '../../shared/store/signals/panels.ts';
import { createSubscriptions } from '../../shared/store/signals/subscriptions.ts';
import { createHandler } from './collect.ts';
import { environment } from './env.ts';

const { SIGNALS_TABLE, WAKES_QUEUE_URL } = readEnvironment(environment);
const store = { client: new DynamoDBClient(CLIENT), table: SIGNALS_TABLE };

export const handler = createHandler({
  subscriptions: createSubscriptions(store),
  panels: createPanels(store),
  signals: createSignalLog({ ...store, now: Date.now }),
  wake: createWakeAll(new SQSClient({ ...CLIENT, useQueueUrlAsEndpoint: false }), WAKES_QUEUE_URL),
  measure: createMeasure({ namespace: METRIC_NAMESPACE, service: 'collect', units: SIGNAL_UNITS }),
  log: createLog(),
  now: Date.now,
});
