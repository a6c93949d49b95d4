import { describe, expect, it } from 'vitest';
import { authorise } from '../../infra/local/iam/authorise.ts';
import { createCredentials } from '../../infra/local/iam/credentials.ts';
import type { RequestContext } from '../../infra/local/iam/model.ts';
import { policiesOf } from '../../infra/local/iam/policies.ts';
import { functionPrincipal, servicePrincipal, subscriberPrincipal } from '../../infra/local/iam/principal.ts';
import { compileStatements, isAllowed } from '../../infra/local/iam/statements.ts';
import { PLACE, queueArn, queueUrl, resource, role, roleArn } from './running-services.ts';

const table = 'arn:aws:dynamodb:eu-west-2:000000000000:table/Record';
const allow = (Action: string | string[], Resource: string | string[], more = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (Action: string, Resource: string, more = {}) => ({ ...allow(Action, Resource, more), Effect: 'Deny' });
const decide = (statements: unknown, action: string, target: string, context?: RequestContext) =>
  isAllowed(compileStatements({ Statement: statements }, 'test'), action, target, context);

describe('a policy', () => {
  it.each([
    ['allows what it names', [allow('dynamodb:Query', table)], 'dynamodb:Query', table, true],
    ['allows nothing else', [allow('dynamodb:Query', table)], 'dynamodb:PutItem', table, false],
    ['allows no other resource', [allow('dynamodb:Query', table)], 'dynamodb:Query', `${table}2`, false],
    ['names actions in any case', allow('DynamoDB:query', table), 'dynamodb:Query', table, true],
    ['names resources exactly', [allow('dynamodb:Query', table.toUpperCase())], 'dynamodb:Query', table, false],
    ['may name many of each', [allow(['a:B', 'dynamodb:Query'], ['x', table])], 'dynamodb:Query', table, true],
    ['knows * and ?', [allow('dynamodb:*Item', 'arn:aws:dynamodb:*:*:table/Recor?')], 'dynamodb:PutItem', table, true],
    ['takes other signs as themselves', [allow('a.c:B', '*')], 'abc:B', 'x', false],
    ['lets an explicit Deny win', [allow('*', '*'), deny('dynamodb:DeleteItem', table)], 'dynamodb:DeleteItem', table, false],
    ['lets a Deny win whatever the order', [deny('dynamodb:*', '*'), allow('*', '*')], 'dynamodb:Query', table, false],
    ['knows NotAction', [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }], 'dynamodb:Query', table, true],
    ['keeps to NotAction', [{ Effect: 'Allow', NotAction: ['dynamodb:*'], Resource: '*' }], 'dynamodb:Query', table, false],
    ['knows NotResource', [{ Effect: 'Deny', Action: '*', NotResource: table }, allow('*', '*')], 'dynamodb:Query', table, true],
    [
      'keeps to NotResource',
      [{ Effect: 'Deny', Action: '*', NotResource: table }, allow('*', '*')],
      'dynamodb:Query',
      'x',
      false,
    ],
  ])('%s', (_, statements, action, target, expected) => {
    expect(decide(statements, action, target)).toBe(expected);
  });

  const under = (Condition: unknown, context?: RequestContext) => decide([allow('*', '*', { Condition })], 'a:B', 'x', context);
  const leading = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['p1', 'p2'] } };
  it.each<[string, unknown, RequestContext, boolean]>([
    ['StringEquals', { StringEquals: { 'aws:k': 'v' } }, { 'aws:k': 'v' }, true],
    ['StringEquals of another value', { StringEquals: { 'aws:k': 'v' } }, { 'aws:k': 'V' }, false],
    ['a key that is absent', { StringEquals: { 'aws:k': 'v' } }, {}, false],
    ['a key in another case', { StringEquals: { 'AWS:K': 'v' } }, { 'aws:k': 'v' }, true],
    ['any of several values', { StringEquals: { 'aws:k': ['u', 'v'] } }, { 'aws:k': 'v' }, true],
    ['every key', { StringEquals: { a: '1', b: '2' } }, { a: '1' }, false],
    ['every operator', { StringEquals: { a: '1' }, StringLike: { b: 'x*' } }, { a: '1', b: 'y' }, false],
    ['StringLike', { StringLike: { a: 'x*z' } }, { a: 'xyz' }, true],
    ['StringNotEquals', { StringNotEquals: { a: ['1', '2'] } }, { a: '2' }, false],
    ['StringNotEquals of an absent key', { StringNotEquals: { a: '1' } }, {}, true],
    ['StringEqualsIgnoreCase', { StringEqualsIgnoreCase: { a: 'X' } }, { a: 'x' }, true],
    ['…IfExists', { StringEqualsIfExists: { a: '1' } }, {}, true],
    ['…IfExists of another value', { StringEqualsIfExists: { a: '1' } }, { a: '2' }, false],
    ['ForAllValues, all of them', leading, { 'dynamodb:LeadingKeys': ['p1', 'p2', 'p1'] }, true],
    ['ForAllValues, not all of them', leading, { 'dynamodb:LeadingKeys': ['p1', 'p3'] }, false],
    ['ForAllValues, absent', leading, {}, true],
    ['ForAnyValue', { 'ForAnyValue:StringLike': { a: 'x*' } }, { a: ['y', 'xy'] }, true],
    ['ForAnyValue, absent', { 'ForAnyValue:StringLike': { a: 'x*' } }, {}, false],
    ['Bool', { Bool: { 'aws:SecureTransport': 'false' } }, { 'aws:SecureTransport': 'true' }, false],
    ['Bool without quotes', { Bool: { a: true } }, { a: 'true' }, true],
    [
      'ArnLike',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/x*' } },
      { 'aws:SourceArn': 'arn:aws:events:eu-west-2:0:rule/xy' },
      true,
    ],
    ['NumericLessThanEquals', { NumericLessThanEquals: { a: '10' } }, { a: '10' }, true],
    ['DateGreaterThan', { DateGreaterThan: { t: '2026-01-01T00:00:00Z' } }, { t: '2026-01-02T00:00:00Z' }, true],
    ['Null, there', { Null: { a: 'true' } }, { a: '1' }, false],
    ['Null, absent', { Null: { a: 'true' } }, {}, true],
  ])('under a condition: %s', (_, condition, context, expected) => {
    expect(under(condition, context)).toBe(expected);
  });

  it.each([
    [
      'a condition operator',
      allow('*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }),
      'test.Statement[0].Condition.IpAddress: unknown condition operator',
    ],
    ['an element', allow('*', '*', { Conditions: {} }), 'test.Statement[0].Conditions: unknown element of a policy statement'],
    ['an effect', { ...allow('*', '*'), Effect: 'allow' }, 'test.Statement[0].Effect: must be Allow or Deny'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable is written like this
    ['a variable', allow('*', 'arn:aws:s3:::${aws:username}'), 'test.Statement[0].Resource: policy variables are not supported'],
    ['no action', { Effect: 'Allow', Resource: '*' }, 'test.Statement[0]: has neither Action nor NotAction'],
  ])('that is not understood is refused when it is read: %s', (_, statement, message) => {
    expect(() => compileStatements({ Statement: statement }, 'test')).toThrow(message);
  });
});

describe('the policies of a template', () => {
  const key = 'arn:aws:kms:eu-west-2:000000000000:key/k';
  const otherKey = 'arn:aws:kms:eu-west-2:000000000000:key/other';
  const resources = [
    role('writer', [allow('dynamodb:PutItem', table)]),
    resource('extra', 'AWS::IAM::Policy', {
      PolicyName: 'extra',
      Roles: ['writer'],
      PolicyDocument: { Statement: [allow('kms:*', '*')] },
    }),
    resource(
      'shared',
      'AWS::IAM::ManagedPolicy',
      { Roles: [], PolicyDocument: { Statement: [allow('ssm:GetParameter', '*')] } },
      { ref: 'arn:aws:iam::000000000000:policy/shared' },
    ),
    resource('reader', 'AWS::IAM::Role', {
      AssumeRolePolicyDocument: {},
      ManagedPolicyArns: [
        'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
        'arn:aws:iam::000000000000:policy/shared',
      ],
    }),
    resource(
      'key',
      'AWS::KMS::Key',
      { KeyPolicy: { Statement: { ...allow('kms:*', '*'), Principal: { AWS: 'arn:aws:iam::000000000000:root' } } } },
      { ref: 'k', arn: key },
    ),
    resource(
      'otherKey',
      'AWS::KMS::Key',
      { KeyPolicy: { Statement: { ...allow('kms:*', '*'), Principal: { Service: 'logs.amazonaws.com' } } } },
      { ref: 'other', arn: otherKey },
    ),
    resource('queue', 'AWS::SQS::Queue', {}, { ref: queueUrl('q'), arn: queueArn('q') }),
    resource('queuePolicy', 'AWS::SQS::QueuePolicy', {
      Queues: [queueUrl('q')],
      PolicyDocument: {
        Statement: [
          {
            ...allow('sqs:ReceiveMessage', queueArn('q')),
            Principal: { AWS: ['arn:aws:iam::111111111111:root', roleArn('writer')] },
          },
          {
            ...allow('sqs:SendMessage', queueArn('q')),
            Principal: { Service: 'events.amazonaws.com' },
            Condition: { ArnEquals: { 'aws:SourceArn': 'rule' } },
          },
          { ...deny('sqs:DeleteMessage', queueArn('q')), Principal: '*' },
        ],
      },
    }),
    resource('permission', 'AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: 'arn:function',
      Principal: 'events.amazonaws.com',
      SourceArn: 'rule',
    }),
  ];
  const policies = policiesOf(resources);
  const as = (name: string) => functionPrincipal({ functionName: 'f', roleArn: roleArn(name), policies, place: PLACE });
  const events = servicePrincipal('events.amazonaws.com', PLACE);

  it("stand together: inline, attached, managed and AWS's own", () => {
    expect(isAllowed(policies.ofRole(roleArn('writer')), 'dynamodb:PutItem', table)).toBe(true);
    expect(isAllowed(policies.ofRole('writer'), 'kms:Decrypt', key)).toBe(true);
    expect(isAllowed(policies.ofRole('reader'), 'logs:PutLogEvents', 'x')).toBe(true);
    expect(isAllowed(policies.ofRole('reader'), 'ssm:GetParameter', 'x')).toBe(true);
    expect(isAllowed(policies.ofRole('reader'), 'kms:Decrypt', key)).toBe(false);
  });

  it.each([
    ['a role, by its own policy', as('writer'), 'dynamodb:PutItem', table, 'allowed'],
    ['a role, by the resource alone', as('writer'), 'sqs:ReceiveMessage', queueArn('q'), 'allowed'],
    ['another role', as('reader'), 'sqs:ReceiveMessage', queueArn('q'), 'not-allowed-by-identity'],
    ['anybody, against an explicit Deny', as('writer'), 'sqs:DeleteMessage', queueArn('q'), 'explicitly-denied'],
    ['a key that leaves it to the account', as('writer'), 'kms:Decrypt', key, 'allowed'],
    ['a key that does not', as('writer'), 'kms:Decrypt', otherKey, 'not-allowed-by-resource'],
    ['a partner, by the resource', subscriberPrincipal('111111111111'), 'sqs:ReceiveMessage', queueArn('q'), 'allowed'],
    ['another partner', subscriberPrincipal('222222222222'), 'sqs:ReceiveMessage', queueArn('q'), 'not-allowed-by-resource'],
  ] as const)('decide for %s', (_, principal, action, target, expected) => {
    expect(authorise(principal, { action, resource: target }, policies)).toBe(expected);
  });

  it('let a service in on behalf of what they name', () => {
    const send = (source: string) =>
      authorise(events, { action: 'sqs:SendMessage', resource: queueArn('q'), context: { 'aws:SourceArn': source } }, policies);
    const call = (source: string) =>
      authorise(
        events,
        { action: 'lambda:InvokeFunction', resource: 'arn:function', context: { 'aws:SourceArn': source } },
        policies,
      );
    expect([send('rule'), send('another'), call('rule'), call('another')]).toEqual([
      'allowed',
      'not-allowed-by-resource',
      'allowed',
      'not-allowed-by-resource',
    ]);
  });

  it.each([
    [
      'an unknown managed policy',
      resource('r', 'AWS::IAM::Role', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }),
      /r\.ManagedPolicyArns\[0\]: unknown managed policy/,
    ],
    [
      'a permissions boundary',
      resource('r', 'AWS::IAM::Role', { PermissionsBoundary: 'x' }),
      /r\.PermissionsBoundary: unknown property/,
    ],
    [
      'a policy of users',
      resource('p', 'AWS::IAM::Policy', { PolicyDocument: { Statement: [] }, Users: ['x'] }),
      /p\.Users: unknown property/,
    ],
    [
      'a policy of a role that is not there',
      resource('p', 'AWS::IAM::Policy', { PolicyDocument: { Statement: [] }, Roles: ['x'] }),
      /p\.Roles: the template has no role x/,
    ],
  ])('are refused for %s', (_, extra, message) => {
    expect(() => policiesOf([...resources, extra])).toThrow(message);
  });
});

describe('credentials', () => {
  const principal = subscriberPrincipal('111111111111');
  it('are the same after a restart with the same key, and others with another', () => {
    const issue = (byte: number) => createCredentials({ key: Buffer.alloc(32, byte) }).issue(principal);
    expect(issue(1)).toEqual(issue(1));
    expect(issue(1).secretAccessKey).not.toBe(issue(2).secretAccessKey);
    expect(issue(1).accessKeyId).toMatch(/^AKIA[0-9A-F]{16}$/);
  });

  it('name their holder, and nobody for a stranger', () => {
    const credentials = createCredentials({ key: Buffer.alloc(32) });
    const { accessKeyId } = credentials.issue(principal);
    const header = (id: string) =>
      `AWS4-HMAC-SHA256 Credential=${id}/20260101/eu-west-2/sqs/aws4_request, SignedHeaders=host, Signature=00`;
    expect(credentials.callerOf(header(accessKeyId))).toBe(principal);
    expect(credentials.callerOf(header('AKIA0000000000000000'))).toBeUndefined();
    expect(credentials.callerOf(undefined)).toBeUndefined();
  });
});
