/** How an invocation failed, in the words of Lambda (developer guide, "Lambda invocation errors"). */
export interface InvocationFailure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
  /** What stopped it: the function's own exception, its time, or the end of the environment that ran it. */
  readonly cause: 'exception' | 'timeout' | 'exit';
}

/** An invocation that failed. */
export class FunctionFailed extends Error {
  override readonly name = 'FunctionFailed';
  readonly functionName: string;
  readonly requestId: string;
  readonly failure: InvocationFailure;

  constructor(functionName: string, requestId: string, failure: InvocationFailure) {
    super(`${functionName} failed: ${failure.errorType}`);
    this.functionName = functionName;
    this.requestId = requestId;
    this.failure = failure;
  }
}

export const timedOut = (requestId: string, timeoutMs: number): InvocationFailure => ({
  errorType: 'Sandbox.Timedout',
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
  cause: 'timeout',
});

export const exited = (requestId: string, how: string): InvocationFailure => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
  cause: 'exit',
});

/** What Lambda makes of whatever a handler throws. */
export function thrown(error: unknown, errorType?: string): InvocationFailure {
  if (!(error instanceof Error))
    return { errorType: errorType ?? typeof error, errorMessage: String(error), trace: [], cause: 'exception' };
  return {
    errorType: errorType ?? error.name,
    errorMessage: error.message,
    trace: (error.stack ?? '').split('\n'),
    cause: 'exception',
  };
}
