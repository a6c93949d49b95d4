import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import * as z from 'zod/mini';
import { eventBusName } from '../settings.ts';

/** Which system an operator speaks to. */
export interface Whereabouts {
  /** Data folder of a system that runs on this machine. */
  readonly data: string;
  /** Name of a deployment on AWS; left out, the system on this machine. */
  readonly deployment?: string;
}

const runtime = z.object({
  servicesEndpoint: z.string(),
  region: z.string(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
});

/** The deployment that runs on one machine. */
const LOCAL = 'demo';

/** What clients of AWS are made with: on AWS, what the operator's environment says. @throws Error when nothing has run there yet */
export function clientOptions({ data, deployment }: Whereabouts) {
  if (deployment !== undefined) return {};
  const { servicesEndpoint, ...rest } = runtime.parse(JSON.parse(readFileSync(join(data, 'runtime.json'), 'utf8')));
  return { endpoint: servicesEndpoint, ...rest };
}

/** Puts on the bus what a rule waits for. @throws Error when the bus did not take it */
export async function ask(
  whereabouts: Whereabouts,
  { source, detailType }: { readonly source: string; readonly detailType: string },
  detail: object = {},
): Promise<void> {
  const entry = {
    EventBusName: eventBusName({ deployment: whereabouts.deployment ?? LOCAL }),
    Source: source,
    DetailType: detailType,
    Detail: JSON.stringify(detail),
  };
  const client = new EventBridgeClient(clientOptions(whereabouts));
  const { FailedEntryCount } = await client.send(new PutEventsCommand({ Entries: [entry] }));
  if (FailedEntryCount) throw new Error('The bus did not take the request.');
}
