import { authorise } from '../iam/authorise.ts';
import type { Policies } from '../iam/policies.ts';
import { servicePrincipal } from '../iam/principal.ts';
import { type Place, type ResolvedResource, resourcesOf, UnsupportedTemplate } from '../resource.ts';
import { type GatewayResponses, readGatewayResponses } from './gateway-responses.ts';
import { type PlanSettings, readPlans } from './plans.ts';
import type { Limits } from './throttle.ts';

/** What a method of the API asks and where it leads. */
export interface Method {
  readonly httpMethod: string;
  /** As the template writes it: `/R4/{type}/{id}`. */
  readonly resourcePath: string;
  readonly resourceId: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
  /** Absent where no token is asked for. */
  readonly authorizer: { readonly poolArns: readonly string[]; readonly scopes: readonly string[] } | undefined;
  readonly apiKeyRequired: boolean;
  readonly limits: Limits | undefined;
}

/** A REST API with its one stage. */
export interface Api {
  readonly id: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>> | null;
  readonly methods: readonly Method[];
  readonly responses: GatewayResponses;
  readonly plans: PlanSettings;
}

/** API Gateway waits that long for a function, and no longer (REST APIs, quotas). */
const MOST_TIMEOUT_MS = 29_000;

const FUNCTION_OF_URI = /\/functions\/(arn:[^/]+)\/invocations$/;

/**
 * Reads the REST API of a template.
 *
 * @throws UnsupportedTemplate when there is not exactly one API with one stage, or when API Gateway could not do what a method asks
 */
export function readApi(resources: readonly ResolvedResource[], policies: Policies, place: Place): Api {
  const api = only(resources, 'AWS::ApiGateway::RestApi');
  const stage = only(resources, 'AWS::ApiGateway::Stage');
  refuseOtherBodies(api);
  const paths = pathsOf(api, resources);
  const authorizers = new Map(
    resourcesOf(resources, 'AWS::ApiGateway::Authorizer').map((resource) => [resource.ref, poolsOf(resource)]),
  );
  const stageName = stage.ref;
  const settings = (stage.properties.MethodSettings ?? []) as readonly MethodSetting[];
  const methods = resourcesOf(resources, 'AWS::ApiGateway::Method').map((resource) => {
    const method = readMethod(resource, paths, authorizers, settings);
    assertPermission(resource, method, { api: api.ref, stageName, policies, place });
    return method;
  });
  return {
    id: api.ref,
    stage: stageName,
    stageVariables: (stage.properties.Variables as Readonly<Record<string, string>> | undefined) ?? null,
    methods,
    responses: readGatewayResponses(resourcesOf(resources, 'AWS::ApiGateway::GatewayResponse')),
    plans: readPlans(resources, api.ref, stageName),
  };
}

function only(resources: readonly ResolvedResource[], type: string): ResolvedResource {
  const found = resourcesOf(resources, type);
  if (found.length !== 1 || found[0] === undefined)
    throw new UnsupportedTemplate(type, `the runtime serves exactly one, the template has ${found.length}`);
  return found[0];
}

function refuseOtherBodies({ logicalId, properties }: ResolvedResource): void {
  const {
    BinaryMediaTypes = [],
    MinimumCompressionSize,
    ApiKeySourceType = 'HEADER',
  } = properties as {
    BinaryMediaTypes?: readonly string[];
    MinimumCompressionSize?: unknown;
    ApiKeySourceType?: string;
  };
  if (BinaryMediaTypes.length !== 1 || BinaryMediaTypes[0] !== '*/*')
    throw new UnsupportedTemplate(`${logicalId}.BinaryMediaTypes`, 'only */* is played: every body goes through as bytes');
  if (MinimumCompressionSize !== undefined)
    throw new UnsupportedTemplate(`${logicalId}.MinimumCompressionSize`, 'answers are not compressed here: functions do it');
  if (ApiKeySourceType !== 'HEADER') throw new UnsupportedTemplate(`${logicalId}.ApiKeySourceType`, 'only HEADER is played');
}

/** The path of every resource, from the tree that the template spells out link by link. */
function pathsOf(api: ResolvedResource, resources: readonly ResolvedResource[]): ReadonlyMap<string, string> {
  const tree = new Map(resourcesOf(resources, 'AWS::ApiGateway::Resource').map((resource) => [resource.ref, resource]));
  const root = api.attributes.RootResourceId ?? '';
  const paths = new Map([[root, '']]);
  const pathOf = (id: string): string => {
    const known = paths.get(id);
    if (known !== undefined) return known;
    const resource = tree.get(id);
    if (resource === undefined) throw new UnsupportedTemplate(api.logicalId, `there is no resource ${id}`);
    const path = `${pathOf(String(resource.properties.ParentId))}/${String(resource.properties.PathPart)}`;
    paths.set(id, path);
    return path;
  };
  for (const id of tree.keys()) pathOf(id);
  return paths;
}

function poolsOf({ logicalId, properties }: ResolvedResource): readonly string[] {
  const {
    Type,
    IdentitySource,
    ProviderARNs = [],
  } = properties as {
    Type: string;
    IdentitySource?: string;
    ProviderARNs?: readonly string[];
  };
  if (Type !== 'COGNITO_USER_POOLS') throw new UnsupportedTemplate(`${logicalId}.Type`, 'only COGNITO_USER_POOLS is played');
  if (IdentitySource !== 'method.request.header.Authorization')
    throw new UnsupportedTemplate(`${logicalId}.IdentitySource`, 'only the Authorization header is played');
  return ProviderARNs;
}

interface MethodSetting {
  readonly HttpMethod?: string;
  readonly ResourcePath?: string;
  readonly ThrottlingRateLimit?: number;
  readonly ThrottlingBurstLimit?: number;
}

function readMethod(
  { logicalId, properties }: ResolvedResource,
  paths: ReadonlyMap<string, string>,
  authorizers: ReadonlyMap<string, readonly string[]>,
  settings: readonly MethodSetting[],
): Method {
  const { HttpMethod, ResourceId, AuthorizationType, AuthorizerId, AuthorizationScopes, ApiKeyRequired, Integration } =
    properties as {
      HttpMethod: string;
      ResourceId: string;
      AuthorizationType?: string;
      AuthorizerId?: string;
      AuthorizationScopes?: readonly string[];
      ApiKeyRequired?: unknown;
      Integration: { Type?: string; Uri?: string; TimeoutInMillis?: number };
    };
  const functionArn = FUNCTION_OF_URI.exec(Integration.Uri ?? '')?.[1];
  if (Integration.Type !== 'AWS_PROXY' || functionArn === undefined)
    throw new UnsupportedTemplate(`${logicalId}.Integration`, 'only AWS_PROXY to a function is played');
  if (!['NONE', 'COGNITO_USER_POOLS', undefined].includes(AuthorizationType))
    throw new UnsupportedTemplate(`${logicalId}.AuthorizationType`, 'only NONE and COGNITO_USER_POOLS are played');
  const poolArns = AuthorizationType === 'COGNITO_USER_POOLS' ? authorizers.get(AuthorizerId ?? '') : undefined;
  if (AuthorizationType === 'COGNITO_USER_POOLS' && poolArns === undefined)
    throw new UnsupportedTemplate(`${logicalId}.AuthorizerId`, 'there is no such authorizer');
  if (AuthorizationType === 'COGNITO_USER_POOLS' && AuthorizationScopes === undefined)
    throw new UnsupportedTemplate(
      `${logicalId}.AuthorizationScopes`,
      'without scopes API Gateway asks for an ID token, which is not played',
    );
  const resourcePath = paths.get(ResourceId) || '/';
  return {
    httpMethod: HttpMethod,
    resourcePath,
    resourceId: ResourceId,
    functionArn,
    timeoutMs: Integration.TimeoutInMillis ?? MOST_TIMEOUT_MS,
    authorizer: poolArns === undefined ? undefined : { poolArns, scopes: AuthorizationScopes ?? [] },
    apiKeyRequired: String(ApiKeyRequired) === 'true',
    limits: limitsOf(settings, HttpMethod, resourcePath),
  };
}

/** The setting of the very method, else the one for all (API Gateway API reference, "UpdateStage": `/*` and `*`). */
function limitsOf(settings: readonly MethodSetting[], httpMethod: string, resourcePath: string): Limits | undefined {
  const path = (setting: MethodSetting) => (setting.ResourcePath ?? '/*').replaceAll('~1', '/').replace(/^\/\//, '/');
  const exact = settings.find((setting) => path(setting) === resourcePath && setting.HttpMethod === httpMethod);
  const general = settings.find((setting) => path(setting) === '/*' && (setting.HttpMethod ?? '*') === '*');
  const { ThrottlingRateLimit, ThrottlingBurstLimit } = exact ?? general ?? {};
  if (ThrottlingRateLimit === undefined || ThrottlingBurstLimit === undefined) return undefined;
  return { perSecond: Number(ThrottlingRateLimit), burst: Number(ThrottlingBurstLimit) };
}

interface Surroundings {
  readonly api: string;
  readonly stageName: string;
  readonly policies: Policies;
  readonly place: Place;
}

/** On AWS a method whose function does not let API Gateway in answers 500 to everybody: here it stops the start. */
function assertPermission(
  { logicalId }: ResolvedResource,
  method: Method,
  { api, stageName, policies, place }: Surroundings,
): void {
  const path = method.resourcePath.replaceAll(/\{[^}]+\}/g, '*');
  const source = `arn:aws:execute-api:${place.region}:${place.account}:${api}/${stageName}/${method.httpMethod}${path}`;
  const context = { 'aws:SourceArn': source, 'aws:SourceAccount': place.account };
  const demand = { action: 'lambda:InvokeFunction', resource: method.functionArn, context };
  if (authorise(servicePrincipal('apigateway.amazonaws.com', place), demand, policies) !== 'allowed')
    throw new UnsupportedTemplate(logicalId, `no AWS::Lambda::Permission lets API Gateway invoke ${method.functionArn} for it`);
}
