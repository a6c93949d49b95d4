import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Room } from '../../infra/local/room/room.ts';
import { type Runtime, startRuntime } from '../../infra/local/runtime.ts';
import { type Resources, writeAssembly } from './assembly.ts';

/** Sources of the functions of the small system. */
export interface Sources {
  /** Behind the API. */
  readonly web: string;
  /** Consumes the table's stream. */
  readonly consumer?: string;
}

interface Options {
  readonly sources: Sources;
  /** Settings of the event source mapping. */
  readonly mapping?: Readonly<Record<string, unknown>>;
  /** What `web` may do beyond reading the table: statements of its role. */
  readonly grants?: readonly unknown[];
  /** What `consumer` may do beyond reading the stream. */
  readonly consumerGrants?: readonly unknown[];
  /** How long `web` may take. */
  readonly webTimeoutSeconds?: number;
  /** Resources beside those of the small system, or in their place. */
  readonly resources?: Resources;
  readonly dataDir?: string;
  /** Of its disk; by default nobody watches it. */
  readonly room?: Room;
}

export interface SmallSystem extends Runtime {
  readonly dataDir: string;
  token(): Promise<string>;
  /** Ends it; `keep` leaves the data for another start. */
  end(options?: { keep: boolean }): Promise<void>;
}

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const allow = (Action: unknown, Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
const policy = (...Statement: readonly unknown[]) => ({ Version: '2012-10-17', Statement });

const role = (...statements: readonly unknown[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: { AssumeRolePolicyDocument: {}, Policies: [{ PolicyName: 'grants', PolicyDocument: policy(...statements) }] },
});

const lambda = (name: string, Timeout = 2) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: name,
    Code: { S3Bucket: 'assets', S3Key: name },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: arn(`${name}Role`),
    Timeout,
    MemorySize: 256,
    LoggingConfig: { LogFormat: 'JSON' },
    Environment: { Variables: { TABLE: { Ref: 'Table' } } },
  },
  Metadata: { 'aws:asset:path': name },
});

const integration = {
  Type: 'AWS_PROXY',
  IntegrationHttpMethod: 'POST',
  Uri: { 'Fn::Join': ['', ['arn:aws:apigateway:eu-west-2:lambda:path/2015-03-31/functions/', arn('web'), '/invocations']] },
};

const method = (id: string, HttpMethod: string, more: Readonly<Record<string, unknown>> = {}) => ({
  Type: 'AWS::ApiGateway::Method',
  Properties: {
    RestApiId: { Ref: 'Api' },
    ResourceId: id === '' ? { 'Fn::GetAtt': ['Api', 'RootResourceId'] } : { Ref: id },
    HttpMethod,
    AuthorizationType: 'COGNITO_USER_POOLS',
    AuthorizerId: { Ref: 'Authoriser' },
    AuthorizationScopes: ['things/read'],
    Integration: integration,
    ...more,
  },
});

const path = (ParentId: unknown, PathPart: string) => ({
  Type: 'AWS::ApiGateway::Resource',
  Properties: { RestApiId: { Ref: 'Api' }, ParentId, PathPart },
});
const ROOT = { 'Fn::GetAtt': ['Api', 'RootResourceId'] };

const api: Resources = {
  Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'small', BinaryMediaTypes: ['*/*'] } },
  Stage: {
    Type: 'AWS::ApiGateway::Stage',
    Properties: {
      RestApiId: { Ref: 'Api' },
      DeploymentId: 'deployment',
      StageName: 'small',
      MethodSettings: [
        { HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 },
        { HttpMethod: 'GET', ResourcePath: '/~1rare', ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 2 },
      ],
    },
  },
  Authoriser: {
    Type: 'AWS::ApiGateway::Authorizer',
    Properties: {
      RestApiId: { Ref: 'Api' },
      Type: 'COGNITO_USER_POOLS',
      IdentitySource: 'method.request.header.Authorization',
      ProviderARNs: [arn('Pool')],
    },
  },
  Pool: { Type: 'AWS::Cognito::UserPool', Properties: { UserPoolName: 'small' } },
  Scopes: {
    Type: 'AWS::Cognito::UserPoolResourceServer',
    Properties: {
      UserPoolId: { Ref: 'Pool' },
      Identifier: 'things',
      Name: 'things',
      Scopes: [
        { ScopeName: 'read', ScopeDescription: 'read' },
        { ScopeName: 'write', ScopeDescription: 'write' },
      ],
    },
  },
  Client: {
    Type: 'AWS::Cognito::UserPoolClient',
    Properties: {
      UserPoolId: { Ref: 'Pool' },
      GenerateSecret: true,
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: ['things/read'],
    },
  },
  Open: path(ROOT, 'open'),
  OpenRest: path({ Ref: 'Open' }, '{rest+}'),
  Rare: path(ROOT, 'rare'),
  Keyed: path(ROOT, 'keyed'),
  Brief: path(ROOT, 'brief'),
  Things: path(ROOT, 'things'),
  Thing: path({ Ref: 'Things' }, '{id}'),
  Special: path({ Ref: 'Things' }, 'special'),
  RootGet: method('', 'GET', { AuthorizationType: 'NONE' }),
  OpenAny: method('OpenRest', 'ANY', { AuthorizationType: 'NONE' }),
  RareGet: method('Rare', 'GET', { AuthorizationType: 'NONE' }),
  KeyedGet: method('Keyed', 'GET', { AuthorizationType: 'NONE', ApiKeyRequired: true }),
  BriefGet: method('Brief', 'GET', { AuthorizationType: 'NONE', Integration: { ...integration, TimeoutInMillis: 100 } }),
  ThingGet: method('Thing', 'GET'),
  ThingPut: method('Thing', 'PUT', { AuthorizationScopes: ['things/write'] }),
  SpecialGet: method('Special', 'GET'),
  Key: { Type: 'AWS::ApiGateway::ApiKey', Properties: { Enabled: true, Name: 'partner', Value: 'a-key-of-a-partner' } },
  Plan: {
    Type: 'AWS::ApiGateway::UsagePlan',
    Properties: {
      ApiStages: [{ ApiId: { Ref: 'Api' }, Stage: { Ref: 'Stage' }, Throttle: {} }],
      Throttle: { RateLimit: 1000, BurstLimit: 1000 },
      Quota: { Limit: 3, Period: 'DAY' },
    },
  },
  PlanKey: {
    Type: 'AWS::ApiGateway::UsagePlanKey',
    Properties: { KeyId: { Ref: 'Key' }, KeyType: 'API_KEY', UsagePlanId: { Ref: 'Plan' } },
  },
  Refused: {
    Type: 'AWS::ApiGateway::GatewayResponse',
    Properties: {
      RestApiId: { Ref: 'Api' },
      ResponseType: 'UNAUTHORIZED',
      StatusCode: '401',
      ResponseParameters: {
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
        'gatewayresponse.header.X-Request-ID': 'method.request.header.X-Request-ID',
      },
      ResponseTemplates: { 'application/json': '{"told":$context.error.messageString,"id":"$context.requestId"}' },
    },
  },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: arn('web'),
      Principal: 'apigateway.amazonaws.com',
      SourceArn: {
        'Fn::Join': ['', ['arn:aws:execute-api:eu-west-2:', { Ref: 'AWS::AccountId' }, ':', { Ref: 'Api' }, '/*/*/*']],
      },
    },
  },
};

const data: Resources = {
  TableKey: {
    Type: 'AWS::KMS::Key',
    Properties: {
      KeyPolicy: policy({
        ...allow('kms:*', '*'),
        Principal: { AWS: { 'Fn::Join': ['', ['arn:aws:iam::', { Ref: 'AWS::AccountId' }, ':root']] } },
      }),
    },
  },
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      KeySchema: [
        { AttributeName: 'owner', KeyType: 'HASH' },
        { AttributeName: 'item', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'owner', AttributeType: 'S' },
        { AttributeName: 'item', AttributeType: 'S' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: arn('TableKey') },
      ResourcePolicy: {
        PolicyDocument: policy({ Effect: 'Deny', Principal: '*', Action: 'dynamodb:UpdateItem', Resource: '*' }),
      },
    },
  },
  DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead-letters' } },
};

const DECRYPT = allow('kms:Decrypt', arn('TableKey'));
const READ_STREAM = allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], {
  'Fn::GetAtt': ['Table', 'StreamArn'],
});

/** A table, a stream's consumer, an API with a token, dead letters: everything that the runtime plays, small. */
export async function startSmallSystem(options: Options): Promise<SmallSystem> {
  const { sources, mapping = {}, grants = [], consumerGrants = [], webTimeoutSeconds, resources = {}, dataDir, room } = options;
  const { web, consumer = 'exports.handler = async () => {}' } = sources;
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'chesil-small-'));
  const Resources: Resources = {
    ...data,
    ...api,
    web: lambda('web', webTimeoutSeconds),
    webRole: role(allow(['dynamodb:GetItem', 'dynamodb:Query'], arn('Table')), DECRYPT, ...grants),
    consumer: lambda('consumer'),
    consumerRole: role(READ_STREAM, DECRYPT, allow('sqs:SendMessage', arn('DeadLetters')), ...consumerGrants),
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
        FunctionName: { Ref: 'consumer' },
        StartingPosition: 'TRIM_HORIZON',
        ...mapping,
      },
    },
    ...resources,
  };
  const assembly = writeAssembly({ stacks: { small: { Resources } }, assets: { web, consumer } });
  try {
    const runtime = await startRuntime({
      assembly: assembly.folder,
      dataDir: folder,
      port: 0,
      compileCache: join(folder, 'compiled'),
      room,
    });
    return {
      ...runtime,
      dataDir: folder,
      token: () => tokenOf(runtime),
      async end({ keep } = { keep: false }) {
        await runtime.stop();
        assembly.remove();
        if (!keep) rmSync(folder, { recursive: true });
      },
    };
  } catch (error) {
    assembly.remove();
    if (dataDir === undefined) rmSync(folder, { recursive: true });
    throw error;
  }
}

async function tokenOf({ baseUrl, identity }: Runtime): Promise<string> {
  const { clientId, clientSecret } = identity.clients[0]!;
  const response = await fetch(`${baseUrl}/oauth2/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  return ((await response.json()) as { access_token: string }).access_token;
}
