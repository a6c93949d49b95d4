import { type ResolvedResource, UnsupportedTemplate } from '../resource.ts';
import type { TemplateResource } from '../template/template.ts';

/** A function as the template describes it. */
export interface FunctionDescription {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** Folder of the bundle: what Lambda unpacks at `/var/task`. */
  readonly folder: string;
  /** File and export: `index.handler`. */
  readonly handler: string;
  readonly runtime: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly logFormat: 'JSON' | 'Text';
  readonly logLevel: string | undefined;
  readonly logGroup: string;
}

/** What Lambda takes when a template does not say (CloudFormation, `AWS::Lambda::Function`). */
const DEFAULTS = { timeoutSeconds: 3, memoryMb: 128 } as const;

/** @throws UnsupportedTemplate on a runtime that is not Node, or code that is not in the assembly */
export function describeFunction(resource: TemplateResource): FunctionDescription {
  const { logicalId, ref, attributes, assetFolder } = resource;
  const { Handler, Role, Runtime, Timeout, MemorySize, Environment, LoggingConfig } = resource.properties as {
    Handler?: string;
    Role: string;
    Runtime?: string;
    Timeout?: number;
    MemorySize?: number;
    Environment?: { Variables?: Readonly<Record<string, unknown>> };
    LoggingConfig?: { LogFormat?: 'JSON' | 'Text'; LogGroup?: string; ApplicationLogLevel?: string };
  };
  if (Runtime === undefined || !Runtime.startsWith('nodejs') || Handler === undefined)
    throw new UnsupportedTemplate(`${logicalId}.Runtime`, 'functions run on Node.js here, from a bundle');
  if (assetFolder === undefined)
    throw new UnsupportedTemplate(
      `${logicalId}.Code`,
      'its code is not in the assembly: synthesise with aws:cdk:enable-asset-metadata',
    );
  return {
    name: ref,
    arn: attributes.Arn ?? '',
    roleArn: Role,
    folder: assetFolder,
    handler: Handler,
    runtime: Runtime,
    timeoutMs: Number(Timeout ?? DEFAULTS.timeoutSeconds) * 1000,
    memoryMb: Number(MemorySize ?? DEFAULTS.memoryMb),
    variables: Object.fromEntries(Object.entries(Environment?.Variables ?? {}).map(([name, value]) => [name, String(value)])),
    logFormat: LoggingConfig?.LogFormat ?? 'Text',
    logLevel: LoggingConfig?.ApplicationLogLevel,
    logGroup: LoggingConfig?.LogGroup ?? `/aws/lambda/${ref}`,
  };
}

/** The environment that a function finds: what the template gives it, and what Lambda itself sets. */
export function environmentOf(
  description: FunctionDescription,
  {
    region,
    accessKey,
    endpoints,
  }: {
    readonly region: string;
    readonly accessKey: { readonly accessKeyId: string; readonly secretAccessKey: string };
    /** Standard variables of the AWS SDKs, such as `AWS_ENDPOINT_URL_DYNAMODB`: the only thing that is not as on AWS. */
    readonly endpoints: Readonly<Record<string, string>>;
  },
): Readonly<Record<string, string>> {
  const { name, folder, handler, runtime, memoryMb, logFormat, logLevel, logGroup } = description;
  return {
    ...description.variables,
    ...endpoints,
    _HANDLER: handler,
    AWS_ACCESS_KEY_ID: accessKey.accessKeyId,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: logFormat,
    ...(logLevel === undefined ? {} : { AWS_LAMBDA_LOG_LEVEL: logLevel }),
    AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_REGION: region,
    AWS_SECRET_ACCESS_KEY: accessKey.secretAccessKey,
    LAMBDA_TASK_ROOT: folder,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  };
}

/** All functions of a template. */
export const functionsOf = (resources: readonly TemplateResource[]): FunctionDescription[] =>
  resources.filter(({ type }: ResolvedResource) => type === 'AWS::Lambda::Function').map(describeFunction);
