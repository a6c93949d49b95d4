import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { createServiceEndpoint } from '../../endpoint/endpoint.ts';
import { createCredentials } from '../../iam/credentials.ts';
import { policiesOf } from '../../iam/policies.ts';
import { functionPrincipal } from '../../iam/principal.ts';
import { openMessages } from '../../queues/messages.ts';
import { createQueues } from '../../queues/queues.ts';
import type { ResolvedResource } from '../../resource.ts';
import { createBus } from '../bus.ts';

/** A bus of its own, asked over HTTP as a function would: rules are put, events are put, and what arrives in the queue tells. */
export interface RunningBus {
  /** @returns whether the bus took the rule */
  putRule(name: string, pattern: string): Promise<boolean>;
  removeRule(name: string): Promise<void>;
  /** @returns the id of each event */
  putEvents(details: readonly string[]): Promise<readonly string[]>;
  /** What has arrived since it was asked last: rule and event id. */
  arrived(): Promise<readonly { readonly rule: string; readonly event: string }[]>;
  close(): Promise<void>;
}

const PLACE = { region: 'eu-west-2', account: '000000000000' };
const QUEUE = 'arn:aws:sqs:eu-west-2:000000000000:arrivals.fifo';
const ROLE = 'arn:aws:iam::000000000000:role/asker';
const MOST_ENTRIES = 10;

const statement = (more: object) => ({ Statement: { Effect: 'Allow', Action: '*', Resource: '*', ...more } });
const resource = (type: string, ref: string, Arn: string, properties: object): ResolvedResource => ({
  ...{ logicalId: ref, type, ref },
  properties: { ...properties },
  attributes: { Arn },
});
const RESOURCES = [
  resource('AWS::SQS::Queue', 'http://127.0.0.1/000000000000/arrivals.fifo', QUEUE, {
    FifoQueue: true,
    ContentBasedDeduplication: true,
    DeduplicationScope: 'messageGroup',
  }),
  resource('AWS::SQS::QueuePolicy', 'open', 'open', {
    Queues: [QUEUE],
    PolicyDocument: statement({ Principal: { Service: 'events.amazonaws.com' } }),
  }),
  resource('AWS::IAM::Role', 'asker', ROLE, { Policies: [{ PolicyDocument: statement({}) }] }),
];

/** Starts a bus in a folder that is gone afterwards. */
export async function startRunningBus(): Promise<RunningBus> {
  const folder = mkdtempSync(join(tmpdir(), 'agreement-'));
  const messages = openMessages(join(folder, 'messages.db'));
  const policies = policiesOf(RESOURCES);
  const parts = { resources: RESOURCES, messages, place: PLACE };
  const queues = createQueues(parts);
  const bus = createBus({ ...parts, queues, policies, invoke: async () => undefined });
  const credentials = createCredentials({ key: Buffer.alloc(32) });
  const endpoint = createServiceEndpoint({ services: [bus], credentials, policies });
  const asker = functionPrincipal({ functionName: 'asker', roleArn: ROLE, policies, place: PLACE });
  const client = new EventBridgeClient({
    endpoint: await endpoint.listen(0),
    region: PLACE.region,
    credentials: credentials.issue(asker),
  });

  const putEvents = async (details: readonly string[]): Promise<readonly string[]> => {
    const Entries = details.map((Detail) => ({ Source: 'agreement', DetailType: 'case', Detail }));
    const answer = await client.send(new PutEventsCommand({ Entries }));
    return answer.Entries!.map(({ EventId, ErrorMessage }) => {
      if (EventId === undefined) throw new Error(ErrorMessage);
      return EventId;
    });
  };
  return {
    async putRule(name, EventPattern) {
      try {
        await client.send(new PutRuleCommand({ Name: name, EventPattern }));
      } catch (error) {
        if ((error as Error).name === 'InvalidEventPatternException') return false;
        throw error;
      }
      const Targets = [{ Id: 'arrivals', Arn: QUEUE, SqsParameters: { MessageGroupId: name } }];
      await client.send(new PutTargetsCommand({ Rule: name, Targets }));
      return true;
    },
    async removeRule(Name) {
      await client.send(new RemoveTargetsCommand({ Rule: Name, Ids: ['arrivals'] }));
      await client.send(new DeleteRuleCommand({ Name }));
    },
    async putEvents(details) {
      const ids: string[] = [];
      for (let first = 0; first < details.length; first += MOST_ENTRIES)
        ids.push(...(await putEvents(details.slice(first, first + MOST_ENTRIES))));
      return ids;
    },
    async arrived() {
      const taken = await queues.receive(QUEUE, { most: 1_000_000, waitMs: 0, signal: new AbortController().signal });
      await queues.remove(taken);
      return taken.map(({ group_id, body }) => ({ rule: group_id!, event: JSON.parse(body).id as string }));
    },
    async close() {
      await endpoint.close();
      bus.close();
      queues.close();
      messages.close();
      rmSync(folder, { recursive: true });
    },
  };
}
