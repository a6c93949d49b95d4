import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { type OutcomeCode, operationOutcome, refuse, retryAfterOf, statusOf } from '../../shared/fhir/outcomes.ts';
import { EXPIRED_CHALLENGE, headersOfStatus, SCOPE_CHALLENGE } from '../../shared/lambda/challenge.ts';
import { EXPOSED_HEADERS } from '../../shared/lambda/cors.ts';

/** Headers of their own that some answers have. */
type Headers = Readonly<Record<string, string>>;

/** A quota is of one day (UTC): it is not worth asking every few seconds. */
const NEXT_QUOTA_SECONDS = 3_600;

/** What API Gateway refuses by itself, in the words of our own refusals, so that a caller reads one kind of answer. */
const ANSWERS: readonly (readonly [type: ResponseType, code: OutcomeCode, headers?: Headers])[] = [
  [ResponseType.UNAUTHORIZED, 'unauthorised'],
  [ResponseType.EXPIRED_TOKEN, 'unauthorised', { 'www-authenticate': EXPIRED_CHALLENGE }],
  // API Gateway calls it so when an address or method has no route.
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, 'not-offered'],
  [ResponseType.RESOURCE_NOT_FOUND, 'not-offered'],
  // Where there is no route there is no authoriser either: API Gateway takes the token for a signature of AWS's, and a bad one.
  [ResponseType.INVALID_SIGNATURE, 'not-offered'],
  [ResponseType.ACCESS_DENIED, 'missing-scope', { 'www-authenticate': SCOPE_CHALLENGE }],
  [ResponseType.INVALID_API_KEY, 'unauthorised'],
  [ResponseType.THROTTLED, 'throttled'],
  [ResponseType.QUOTA_EXCEEDED, 'throttled', { 'retry-after': String(NEXT_QUOTA_SECONDS) }],
  [ResponseType.REQUEST_TOO_LARGE, 'too-large'],
  [ResponseType.WAF_FILTERED, 'filtered'],
  [ResponseType.INTEGRATION_TIMEOUT, 'unavailable'],
  [ResponseType.INTEGRATION_FAILURE, 'unavailable'],
  [ResponseType.AUTHORIZER_FAILURE, 'unavailable'],
  [ResponseType.AUTHORIZER_CONFIGURATION_ERROR, 'failed'],
  [ResponseType.API_CONFIGURATION_ERROR, 'failed'],
  [ResponseType.DEFAULT_4XX, 'not-allowed'],
  [ResponseType.DEFAULT_5XX, 'failed'],
];

/**
 * Makes every refusal of API Gateway an OperationOutcome that echoes the request's ids.
 *
 * Any script may read these answers: they say nothing but that the gateway refused, and an app whose token has expired
 * must be able to tell that from a broken network. What the functions answer only registered apps may read.
 */
export function answerInOutcomes(api: RestApi): void {
  for (const [type, code, headers] of ANSWERS) {
    const refusal = refuse(code);
    const status = statusOf(refusal);
    api.addGatewayResponse(`Answer-${type.responseType}`, {
      type,
      statusCode: String(status),
      responseHeaders: {
        ...quoted({ ...headersOfStatus(status, retryAfterOf(refusal)), ...headers, ...COMMON }),
        'X-Request-ID': 'method.request.header.X-Request-ID',
        'X-Correlation-ID': 'method.request.header.X-Correlation-ID',
      },
      templates: { 'application/json': JSON.stringify(operationOutcome(refusal.issues)) },
    });
  }
}

const COMMON: Headers = {
  'Content-Type': 'application/fhir+json; charset=utf-8',
  'Cache-Control': 'no-store',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': EXPOSED_HEADERS,
};

/** As API Gateway has fixed values: between single quotes. */
const quoted = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `'${value}'`]));
