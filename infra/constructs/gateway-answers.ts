import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { type OutcomeCode, operationOutcome, refuse, statusOf } from '../../shared/fhir/outcomes.ts';

/** What API Gateway refuses by itself, in the words of our own refusals, so that a caller reads one kind of answer. */
const ANSWERS: readonly (readonly [type: ResponseType, code: OutcomeCode])[] = [
  [ResponseType.UNAUTHORIZED, 'unauthorised'],
  [ResponseType.EXPIRED_TOKEN, 'unauthorised'],
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, 'not-found'],
  [ResponseType.RESOURCE_NOT_FOUND, 'not-found'],
  // Where there is no route there is no authoriser either: API Gateway takes the token for a signature of AWS's, and a bad one.
  [ResponseType.INVALID_SIGNATURE, 'not-found'],
  [ResponseType.ACCESS_DENIED, 'missing-scope'],
  [ResponseType.INVALID_API_KEY, 'unauthorised'],
  [ResponseType.THROTTLED, 'throttled'],
  [ResponseType.QUOTA_EXCEEDED, 'throttled'],
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

/** Makes every refusal of API Gateway an OperationOutcome that echoes the request's ids. */
export function answerInOutcomes(api: RestApi): void {
  for (const [type, code] of ANSWERS) {
    const refusal = refuse(code);
    api.addGatewayResponse(`Answer-${type.responseType}`, {
      type,
      statusCode: String(statusOf(refusal)),
      responseHeaders: {
        'Content-Type': "'application/fhir+json; charset=utf-8'",
        'Cache-Control': "'no-store'",
        'X-Request-ID': 'method.request.header.X-Request-ID',
        'X-Correlation-ID': 'method.request.header.X-Correlation-ID',
      },
      templates: { 'application/json': JSON.stringify(operationOutcome(refusal.issues)) },
    });
  }
}
