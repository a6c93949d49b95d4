import { type KnownType, LOWER_CASE, type Naming, opaqueId, WHY } from '../known-type.ts';

/** API Gateway's ids: ten lower-case characters of an API, six of what is inside. */
const apiId = (naming: Naming): string => naming.opaque(10, LOWER_CASE);
const partId = (naming: Naming): string => naming.opaque(6, LOWER_CASE);

/** What `Fn::GetAtt RootResourceId` of an API answers: the parent of its first resources. */
const rootResourceId = (naming: Naming): string => opaqueId(`root ${naming.stack}/${naming.logicalId}`, 10, LOWER_CASE);

const part = (honours: readonly string[], ignores: Readonly<Record<string, string>> = {}): KnownType => ({
  ref: partId,
  honours,
  ignores,
});

const webAclArn = (naming: Naming): string =>
  `arn:aws:wafv2:${naming.place.region}:${naming.place.account}:regional/webacl/${naming.name('Name', 128)}/${naming.opaque(32)}`;

const FIREWALL = 'nobody but this machine can call it';

/** The API's routes, limits and answers; the firewall in front of it. */
export const GATEWAY_TYPES: Readonly<Record<string, KnownType>> = {
  'AWS::ApiGateway::RestApi': {
    ref: apiId,
    attributes: { RestApiId: apiId, RootResourceId: rootResourceId },
    honours: ['ApiKeySourceType', 'BinaryMediaTypes', 'MinimumCompressionSize'],
    ignores: {
      Description: WHY.description,
      DisableExecuteApiEndpoint: 'there is one address',
      EndpointConfiguration: 'there is one address',
      FailOnWarnings: 'speaks to the import of API definitions',
      Name: WHY.description,
      Tags: WHY.tags,
    },
  },
  'AWS::ApiGateway::Resource': part(['ParentId', 'PathPart', 'RestApiId']),
  'AWS::ApiGateway::Method': part(
    [
      'ApiKeyRequired',
      'AuthorizationScopes',
      'AuthorizationType',
      'AuthorizerId',
      'HttpMethod',
      'Integration.IntegrationHttpMethod',
      'Integration.TimeoutInMillis',
      'Integration.Type',
      'Integration.Uri',
      'ResourceId',
      'RestApiId',
    ],
    { OperationName: WHY.description, MethodResponses: 'a proxy integration answers as the function says' },
  ),
  'AWS::ApiGateway::Authorizer': part(['IdentitySource', 'ProviderARNs', 'RestApiId', 'Type'], { Name: WHY.description }),
  'AWS::ApiGateway::GatewayResponse': part([
    'ResponseParameters',
    'ResponseTemplates',
    'ResponseType',
    'RestApiId',
    'StatusCode',
  ]),
  'AWS::ApiGateway::Deployment': part(['RestApiId'], { Description: WHY.description }),
  'AWS::ApiGateway::Stage': {
    ref: (naming) => String(naming.property('StageName')),
    honours: [
      'DeploymentId',
      'MethodSettings.HttpMethod',
      'MethodSettings.ResourcePath',
      'MethodSettings.ThrottlingBurstLimit',
      'MethodSettings.ThrottlingRateLimit',
      'RestApiId',
      'StageName',
      'Variables',
    ],
    ignores: {
      AccessLogSetting: 'functions log each request; there is nobody else to log for on one machine',
      Description: WHY.description,
      'MethodSettings.CacheDataEncrypted': 'nothing is cached',
      'MethodSettings.DataTraceEnabled': WHY.operations,
      'MethodSettings.LoggingLevel': WHY.operations,
      'MethodSettings.MetricsEnabled': WHY.operations,
      Tags: WHY.tags,
      TracingEnabled: 'there is nowhere to send traces to',
    },
  },
  'AWS::ApiGateway::Account': part([], { CloudWatchRoleArn: WHY.logs }),
  'AWS::ApiGateway::ApiKey': {
    ref: partId,
    attributes: { APIKeyId: partId },
    honours: ['Enabled', 'Name', 'Value'],
    ignores: { Description: WHY.description, Tags: WHY.tags, StageKeys: 'usage plans say where a key counts' },
  },
  'AWS::ApiGateway::UsagePlan': {
    ref: partId,
    attributes: { Id: partId },
    honours: [
      'ApiStages.ApiId',
      'ApiStages.Stage',
      'ApiStages.Throttle',
      'Quota.Limit',
      'Quota.Period',
      'Throttle.BurstLimit',
      'Throttle.RateLimit',
    ],
    ignores: { Description: WHY.description, Tags: WHY.tags, UsagePlanName: WHY.description },
  },
  'AWS::ApiGateway::UsagePlanKey': part(['KeyId', 'KeyType', 'UsagePlanId']),
  'AWS::WAFv2::WebACL': {
    ref: (naming) => `${naming.name('Name', 128)}|${naming.opaque(32)}|REGIONAL`,
    attributes: { Arn: webAclArn, Id: (naming) => naming.opaque(32) },
    honours: [],
    ignores: Object.fromEntries(
      ['CustomResponseBodies', 'DefaultAction', 'Description', 'Name', 'Rules', 'Scope', 'Tags', 'VisibilityConfig'].map(
        (property) => [property, FIREWALL],
      ),
    ),
  },
  'AWS::WAFv2::WebACLAssociation': part([], { ResourceArn: FIREWALL, WebACLArn: FIREWALL }),
  'AWS::WAFv2::IPSet': {
    ref: (naming) => naming.opaque(32),
    attributes: { Arn: (naming) => `${webAclArn(naming)}/ipset` },
    honours: [],
    ignores: Object.fromEntries(
      ['Addresses', 'Description', 'IPAddressVersion', 'Name', 'Scope', 'Tags'].map((property) => [property, FIREWALL]),
    ),
  },
  'AWS::WAFv2::LoggingConfiguration': part([], {
    LogDestinationConfigs: FIREWALL,
    LoggingFilter: FIREWALL,
    RedactedFields: FIREWALL,
    ResourceArn: FIREWALL,
  }),
};
