import { type ResolvedResource, UnsupportedTemplate } from '../resource.ts';

/** Kinds of answers that API Gateway gives by itself (developer guide, "Gateway response types"), as far as they occur here. */
const TYPES = {
  ACCESS_DENIED: [403, 'AccessDeniedException', 'User is not authorized to access this resource'],
  BAD_REQUEST_BODY: [400, 'BadRequestException', 'Bad Request'],
  EXPIRED_TOKEN: [401, 'UnauthorizedException', 'The incoming token has expired'],
  INTEGRATION_FAILURE: [504, 'InternalServerErrorException', 'Internal server error'],
  INTEGRATION_TIMEOUT: [504, 'InternalServerErrorException', 'Endpoint request timed out'],
  INVALID_API_KEY: [403, 'ForbiddenException', 'Forbidden'],
  MISSING_AUTHENTICATION_TOKEN: [403, 'MissingAuthenticationTokenException', 'Missing Authentication Token'],
  QUOTA_EXCEEDED: [429, 'LimitExceededException', 'Limit Exceeded'],
  REQUEST_TOO_LARGE: [413, 'RequestEntityTooLargeException', 'Request Too Long'],
  THROTTLED: [429, 'TooManyRequestsException', 'Too Many Requests'],
  UNAUTHORIZED: [401, 'UnauthorizedException', 'Unauthorized'],
  /** A function that failed, or answered what is no answer: it has no type of its own. */
  DEFAULT_5XX: [502, 'InternalServerErrorException', 'Internal server error'],
} as const satisfies Record<string, readonly [status: number, errorType: string, message: string]>;

export type ResponseType = keyof typeof TYPES;

/** What a gateway response may speak of. */
export interface Occasion {
  readonly requestId: string;
  /** Of the request, by lower-case name. */
  header(name: string): string | undefined;
}

export interface GatewayAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type GatewayResponses = (type: ResponseType, occasion: Occasion) => GatewayAnswer;

interface Setting {
  readonly status: number | undefined;
  readonly headers: readonly (readonly [name: string, value: (occasion: Occasion) => string | undefined])[];
  readonly template: ((occasion: Occasion, type: ResponseType) => string) | undefined;
}

/**
 * Reads the gateway responses of an API. A type that the template does not set answers as `DEFAULT_4XX` or `DEFAULT_5XX` does, else as
 * API Gateway itself.
 *
 * @throws UnsupportedTemplate on a template or parameter that is not understood
 */
export function readGatewayResponses(resources: readonly ResolvedResource[]): GatewayResponses {
  const settings = new Map(resources.map((resource) => [String(resource.properties.ResponseType), readSetting(resource)]));
  return (type, occasion) => {
    const [status, errorType, message] = TYPES[type];
    const setting = settings.get(type) ?? settings.get(status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'x-amzn-RequestId': occasion.requestId,
      'x-amzn-ErrorType': errorType,
    };
    for (const [name, value] of setting?.headers ?? []) {
      const text = value(occasion);
      if (text !== undefined) headers[name] = text;
    }
    return {
      status: setting?.status ?? status,
      headers,
      body: setting?.template?.(occasion, type) ?? JSON.stringify({ message }),
    };
  };
}

function readSetting({ logicalId, properties }: ResolvedResource): Setting {
  const {
    ResponseParameters = {},
    ResponseTemplates = {},
    StatusCode,
  } = properties as {
    ResponseParameters?: Readonly<Record<string, string>>;
    ResponseTemplates?: Readonly<Record<string, string>>;
    StatusCode?: string;
  };
  const mediaTypes = Object.keys(ResponseTemplates);
  if (mediaTypes.some((mediaType) => mediaType !== 'application/json'))
    throw new UnsupportedTemplate(`${logicalId}.ResponseTemplates`, 'only the template for application/json is played');
  const template = ResponseTemplates['application/json'];
  return {
    status: StatusCode === undefined ? undefined : Number(StatusCode),
    headers: Object.entries(ResponseParameters).map(([target, source]) => readParameter(target, source, logicalId)),
    template: template === undefined ? undefined : compileTemplate(template, logicalId),
  };
}

const TARGET = /^gatewayresponse\.header\.(.+)$/;

function readParameter(target: string, source: string, logicalId: string): Setting['headers'][number] {
  const name = TARGET.exec(target)?.[1];
  const at = `${logicalId}.ResponseParameters`;
  if (name === undefined) throw new UnsupportedTemplate(at, `${target} is not understood`);
  const fixed = /^'(.*)'$/s.exec(source)?.[1];
  if (fixed !== undefined) return [name.toLowerCase(), () => fixed];
  const header = /^method\.request\.header\.(.+)$/.exec(source)?.[1];
  if (header !== undefined) return [name.toLowerCase(), (occasion) => occasion.header(header.toLowerCase())];
  if (source === 'context.requestId') return [name.toLowerCase(), ({ requestId }) => requestId];
  throw new UnsupportedTemplate(at, `${source} is not understood`);
}

type Variable = (occasion: Occasion, type: ResponseType) => string;

/** Variables of gateway response templates (developer guide, "Mapping template reference"). */
const VARIABLES: Readonly<Record<string, Variable>> = {
  'context.error.message': (_occasion, type) => TYPES[type][2],
  'context.error.messageString': (_occasion, type) => JSON.stringify(TYPES[type][2]),
  'context.error.responseType': (_occasion, type) => type,
  'context.requestId': ({ requestId }) => requestId,
};

function compileTemplate(template: string, logicalId: string): Variable {
  const at = `${logicalId}.ResponseTemplates`;
  if (/#(?:set|if|foreach|else|end)\b/.test(template))
    throw new UnsupportedTemplate(at, 'directives of the template language are not played');
  const written = [...template.matchAll(/\$(?:\{)?((?:context|input|stageVariables|util)\.[A-Za-z.]+)\}?/g)];
  const unknown = written.find(([, name = '']) => VARIABLES[name] === undefined);
  if (unknown !== undefined) throw new UnsupportedTemplate(at, `${unknown[0]} is not understood`);
  return (occasion, type) =>
    written.reduceRight(
      (text, { 0: whole, 1: name = '', index }) =>
        text.slice(0, index) + VARIABLES[name]!(occasion, type) + text.slice(index + whole.length),
      template,
    );
}
