import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  ApiKey,
  AuthorizationType,
  CognitoUserPoolsAuthorizer,
  EndpointType,
  type IResource,
  LambdaIntegration,
  LogGroupLogDestination,
  type MethodOptions,
  Period,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { isFor, parseScope } from '../../shared/access/scopes.ts';
import type { CheckedSettings } from '../settings.ts';
import type { BundledFunction } from './function.ts';
import { answerInOutcomes } from './gateway-answers.ts';
import type { TokenIssuer } from './token-issuer.ts';

export interface FhirApiProps {
  readonly settings: CheckedSettings;
  readonly operationsKey: IKey;
  readonly tokens: TokenIssuer;
  readonly functions: Readonly<Record<Destination, BundledFunction>>;
}

/** The functions behind the API. */
type Destination = 'ingest' | 'serve' | 'justify' | 'subscribe';

interface Route {
  readonly methods: readonly string[];
  readonly path: string;
  readonly to: Destination;
  readonly allows: string;
  /** The one type that it is about; left out, the path says which. */
  readonly type?: string;
}

/** Functions that only systems may ask: their scopes alone open these. */
const FOR_SYSTEMS: ReadonlySet<Destination> = new Set(['ingest', 'subscribe']);

/** What is neither in a record nor about a person: subscriptions, and the panels that they are about. */
const SUBSCRIBING: readonly Route[] = ['Subscription', 'Group'].flatMap((type) => {
  const route = (methods: readonly string[], path: string, allows: string): Route => ({
    methods,
    path: `${type}${path}`,
    to: 'subscribe',
    allows,
    type,
  });
  return [
    ...['', '/_search', '/{id}', '/{id}/{rest+}'].map((path) => route(['OPTIONS'], path, '')),
    route(['GET', 'HEAD'], '', 'rs'),
    route(['POST'], '', 'c'),
    route(['PUT', 'PATCH', 'DELETE'], '', 'cud'),
    route(['POST'], '/_search', 'rs'),
    route(['GET', 'HEAD'], '/{id}', 'rs'),
    route(['PUT', 'PATCH', 'DELETE'], '/{id}', 'cud'),
    // `$status`, `$events`; `$replay` and others that change something: the function asks for the letter that each needs.
    route(['GET', 'HEAD'], '/{id}/{rest+}', 'rs'),
    route(['POST'], '/{id}/{rest+}', 'cruds'),
  ];
});

/**
 * Routes below `/fhir/R4`. `allows` are the letters of a SMART v2 scope any of which may let a request through; the
 * function then checks the one that its type and interaction need. No letters: no token is needed. Whoever reads may do so for a system, for a user
 * or as a person; only systems write.
 */
const ROUTES: readonly Route[] = [
  { methods: ['GET', 'HEAD'], path: 'metadata', to: 'serve', allows: '' },
  { methods: ['GET', 'HEAD'], path: '.well-known/smart-configuration', to: 'serve', allows: '' },
  // A browser asks before an app's script may send a request, and has no token to ask with.
  ...['metadata', '.well-known/smart-configuration', '{type}', '{type}/_search', '{type}/{id}', '{type}/{id}/{rest+}'].map(
    (path) => ({ methods: ['OPTIONS'], path, to: 'serve', allows: '' }) as const,
  ),
  { methods: ['POST'], path: '', to: 'ingest', allows: 'cud' },
  { methods: ['GET', 'HEAD'], path: '{type}', to: 'serve', allows: 'rs' },
  { methods: ['POST'], path: '{type}', to: 'ingest', allows: 'c' },
  { methods: ['PUT', 'PATCH', 'DELETE'], path: '{type}', to: 'ingest', allows: 'cud' },
  { methods: ['POST'], path: '{type}/_search', to: 'serve', allows: 'rs' },
  { methods: ['GET', 'HEAD'], path: '{type}/{id}', to: 'serve', allows: 'rs' },
  { methods: ['PUT', 'PATCH', 'DELETE'], path: '{type}/{id}', to: 'ingest', allows: 'cud' },
  // `_history`, `_history/{version}`, `$everything`.
  { methods: ['GET', 'HEAD'], path: '{type}/{id}/{rest+}', to: 'serve', allows: 'rs' },
  // `Patient/{id}/$break-glass`, `$claim-relationship`, `$watch`; `Task/{id}/$review`: the policies say who may.
  { methods: ['POST'], path: '{type}/{id}/{rest+}', to: 'justify', allows: 'rs' },
  // `Patient/$break-glass`, `Patient/$claim-relationship`: the person by NHS number, in the body.
  { methods: ['POST'], path: '{type}/{id}', to: 'justify', allows: 'rs' },
  ...SUBSCRIBING,
];

/** The API that partners speak to: FHIR R4 behind access tokens, throttled as a whole and per partner. */
export class FhirApi extends Construct {
  readonly api: RestApi;
  private readonly authoriser: CognitoUserPoolsAuthorizer;

  constructor(scope: Construct, id: string, props: FhirApiProps) {
    super(scope, id);
    const { settings, operationsKey, tokens } = props;
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/chesil/${settings.deployment}/access`,
      retention: settings.logRetentionDays as RetentionDays,
      encryptionKey: operationsKey,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.api = new RestApi(this, 'Api', {
      restApiName: `chesil-${settings.deployment}`,
      description: 'The shared care record, FHIR R4',
      endpointTypes: [EndpointType.REGIONAL],
      // Every body reaches the functions byte for byte: they inflate, decode and check it themselves.
      binaryMediaTypes: ['*/*'],
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: 'fhir',
        tracingEnabled: true,
        metricsEnabled: true,
        throttlingRateLimit: settings.throttle.requestsPerSecond,
        throttlingBurstLimit: settings.throttle.burst,
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: ACCESS_LOG,
      },
    });
    this.authoriser = new CognitoUserPoolsAuthorizer(this, 'Authoriser', { cognitoUserPools: [tokens.userPool] });
    this.addRoutes(props);
    answerInOutcomes(this.api);
    Validations.of(this.api).acknowledge(...FINDINGS);
    for (const client of settings.clients) this.addPlan(client, settings.deployment);
  }

  get stageArn(): string {
    return this.api.deploymentStage.stageArn;
  }

  /** `https://…/fhir/R4`, without a slash at the end. */
  get fhirUrl(): string {
    return this.api.urlForPath('/R4');
  }

  private addRoutes({ settings, tokens, functions }: FhirApiProps) {
    const r4 = this.api.root.addResource('R4');
    const integrations = {
      ingest: new LambdaIntegration(functions.ingest.lambda, { scopePermissionToMethod: false }),
      serve: new LambdaIntegration(functions.serve.lambda, { scopePermissionToMethod: false }),
      justify: new LambdaIntegration(functions.justify.lambda, { scopePermissionToMethod: false }),
      subscribe: new LambdaIntegration(functions.subscribe.lambda, { scopePermissionToMethod: false }),
    };
    for (const { methods, path, ...asked } of ROUTES) {
      const resource = path === '' ? r4 : path.split('/').reduce(stepDown, r4 as IResource);
      for (const name of methods) {
        const method = resource.addMethod(name, integrations[asked.to], this.authorise(asked, tokens, settings));
        if (asked.allows === '') Validations.of(method).acknowledge(...OPEN_TO_ALL);
      }
    }
  }

  private authorise(
    { to, allows, type }: Pick<Route, 'to' | 'allows' | 'type'>,
    tokens: TokenIssuer,
    { requireApiKey }: CheckedSettings,
  ): MethodOptions {
    if (allows === '') return { authorizationType: AuthorizationType.NONE };
    const lets = (text: string) => {
      const scope = parseScope(text);
      return (
        scope !== undefined && isFor(scope, type ?? scope.type, allows) && (!FOR_SYSTEMS.has(to) || scope.context === 'system')
      );
    };
    return {
      authorizationType: AuthorizationType.COGNITO,
      authorizer: this.authoriser,
      authorizationScopes: tokens.scopes.filter(lets),
      apiKeyRequired: requireApiKey,
    };
  }

  /** What one client may ask, counted by its API key. */
  private addPlan({ name, plan }: CheckedSettings['clients'][number], deployment: string) {
    const apiKey = new ApiKey(this, `Key-${name}`, { apiKeyName: `chesil-${deployment}-${name}` });
    this.api
      .addUsagePlan(`Plan-${name}`, {
        name: `chesil-${deployment}-${name}`,
        throttle: { rateLimit: plan.requestsPerSecond, burstLimit: plan.burst },
        quota: { limit: plan.requestsPerDay, period: Period.DAY },
        apiStages: [{ stage: this.api.deploymentStage }],
      })
      .addApiKey(apiKey);
  }
}

const stepDown = (resource: IResource, part: string): IResource => resource.getResource(part) ?? resource.addResource(part);

/** Who, what, how it went: no query string and no path, which hold identifiers of persons. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    at: AccessLogField.contextRequestTimeEpoch(),
    method: AccessLogField.contextHttpMethod(),
    resource: AccessLogField.contextResourcePath(),
    status: AccessLogField.contextStatus(),
    error: AccessLogField.contextErrorResponseType(),
    organisation: AccessLogField.contextAuthorizerClaims('organisation'),
    client: AccessLogField.contextAuthorizerClaims('client_id'),
    address: AccessLogField.contextIdentitySourceIp(),
    answerBytes: AccessLogField.contextResponseLength(),
    latencyMs: AccessLogField.contextResponseLatency(),
    functionMs: AccessLogField.contextIntegrationLatency(),
    traceId: AccessLogField.contextXrayTraceId(),
  }),
);

/** FHIR R4, section 3.1.0.9, and SMART App Launch 2.2, section 2.1: a client reads what a server can do before it can have a token. */
const OPEN_TO_ALL = ['AwsSolutions-APIG4', 'AwsSolutions-COG4'].map((id) => ({
  id,
  reason: 'It says how to get a token, or whether a script may send one, so it needs none. It tells of no person.',
}));

const FINDINGS = [
  {
    id: 'AwsSolutions-APIG2',
    reason: 'API Gateway cannot validate FHIR. The functions check every body, parameter and header, and say all that is wrong.',
  },
  {
    id: 'AwsSolutions-APIG6',
    reason: 'Execution logs hold query strings, and those may hold NHS numbers. Access logs, metrics and traces are on.',
  },
  {
    id: 'NIST.800.53.R5-APIGWExecutionLoggingEnabled',
    reason: 'Execution logs hold query strings, and those may hold NHS numbers. Access logs, metrics and traces are on.',
  },
  {
    id: 'NIST.800.53.R5-APIGWCacheEnabledAndEncrypted',
    reason: 'An answer depends on who asks and is audited each time: none may come from a cache.',
  },
  {
    id: 'NIST.800.53.R5-APIGWSSLEnabled',
    reason:
      'A client certificate proves API Gateway to an HTTP server behind it. Behind it are functions, which IAM lets it invoke.',
  },
  {
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    reason: 'The policy that API Gateway itself asks for to write its logs.',
  },
];
