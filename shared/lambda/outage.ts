/** Errors of a service that is there and turns a call away for now (AWS SDK, retry behaviour, "throttling errors"). */
const THROTTLED: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** Errors of a connection, as Node and the AWS SDK name them. */
const UNREACHABLE: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'TimeoutError']);

/** Errors are wrapped a few times at most. */
const MAX_DEPTH = 5;

/**
 * Whether an error means that a service we depend on cannot do its work just now: it failed by itself (5xx), turned the call
 * away, or cannot be reached. The same request may succeed later; nothing is wrong with it, or with us.
 */
export function isOutage(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > MAX_DEPTH) return false;
  const { name, code, $fault, $metadata } = error as Error & {
    readonly code?: unknown;
    readonly $fault?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  if ($fault === 'server' || ($metadata?.httpStatusCode ?? 0) >= 500) return true;
  if (THROTTLED.has(name) || UNREACHABLE.has(name) || UNREACHABLE.has(String(code))) return true;
  const causes = error instanceof AggregateError ? [error.cause, ...error.errors] : [error.cause];
  return causes.some((cause) => isOutage(cause, depth + 1));
}
