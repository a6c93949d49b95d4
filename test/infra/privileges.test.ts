import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  [/SignalsTable.*\/index\//, 'signal indexes'],
  [/SignalsTable/, 'signals'],
  [/RecordKey/, 'record key'],
  [/OperationsKey/, 'operations key'],
  [/IdentitySecret/, 'identity secret'],
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

/** All that each function may do, and to what. A grant that is not here fails, as one that is missing does. */
const PRIVILEGES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  serve: {
    ...LOG_AND_TRACE,
    record: ['dynamodb:GetItem', 'dynamodb:Query'],
    audit: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    'audit indexes': ['dynamodb:Query'],
    oversight: ['dynamodb:Query'],
    signals: ['dynamodb:BatchGetItem'],
    'identity secret': ['secretsmanager:GetSecretValue'],
    'record key': ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  ingest: {
    ...LOG_AND_TRACE,
    record: ['dynamodb:ConditionCheckItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    signals: ['dynamodb:UpdateItem'],
    'identity secret': ['secretsmanager:GetSecretValue'],
    'record key': ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  justify: {
    ...LOG_AND_TRACE,
    audit: ['dynamodb:PutItem'],
    oversight: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    'record key': ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
  },
  announce: {
    ...followStreamOf('record'),
    record: ['dynamodb:GetItem', 'dynamodb:Query'],
    bus: ['events:PutEvents'],
    'record key': ['kms:Decrypt', 'kms:DescribeKey'],
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

  it('lets a subscriber collect from its own queue and do nothing else', () => {
    const collectors = Object.keys(system.resources('AWS::IAM::Role')).filter((id) => id.includes('Collector'));
    const audiences = Object.values(system.resources('AWS::Events::Rule')).filter(
      ({ Properties }) => Properties.EventPattern?.detail?.audience,
    );
    expect(collectors).toHaveLength(audiences.length);
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

  it('lets only API Gateway, Cognito and the rules of the review call functions, and each only its own', () => {
    const permissions = Object.values(system.resources('AWS::Lambda::Permission')).map(({ Properties }) => Properties);
    expect(permissions.map(({ Principal }) => Principal).sort()).toEqual([
      'apigateway.amazonaws.com',
      'apigateway.amazonaws.com',
      'apigateway.amazonaws.com',
      'cognito-idp.amazonaws.com',
      'events.amazonaws.com',
      'events.amazonaws.com',
    ]);
    for (const { SourceArn } of permissions) expect(SourceArn).toBeDefined();
  });
});
