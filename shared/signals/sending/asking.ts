import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readBeside } from '../../lambda/beside.ts';
import { readChannels } from '../../lambda/deployment.ts';
import { createRecordStore } from '../../store/record.ts';
import type { MayHear } from '../../store/signals/log/log.ts';
import { endpointAllowed } from '../channels.ts';
import { createHearing } from '../hearing.ts';
import type { Subscription } from '../subscription.ts';

/** What is asked before anything is sent. */
export interface Asking {
  readonly mayHear: MayHear;
  /** Whether the settings still allow the endpoint. */
  readonly isAgreed: (subscription: Subscription) => boolean;
}

/** Asks the records, the policies and the settings that lie beside the bundle. */
export function createAsking(
  client: DynamoDBClient,
  told: Readonly<Record<'LAMBDA_TASK_ROOT' | 'AWS_REGION' | 'RECORD_TABLE' | 'WAKES_QUEUE_URL', string>>,
): Asking {
  const { access } = readBeside(told.LAMBDA_TASK_ROOT);
  const channels = readChannels(told.LAMBDA_TASK_ROOT);
  // `https://<host>/<account>/<name>`: our own queue stands in our own account.
  const [, account = ''] = new URL(told.WAKES_QUEUE_URL).pathname.split('/');
  const place = { region: told.AWS_REGION, account };
  const { mayHear } = createHearing({
    records: createRecordStore({ client, table: told.RECORD_TABLE }),
    access,
    now: () => new Date(),
  });
  return { mayHear, isAgreed: ({ organisation, channel }) => endpointAllowed(channels, organisation, channel, place) };
}
