import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServiceEndpoint } from '../../infra/local/endpoint/endpoint.ts';
import type { Service } from '../../infra/local/endpoint/service.ts';
import { type AccessKey, createCredentials } from '../../infra/local/iam/credentials.ts';
import { type Policies, policiesOf } from '../../infra/local/iam/policies.ts';
import { functionPrincipal, queueReaderPrincipal, subscriberPrincipal } from '../../infra/local/iam/principal.ts';
import { type Messages, openMessages } from '../../infra/local/queues/messages.ts';
import { createQueues, type Queues } from '../../infra/local/queues/queues.ts';
import type { Place, ResolvedResource } from '../../infra/local/resource.ts';

export const PLACE: Place = { region: 'eu-west-2', account: '000000000000' };

/** A resource of a made-up template. */
export const resource = (
  logicalId: string,
  type: string,
  properties: Record<string, unknown>,
  { ref = logicalId, arn }: { ref?: string; arn?: string } = {},
): ResolvedResource => ({ logicalId, type, properties, ref, attributes: arn === undefined ? {} : { Arn: arn } });

export const queueArn = (name: string): string => `arn:aws:sqs:${PLACE.region}:${PLACE.account}:${name}`;
export const queueUrl = (name: string): string => `http://127.0.0.1/${PLACE.account}/${name}`;

export const queue = (name: string, properties: Record<string, unknown> = {}): ResolvedResource =>
  resource(name, 'AWS::SQS::Queue', { QueueName: name, ...properties }, { ref: queueUrl(name), arn: queueArn(name) });

export const roleArn = (name: string): string => `arn:aws:iam::${PLACE.account}:role/${name}`;

/** A role with one inline policy. */
export const role = (name: string, statements: readonly unknown[]): ResolvedResource =>
  resource(
    name,
    'AWS::IAM::Role',
    {
      AssumeRolePolicyDocument: {},
      Policies: [{ PolicyName: 'inline', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
    { ref: name, arn: roleArn(name) },
  );

export interface RunningServices {
  readonly url: string;
  readonly dataDir: string;
  readonly messages: Messages;
  readonly queues: Queues;
  readonly policies: Policies;
  /** SDK settings of a function in a role of the template. */
  clientOf(roleName: string): ClientSettings;
  /** SDK settings of a partner's account. */
  partner(account: string): ClientSettings;
  /** SDK settings of a reader of one queue. */
  readerOf(queueName: string): ClientSettings;
  stop(): Promise<void>;
}

export interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: AccessKey;
}

interface Options {
  readonly now?: () => number;
  services?(running: Omit<RunningServices, 'url' | 'clientOf' | 'partner' | 'readerOf' | 'stop'>): readonly Service[];
}

/** Runs queues, and whatever other services are asked for, behind a real endpoint with data of its own. */
export async function startServices(
  resources: readonly ResolvedResource[],
  { now = Date.now, services = () => [] }: Options = {},
): Promise<RunningServices> {
  const dataDir = await mkdtemp(join(tmpdir(), 'services-'));
  const messages = openMessages(join(dataDir, 'messages.db'));
  const policies = policiesOf(resources);
  const credentials = createCredentials({ key: Buffer.alloc(32, 7) });
  const queues = createQueues({ resources, messages, place: PLACE, now });
  const others = services({ dataDir, messages, queues, policies });
  const endpoint = createServiceEndpoint({ services: [queues, ...others], credentials, policies });
  const url = await endpoint.listen(0);
  const settings = (credentials: AccessKey) => ({ endpoint: url, region: PLACE.region, credentials, maxAttempts: 1 });
  return {
    url,
    dataDir,
    messages,
    queues,
    policies,
    clientOf: (name) =>
      settings(credentials.issue(functionPrincipal({ functionName: name, roleArn: roleArn(name), policies, place: PLACE }))),
    readerOf: (name) => settings(credentials.issue(queueReaderPrincipal(queues.queue(queueArn(name)), PLACE))),
    partner: (account) => settings(credentials.issue(subscriberPrincipal(account))),
    async stop() {
      queues.close();
      await endpoint.close();
      messages.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
