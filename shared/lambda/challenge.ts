import type { HttpAnswer } from './http.ts';

/** What a protected resource asks for (RFC 6750, section 3; RFC 9110, section 11.6.1). */
export const BEARER_CHALLENGE = 'Bearer realm="chesil"';

/** The same where the token is past its time, so that an app signs in again instead of giving up. */
export const EXPIRED_CHALLENGE = `${BEARER_CHALLENGE}, error="invalid_token", error_description="The token has expired"`;

/** The same where the token is good and its scopes are not enough. */
export const SCOPE_CHALLENGE = `${BEARER_CHALLENGE}, error="insufficient_scope"`;

/** Seconds after which it is worth trying again, of outcomes with status 429 or 503 that do not say (RFC 9110, section 10.2.3). */
const RETRY_AFTER_SECONDS = 2;

/**
 * The headers that go with the status of a refusal: how to authenticate with 401, when to try again with 429 and 503.
 * API Gateway renames the `WWW-Authenticate` of a function (to `x-amzn-Remapped-…`); what it refuses itself keeps it.
 */
export function headersOfStatus(status: number, retryAfterSeconds = RETRY_AFTER_SECONDS): NonNullable<HttpAnswer['headers']> {
  if (status === 401) return { 'www-authenticate': BEARER_CHALLENGE };
  return status === 429 || status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {};
}
