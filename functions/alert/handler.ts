import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { createPublisher } from '../../shared/bus/publish.ts';
import { CLIENT } from '../../shared/lambda/clients.ts';
import { readEnvironment } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createHandler } from './alert.ts';
import { environment } from './env.ts';

const { EVENT_BUS, EVENT_ORIGIN, FHIR_URL, OVERSIGHT_LEAD } = readEnvironment(environment);
const log = createLog();

export const handler = createHandler({
  publish: createPublisher({ client: new EventBridgeClient(CLIENT), log, now: Date.now, random: Math.random, sleep }),
  origin: { source: EVENT_ORIGIN, fhirUrl: FHIR_URL },
  lead: OVERSIGHT_LEAD,
  bus: EVENT_BUS,
  log,
  now: () => new Date(),
});
