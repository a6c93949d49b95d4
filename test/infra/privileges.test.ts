import { App, Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsKey } from '../../infra/constructs/encryption.ts';
import { grantSendToEndpoints } from '../../infra/constructs/signals/endpoints.ts';
import { checkSettings, loadSettings } from '../../infra/settings.ts';
import { type Synthesised, synthesise } from './synthesised.ts';

let system: Synthesised;
beforeAll(async () => {
  system = await synthesise({ checks: false });
});
afterAll(() => system.remove());

/** Resources of the templates in one word each; the first that fits names it. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/RecordTable.*StreamArn/, 'record stream'],
  [/RecordTable/, 'record'],
  [/AuditChainTable/, 'chain'],
  [/AuditTable.*StreamArn/, 'audit stream'],
  [/AuditTable.*\/index\//, 'audit indexes'],
  [/AuditTable/, 'audit'],
  [/OversightTable.*StreamArn/, 'oversight stream'],
  [/OversightTable/, 'oversight'],
  [/SignalsTable.*\/index\/byOrganisation/, 'signals of organisations'],
  [/SignalsTable.*\/index\/byKind/, 'signals of a kind'],
  [/SignalsTable/, 'signals'],
  [/SignalsArrivals/, 'arrivals'],
  [/SignalsWakes/, 'wakes'],
  [/Subscriber.*Queue/, 'queues of subscribers'],
  [/secret:chesil\/demo\/subscription\/\*/, 'signing secrets'],
  [/rule\/chesil-demo\/subscription-\*/, 'rules of subscriptions'],
  [/AnnouncementsArchive/, 'archive'],
  [/:replay\/\*/, 'replays'],
  [/EventsKey/, 'events key'],
  [/RecordKey/, 'record key'],
  [/OperationsKey/, 'operations key'],
  [/IdentitySecret/, 'identity secret'],
  [/VersionsSecret/, 'versions secret'],
  [/AnnouncementsBus/, 'bus'],
  [/DeadLetters/, 'dead letters'],
  [/parameter\/chesil\/demo\/clients\/\*/, 'clients'],
  [/Logs/, 'logs'],
  [/^"\*"$/, 'anything'],
];

const LOG_AND_TRACE = {
  logs: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  anything: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
};

/** Following the stream of a table. */
const followStreamOf = (table: string) => ({
  [`${table} stream`]: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
  'dead letters': ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
  'operations key': ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
  logs: LOG_AND_TRACE.logs,
  anything: ['dynamodb:ListStreams', ...LOG_AND_TRACE.anything],
});

/** Being handed what a queue holds. */
const takeFrom = (queue: string): Record<string, readonly string[]> => ({
  [queue]: [
    ...['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    ...['sqs:GetQueueUrl', 'sqs:ReceiveMessage'],
  ],
});

/** Saying that something waits for a subscription. */
const WAKE = { wakes: ['sqs:SendMessage'], 'events key': ['kms:Decrypt', 'kms:GenerateDataKey'] };

/** Keeping the rules of subscriptions, and no others. */
const ROUTE = {
  'rules of subscriptions': [
    ...['events:DeleteRule', 'events:ListTargetsByRule', 'events:PutRule'],
    ...['events:PutTargets', 'events:RemoveTargets'],
  ],
};

/** All that each function may do, and to what. A grant that is not here fails, as one that is missing does. */
const PRIVILEGES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  serve: {
    ...LOG_AND_TRACE,
    record: ['dynamodb:GetItem', 'dynamodb:Query'],
    audit: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    'audit indexes': ['dynamodb:Query'],
    oversight: ['dynamodb:Query'],
    signals: ['dynamodb:BatchGetItem'],
    'versions secret': ['secretsmanager:GetSecretValue'],
    'identity secret': ['secretsmanager:GetSecretValue'],
    'record key': ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  ingest: {
    ...LOG_AND_TRACE,
    record: ['dynamodb:ConditionCheckItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    signals: ['dynamodb:UpdateItem'],
    'versions secret': ['secretsmanager:GetSecretValue'],
    'identity secret': ['secretsmanager:GetSecretValue'],
    'record key': ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  justify: {
    ...LOG_AND_TRACE,
    audit: ['dynamodb:PutItem'],
    oversight: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    // Whether there is a record, and the key that a person's id is derived with.
    record: ['dynamodb:Query'],
    'identity secret': ['secretsmanager:GetSecretValue'],
    'record key': ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  subscribe: {
    logs: LOG_AND_TRACE.logs,
    anything: ['events:ListReplays', 'events:ListRules', ...LOG_AND_TRACE.anything],
    signals: [
      ...['dynamodb:BatchGetItem', 'dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem'],
      ...['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    ],
    'signals of organisations': ['dynamodb:Query'],
    record: ['dynamodb:GetItem', 'dynamodb:Query'],
    'identity secret': ['secretsmanager:GetSecretValue'],
    'signing secrets': [
      ...['secretsmanager:CreateSecret', 'secretsmanager:DeleteSecret'],
      ...['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
    ],
    ...ROUTE,
    archive: ['events:StartReplay'],
    replays: ['events:StartReplay'],
    ...WAKE,
    'record key': ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  collect: {
    ...LOG_AND_TRACE,
    ...takeFrom('arrivals'),
    signals: [
      ...['dynamodb:BatchWriteItem', 'dynamodb:GetItem', 'dynamodb:PutItem'],
      ...['dynamodb:Query', 'dynamodb:UpdateItem'],
    ],
    record: ['dynamodb:GetItem', 'dynamodb:Query'],
    'signing secrets': ['secretsmanager:GetSecretValue'],
    'queues of subscribers': ['sqs:SendMessage'],
    ...WAKE,
    'record key': ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  deliver: {
    ...LOG_AND_TRACE,
    ...WAKE,
    wakes: [...takeFrom('wakes').wakes!, ...WAKE.wakes],
    signals: [
      ...['dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem'],
      ...['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    ],
    record: ['dynamodb:GetItem', 'dynamodb:Query'],
    'signing secrets': ['secretsmanager:GetSecretValue'],
    bus: ['events:PutEvents'],
    'queues of subscribers': ['sqs:SendMessage'],
    'record key': ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  tend: {
    logs: LOG_AND_TRACE.logs,
    anything: ['events:ListRules', ...LOG_AND_TRACE.anything],
    signals: [
      ...['dynamodb:BatchGetItem', 'dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem'],
      ...['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    ],
    'signals of a kind': ['dynamodb:Query'],
    ...ROUTE,
    bus: ['events:PutEvents'],
    ...WAKE,
    'record key': ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  announce: {
    ...followStreamOf('record'),
    record: ['dynamodb:GetItem', 'dynamodb:Query'],
    oversight: ['dynamodb:PutItem', 'dynamodb:Query'],
    bus: ['events:PutEvents'],
    'versions secret': ['secretsmanager:GetSecretValue'],
    'record key': ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  alert: {
    ...followStreamOf('oversight'),
    bus: ['events:PutEvents'],
    'record key': ['kms:Decrypt', 'kms:DescribeKey'],
  },
  review: {
    ...LOG_AND_TRACE,
    record: ['dynamodb:GetItem', 'dynamodb:Query'],
    audit: ['dynamodb:BatchGetItem'],
    'audit indexes': ['dynamodb:Query'],
    oversight: ['dynamodb:PutItem', 'dynamodb:Query'],
    'record key': ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  compact: {
    ...followStreamOf('record'),
    record: ['dynamodb:ConditionCheckItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    'record key': ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  seal: {
    ...followStreamOf('audit'),
    chain: ['dynamodb:PutItem', 'dynamodb:Query'],
    'record key': ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  claims: {
    ...LOG_AND_TRACE,
    clients: ['ssm:GetParameter'],
    'identity secret': ['secretsmanager:GetSecretValue'],
    'record key': ['kms:Decrypt'],
  },
};

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

const listed = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

function wordFor(resource: unknown): string {
  const text = JSON.stringify(resource);
  return WORDS.find(([pattern]) => pattern.test(text))?.[1] ?? text;
}

/** What the policies attached to the role of a function allow, by resource. */
function privilegesOf(name: string): Record<string, string[]> {
  const policies = Object.entries(system.resources('AWS::IAM::Policy')).filter(([id]) => id.startsWith(`${name}Role`));
  const allowed = new Map<string, Set<string>>();
  for (const { Effect, Action, Resource } of policies.flatMap(
    ([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[],
  )) {
    expect(Effect).toBe('Allow');
    for (const word of listed(Resource).map(wordFor)) {
      const actions = allowed.get(word) ?? new Set();
      for (const action of listed(Action)) actions.add(action);
      allowed.set(word, actions);
    }
  }
  return Object.fromEntries([...allowed].map(([resource, actions]) => [resource, [...actions].sort()]));
}

describe('least privilege', () => {
  it.each(Object.keys(PRIVILEGES))('%s may do what the table says and nothing else', (name) => {
    expect(privilegesOf(name)).toEqual(PRIVILEGES[name]);
  });

  it('covers every function, and no role has policies from elsewhere', () => {
    const roles = Object.entries(system.resources('AWS::IAM::Role')).filter(([, { Properties }]) =>
      JSON.stringify(Properties.AssumeRolePolicyDocument).includes('lambda.amazonaws.com'),
    );
    expect(roles.map(([id]) => id.replace(/Role.*/, '')).sort()).toEqual(Object.keys(PRIVILEGES).sort());
    for (const [, { Properties }] of roles) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
      expect(Properties.Policies).toBeUndefined();
    }
  });

  it('lets the rules of subscriptions hand on to our queue, and nowhere else', () => {
    for (const name of ['subscribe', 'tend']) {
      const statements = Object.entries(system.resources('AWS::IAM::Policy'))
        .filter(([id]) => id.startsWith(`${name}Role`))
        .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
      const [put, ...more] = statements.filter(({ Action }) => listed(Action).includes('events:PutTargets'));
      expect([put.Action, more]).toEqual(['events:PutTargets', []]);
      expect(JSON.stringify(put.Condition)).toMatch(
        /^\{"ForAllValues:ArnEquals":\{"events:TargetArn":\{[^*]*SignalsArrivals(?!DeadLetters)[^*]*\}\}\}$/,
      );
    }
  });

  it('lets deliver send to the queues and buses that the settings name, and to no others', () => {
    const app = new App({ context: { '@aws-cdk/core:validateAgainstDefaultRules': false } });
    const allowed: [readonly string[], readonly string[]][] = [];
    const sender = { allow: (actions: readonly string[], ...resources: readonly string[]) => allowed.push([actions, resources]) };
    const theirs = { queueArns: ['arn:aws:sqs:eu-west-2:1:q'], busArns: ['arn:aws:events:eu-west-2:1:event-bus/b'] };
    const settings = checkSettings({ ...loadSettings('demo'), subscribers: [] });
    const encryptionKey = eventsKey(new Stack(app, 'events'));
    grantSendToEndpoints(sender as never, { settings, queues: [], encryptionKey });
    expect(allowed).toEqual([]);
    const subscribers = [{ organisation: 'uhd', queue: false, hosts: [], ...theirs }];
    grantSendToEndpoints(sender as never, { settings: { subscribers }, queues: [], encryptionKey });
    expect(allowed).toEqual([
      [['sqs:SendMessage'], theirs.queueArns],
      [['events:PutEvents'], theirs.busArns],
    ]);
  });

  it('lets a subscriber collect from its own queue and do nothing else', () => {
    const collectors = Object.keys(system.resources('AWS::IAM::Role')).filter((id) => id.includes('Collector'));
    const collected = Object.values(system.resources('AWS::SQS::Queue')).filter(({ Properties }) =>
      /^chesil-demo-(?!signals-)/.test(Properties.QueueName ?? ''),
    );
    expect(collectors).toHaveLength(collected.length);
    for (const [id, { Properties }] of Object.entries(system.resources('AWS::IAM::Policy')).filter(([id]) =>
      id.includes('Collector'),
    )) {
      const [collect, decrypt, ...more] = Properties.PolicyDocument.Statement as Statement[];
      const [subscription] = id.split('Collector');
      expect(collect!.Resource).toEqual({ 'Fn::GetAtt': [expect.stringMatching(`^${subscription}Queue`), 'Arn'] });
      for (const action of listed(collect!.Action)) expect(action).toMatch(/^sqs:(Receive|Delete|ChangeMessageV|GetQueue)\w+$/);
      expect([decrypt!.Action, more]).toEqual(['kms:Decrypt', []]);
    }
  });

  it('lets only API Gateway, Cognito and the rules of review and tending call functions, and each only its own', () => {
    const permissions = Object.values(system.resources('AWS::Lambda::Permission')).map(({ Properties }) => Properties);
    expect(permissions.map(({ Principal }) => Principal).sort()).toEqual([
      'apigateway.amazonaws.com',
      'apigateway.amazonaws.com',
      'apigateway.amazonaws.com',
      'apigateway.amazonaws.com',
      'cognito-idp.amazonaws.com',
      'events.amazonaws.com',
      'events.amazonaws.com',
      'events.amazonaws.com',
      'events.amazonaws.com',
      'events.amazonaws.com',
    ]);
    for (const { SourceArn } of permissions) expect(SourceArn).toBeDefined();
  });
});
