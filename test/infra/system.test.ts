import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REDRIVE_ASKED as TOLD_TO_TEND } from '../../functions/tend/tend.ts';
import { FUNCTIONS } from '../../infra/functions.ts';
import { addChecks } from '../../infra/system.ts';
import { TASK_KIND_NAMES } from '../../shared/access/review/task-kinds.ts';
import { type Resource, type Synthesised, synthesise } from './synthesised.ts';

let system: Synthesised;
beforeAll(async () => {
  system = await synthesise({ checks: true });
});
afterAll(() => system.remove());

const template = (part: string) => system.templates[part]!;
const all = (type: string) => Object.values(system.resources(type));

describe('the rule packs and the validator', () => {
  it('find nothing that is not explained', () => {
    expect(system.findings).toEqual([]);
  });

  it('are looking: a topic that anybody may read is found', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'findings-'));
    const app = new App({ outdir });
    new Topic(new Stack(app, 'careless'), 'Topic');
    addChecks(app);
    expect(() => app.synth()).toThrow('AwsSolutions-SNS3');
    rmSync(outdir, { recursive: true });
  });
});

describe('data', () => {
  it.each(['Record', 'AuditTable', 'AuditChain', 'Oversight', 'Signals'])(
    '%s is kept, encrypted with a key of ours, and restorable to any second',
    (name) => {
      const tables = Object.entries(template('data').findResources('AWS::DynamoDB::Table'));
      expect(tables.find(([id]) => id.startsWith(name))?.[1]).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
          SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        },
      });
    },
  );

  it('Record streams what is new and forgets only what has an expiry', () => {
    template('data').hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'subject', KeyType: 'HASH' },
        { AttributeName: 'item', KeyType: 'RANGE' },
      ],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });

  it('finds looks by who looked and for whom, and hands each on', () => {
    const index = (IndexName: string, attribute: string) => ({
      IndexName,
      KeySchema: [
        { AttributeName: attribute, KeyType: 'HASH' },
        { AttributeName: 'access', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    });
    template('data').hasResourceProperties('AWS::DynamoDB::Table', {
      GlobalSecondaryIndexes: [index('byOrganisation', 'organisation'), index('byStaff', 'staff')],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    });
  });

  it('denies everybody to rewrite the audit', () => {
    template('data').hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'person', KeyType: 'HASH' },
        { AttributeName: 'access', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: Match.absent(),
      ResourcePolicy: {
        PolicyDocument: {
          Statement: [
            Match.objectLike({
              Effect: 'Deny',
              Principal: { AWS: '*' },
              Action: [
                'dynamodb:BatchWriteItem',
                'dynamodb:DeleteItem',
                'dynamodb:DeleteTable',
                'dynamodb:PartiQLDelete',
                'dynamodb:PartiQLInsert',
                'dynamodb:PartiQLUpdate',
                'dynamodb:UpdateItem',
                'dynamodb:UpdateTimeToLive',
              ],
            }),
          ],
        },
      },
    });
  });

  it('rotates every key, and keeps it', () => {
    for (const key of all('AWS::KMS::Key')) {
      expect(key.Properties.EnableKeyRotation).toBe(true);
      expect(key.DeletionPolicy).toBe('Retain');
    }
  });

  it('protects every stack from being deleted', () => {
    expect(system.protectedFromDeletion).toEqual({
      data: true,
      identity: true,
      bus: true,
      api: true,
      events: true,
      observability: true,
    });
  });
});

describe('functions', () => {
  it('run Node 24 on arm64, traced, each with a log group of its own that is encrypted and ends', () => {
    const functions = all('AWS::Lambda::Function');
    expect(functions).toHaveLength(13);
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON', LogGroup: expect.anything() },
      });
    }
    for (const { Properties, DeletionPolicy } of all('AWS::Logs::LogGroup')) {
      expect(Properties).toMatchObject({ KmsKeyId: expect.anything(), RetentionInDays: 365 });
      expect(DeletionPolicy).toBe('Retain');
    }
  });

  it('that follow the stream retry, halve, and give up into dead letters', () => {
    const sources = all('AWS::Lambda::EventSourceMapping').filter(({ Properties }) => Properties.StartingPosition !== undefined);
    expect(sources).toHaveLength(4);
    for (const { Properties } of sources) {
      expect(Properties).toMatchObject({
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumRetryAttempts: 20,
        StartingPosition: 'TRIM_HORIZON',
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
      });
    }
    // The audit's is handed over whole: what is changed or removed there, too.
    const filtered = sources.filter(({ Properties }) => Properties.FilterCriteria !== undefined);
    expect(filtered).toHaveLength(3);
    const patterns = filtered.map(({ Properties }) => JSON.parse(Properties.FilterCriteria.Filters[0].Pattern));
    expect(new Set(patterns.map(({ eventName }) => eventName.join()))).toEqual(new Set(['INSERT']));
    expect(patterns.map(({ dynamodb }) => dynamodb)).toEqual(
      expect.arrayContaining([
        { Keys: { item: { S: [{ prefix: 'contribution#' }] } } },
        { NewImage: { kind: { S: [...TASK_KIND_NAMES] } } },
      ]),
    );
  });
});

describe('signals', () => {
  it('are handed over in batches of which each may fail alone, hidden six times as long as their function may run', () => {
    const queues = Object.values(system.resources('AWS::SQS::Queue')).map(({ Properties }) => Properties);
    const sources = all('AWS::Lambda::EventSourceMapping').filter(({ Properties }) => Properties.StartingPosition === undefined);
    expect(sources).toHaveLength(2);
    for (const { Properties } of sources) expect(Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    const hidden = (name: string) => queues.find(({ QueueName }) => QueueName === name)?.VisibilityTimeout;
    expect(hidden('chesil-demo-signals-arrived.fifo')).toBeGreaterThanOrEqual(6 * FUNCTIONS.collect.timeoutSeconds);
    expect(hidden('chesil-demo-signals-waiting')).toBeGreaterThanOrEqual(6 * FUNCTIONS.deliver.timeoutSeconds);
  });

  it('leave most of the account’s capacity to those who read and write records', () => {
    template('events').hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: Match.stringLikeRegexp('^deliver') },
      ScalingConfig: { MaximumConcurrency: 100 },
    });
  });

  it.each([
    ['rate(1 minute)', undefined],
    ['rate(15 minutes)', '{"task":"drift"}'],
  ])('are looked after at %s', (ScheduleExpression, Input) => {
    template('events').hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression,
      State: 'ENABLED',
      Targets: [
        Match.objectLike({
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^tend'), 'Arn'] },
          Input: Input ?? Match.absent(),
          DeadLetterConfig: Match.anyValue(),
        }),
      ],
    });
  });

  it('that were given up are told again when an operator asks', () => {
    template('events').hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['chesil.operations'], 'detail-type': [TOLD_TO_TEND] },
      Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^tend'), 'Arn'] }, InputPath: Match.absent() })],
    });
  });
});

/** Clients that have a secret: partners' systems. */
const systemClients = () => all('AWS::Cognito::UserPoolClient').filter(({ Properties }) => Properties.GenerateSecret === true);

describe('identity', () => {
  it('asks the token trigger of version 3, in the plan that has it', () => {
    template('identity').hasResourceProperties('AWS::Cognito::UserPool', {
      UserPoolTier: 'ESSENTIALS',
      DeletionProtection: 'ACTIVE',
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      LambdaConfig: { PreTokenGenerationConfig: { LambdaVersion: 'V3_0' } },
    });
  });

  it('gives each client its scopes and a parameter that says whose it is', () => {
    const clients = systemClients();
    const parameters = all('AWS::SSM::Parameter');
    expect(parameters).toHaveLength(clients.length);
    template('identity').hasResourceProperties('AWS::Cognito::UserPoolClient', {
      ClientName: 'uhd',
      GenerateSecret: true,
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthScopes: [{ 'Fn::Join': ['', [Match.anyValue(), '/*.cruds']] }],
      AccessTokenValidity: 60,
    });
    const names = parameters.map(({ Properties }) => JSON.stringify(Properties.Name));
    for (const name of names) expect(name).toMatch(/\/chesil\/demo\/clients\/.*"Ref":"TokensPoolClient/);
  });
});

describe('api', () => {
  const methods = () => all('AWS::ApiGateway::Method').map(({ Properties }) => Properties);

  it('asks every route but those that say how to get one for a token with a scope that could allow it', () => {
    const open = methods().filter(({ AuthorizationType }) => AuthorizationType === 'NONE');
    const told = open.map(({ HttpMethod }) => HttpMethod).filter((method) => method !== 'OPTIONS');
    expect(told.sort()).toEqual(['GET', 'GET', 'HEAD', 'HEAD']);
    for (const method of methods().filter(({ AuthorizationType }) => AuthorizationType !== 'NONE')) {
      expect(method.AuthorizationType).toBe('COGNITO_USER_POOLS');
      const letters = { GET: /[rs]/, HEAD: /[rs]/, POST: /[cruds]/, PUT: /[cud]/, PATCH: /[cud]/, DELETE: /[cud]/ }[
        method.HttpMethod as string
      ]!;
      expect(method.AuthorizationScopes.length).toBeGreaterThan(0);
      for (const scope of method.AuthorizationScopes)
        expect(scope).toMatch(new RegExp(`^(system|user|patient)/.*\\..*${letters.source}`));
    }
  });

  it('lets systems alone subscribe, with scopes for what they ask', () => {
    const resources = template('api').findResources('AWS::ApiGateway::Resource');
    const [subscription] = Object.entries(resources).find(([, { Properties }]) => Properties.PathPart === 'Subscription')!;
    const found: Readonly<Record<string, Resource['Properties']>> = Object.fromEntries(
      methods()
        .filter(({ ResourceId, HttpMethod }) => ResourceId.Ref === subscription && HttpMethod !== 'OPTIONS')
        .map((method) => [method.HttpMethod, method]),
    );
    expect(Object.keys(found).sort()).toEqual(['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT']);
    for (const { AuthorizationScopes, Integration } of Object.values(found)) {
      expect(JSON.stringify(Integration.Uri)).toContain('subscribe');
      for (const scope of AuthorizationScopes) expect(scope).toMatch(/^system\/(\*|Subscription)\./);
    }
    expect(found.POST!.AuthorizationScopes).not.toContain('system/*.rs');
    expect(found.GET!.AuthorizationScopes).toEqual(expect.arrayContaining(['system/*.cruds', 'system/*.rs']));
  });

  it('hands bodies over byte for byte', () => {
    template('api').hasResourceProperties('AWS::ApiGateway::RestApi', { BinaryMediaTypes: ['*/*'] });
    for (const { Integration } of methods())
      expect(Integration).toMatchObject({ Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST' });
  });

  it('logs who asked for what kind of thing, without query string, path or body', () => {
    const [stage] = all('AWS::ApiGateway::Stage');
    const { StageName, TracingEnabled, AccessLogSetting, MethodSettings } = stage!.Properties;
    expect({ StageName, TracingEnabled }).toEqual({ StageName: 'fhir', TracingEnabled: true });
    const logged: string = AccessLogSetting.Format;
    expect(logged).toContain('$context.resourcePath');
    expect(logged).not.toMatch(/\$context\.path|querystring|\$context\.requestOverride|\$input/i);
    expect(MethodSettings).toEqual([
      expect.objectContaining({ ThrottlingRateLimit: 2000, ThrottlingBurstLimit: 4000, DataTraceEnabled: false }),
    ]);
  });

  it('answers every refusal of API Gateway with an OperationOutcome', () => {
    const answers = all('AWS::ApiGateway::GatewayResponse').map(({ Properties }) => Properties);
    expect(answers.map(({ ResponseType }) => ResponseType)).toEqual(
      expect.arrayContaining([
        'UNAUTHORIZED',
        'ACCESS_DENIED',
        'THROTTLED',
        'QUOTA_EXCEEDED',
        'REQUEST_TOO_LARGE',
        'WAF_FILTERED',
        'INVALID_SIGNATURE',
        'DEFAULT_4XX',
        'DEFAULT_5XX',
      ]),
    );
    for (const { ResponseTemplates, ResponseParameters, StatusCode } of answers) {
      const outcome = JSON.parse(ResponseTemplates['application/json']);
      expect(outcome).toMatchObject({
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'error', details: { coding: [{ system: 'urn:chesil:outcome' }] } }],
      });
      expect(Number(StatusCode)).toBeGreaterThanOrEqual(400);
      expect(ResponseParameters['gatewayresponse.header.X-Request-ID']).toBe('method.request.header.X-Request-ID');
    }
  });

  it('lets a script in a browser read each of them, and says how to authenticate or when to try again', () => {
    for (const { ResponseType, ResponseParameters, StatusCode } of all('AWS::ApiGateway::GatewayResponse').map(
      ({ Properties }) => Properties,
    )) {
      const header = (name: string): string | undefined =>
        Object.entries(ResponseParameters as Record<string, string>).find(
          ([key]) => key.toLowerCase() === `gatewayresponse.header.${name}`,
        )?.[1];
      expect(header('access-control-allow-origin')).toBe("'*'");
      for (const name of ['WWW-Authenticate', 'Retry-After', 'X-Request-ID'])
        expect(header('access-control-expose-headers')).toContain(name);
      if (StatusCode === '401') expect(header('www-authenticate')).toMatch(/^'Bearer realm="chesil"/);
      if (ResponseType === 'EXPIRED_TOKEN') expect(header('www-authenticate')).toContain('error="invalid_token"');
      if (ResponseType === 'ACCESS_DENIED') expect(header('www-authenticate')).toContain('error="insufficient_scope"');
      if (StatusCode === '429' || StatusCode === '503') expect(header('retry-after')).toMatch(/^'\d+'$/);
      else expect(header('retry-after')).toBeUndefined();
    }
  });

  it('has a plan and a key for each client', () => {
    const clients = systemClients().length;
    expect(all('AWS::ApiGateway::UsagePlan')).toHaveLength(clients);
    expect(all('AWS::ApiGateway::ApiKey')).toHaveLength(clients);
  });

  it('stands behind a firewall that bounds what one token may ask and logs neither tokens nor queries', () => {
    template('api').hasResourceProperties('AWS::WAFv2::WebACL', {
      Rules: Match.arrayWith([
        Match.objectLike({
          Name: 'PerToken',
          Statement: {
            RateBasedStatement: Match.objectLike({
              AggregateKeyType: 'CUSTOM_KEYS',
              CustomKeys: [{ Header: Match.objectLike({ Name: 'authorization' }) }],
            }),
          },
        }),
      ]),
    });
    template('api').hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
      RedactedFields: [{ SingleHeader: { Name: 'authorization' } }, { QueryString: {} }],
    });
    template('api').resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
  });
});

describe('the firewall', () => {
  it('blocks no body, no address that we gave out and no program for what it looks like', () => {
    const [acl] = all('AWS::WAFv2::WebACL');
    const common = acl!.Properties.Rules.find(({ Name }: { Name: string }) => Name === 'AWSManagedRulesCommonRuleSet');
    const counted = common.Statement.ManagedRuleGroupStatement.RuleActionOverrides;
    expect(counted.map(({ Name }: { Name: string }) => Name)).toEqual(
      expect.arrayContaining([
        'CrossSiteScripting_BODY',
        'RestrictedExtensions_URIPATH',
        'RestrictedExtensions_QUERYARGUMENTS',
        'SizeRestrictions_QUERYSTRING',
        'NoUserAgent_HEADER',
      ]),
    );
    for (const { ActionToUse } of counted) expect(ActionToUse).toEqual({ Count: {} });
  });
});

/** The rules that subscriptions have, and no others. */
const arnOfRules = {
  'Fn::Join': ['', Match.arrayWith(['arn:aws:events:eu-west-2:', { Ref: 'AWS::AccountId' }, ':rule/chesil-demo/subscription-*'])],
};

describe('events', () => {
  it('reach organisations by rules that they make themselves: the template has none for them', () => {
    const sources = all('AWS::Events::Rule').map(({ Properties }) => Properties.EventPattern?.source?.[0]);
    expect(sources).not.toContain('chesil.record');
  });

  it('about access reach the privacy office of the organisation, and that of the lead', () => {
    const rules = all('AWS::Events::Rule').map(({ Properties }) => Properties);
    const offices = rules.filter(({ EventPattern }) => EventPattern?.source[0] === 'chesil.access');
    expect(offices.map(({ EventPattern }) => EventPattern.detail.audience)).toEqual(
      expect.arrayContaining([['hhft'], ['dorset-icb'], ['uhd']]),
    );
    const RetryPolicy = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 };
    for (const { Targets } of offices)
      expect(Targets).toMatchObject([{ InputPath: '$.detail.event', RetryPolicy, DeadLetterConfig: expect.anything() }]);
    template('events').hasResourceProperties('AWS::SQS::Queue', { QueueName: 'chesil-demo-hhft-privacy' });
  });

  it('have the audit reviewed every hour, and when an operator asks', () => {
    const hourly = { ScheduleExpression: 'rate(1 hour)', State: 'ENABLED' };
    const asked = { EventPattern: { source: ['chesil.operations'], 'detail-type': ['review-asked'] } };
    for (const properties of [hourly, asked])
      template('events').hasResourceProperties('AWS::Events::Rule', {
        ...properties,
        Targets: [
          Match.objectLike({
            Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^review'), 'Arn'] },
            DeadLetterConfig: Match.anyValue(),
          }),
        ],
      });
  });

  it('are encrypted on the bus, in the archive and in every queue', () => {
    template('bus').hasResourceProperties('AWS::Events::EventBus', {
      KmsKeyIdentifier: Match.anyValue(),
      DeadLetterConfig: Match.anyValue(),
    });
    template('bus').hasResourceProperties('AWS::Events::Archive', { KmsKeyIdentifier: Match.anyValue(), RetentionDays: 30 });
    for (const { Properties } of all('AWS::SQS::Queue')) expect(Properties.KmsMasterKeyId).toBeDefined();
  });

  it('arrive for each subscription in their order, once, side by side with the others', () => {
    const queues = template('bus').findResources('AWS::SQS::Queue', { Properties: { FifoQueue: true } });
    const [arrivals] = Object.entries(queues).find(([, { Properties }]) => Properties.RedrivePolicy !== undefined)!;
    expect(queues[arrivals]!.Properties).toMatchObject({
      ContentBasedDeduplication: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
      MessageRetentionPeriod: 1_209_600,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringContaining('DeadLetters'), 'Arn'] } },
    });
    template('bus').hasResourceProperties('AWS::SQS::QueuePolicy', {
      Queues: [{ Ref: arrivals }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Sid: 'RulesOfSubscriptionsSend',
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: { 'Fn::GetAtt': [arrivals, 'Arn'] },
            Condition: { ArnLike: { 'aws:SourceArn': arnOfRules } },
          },
        ]),
      },
    });
  });

  it('wait two weeks for a subscriber', () => {
    template('events').hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'chesil-demo-uhd',
      MessageRetentionPeriod: 1_209_600,
    });
  });
});

describe('secrets', () => {
  it('stand in no template', () => {
    const text = JSON.stringify(Object.values(system.templates).map((each) => each.toJSON()));
    expect(text).not.toMatch(/"SecretString"|ClientSecret|AWS_SECRET|-----BEGIN/);
    for (const { Properties } of all('AWS::ApiGateway::ApiKey')) expect(Properties.Value).toBeUndefined();
    for (const { Properties } of all('AWS::SecretsManager::Secret'))
      expect(Properties.GenerateSecretString.PasswordLength).toBeGreaterThanOrEqual(64);
    for (const { Properties } of all('AWS::Lambda::Function'))
      for (const name of Object.keys(Properties.Environment.Variables))
        expect(name).not.toMatch(/PASSWORD|TOKEN(?!_URL)|SECRET(?!_ARN|S$)|CREDENTIAL/);
  });
});
