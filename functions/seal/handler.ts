import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createChain } from '../../shared/store/chain/chain.ts';
import { environment } from './env.ts';
import { createHandler } from './seal.ts';

const { AUDIT_CHAIN_TABLE } = readEnvironment(environment);

/** Others append within milliseconds: waits for up to as long as a put takes, so that not all try again at once. */
const BACK_OFF_MS = 20;

export const handler = createHandler({
  chain: createChain({
    client: new DynamoDBClient(CLIENT),
    table: AUDIT_CHAIN_TABLE,
    now: () => new Date(),
    backOff: async (attempt) => void (await sleep(Math.random() * BACK_OFF_MS * Math.min(attempt, 10))),
  }),
  log: createLog(),
});
