import type { InvocationFailure } from './failure.ts';

/** What an environment is told when it starts. */
export interface EnvironmentSetup {
  readonly name: string;
  readonly arn: string;
  readonly folder: string;
  readonly handler: string;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly logFormat: 'JSON' | 'Text';
  readonly logPath: string;
  /** Where Node keeps compiled bundles, so that the next start is quicker. */
  readonly compileCache: string;
}

/** One event for a function. */
export interface Invoke {
  readonly kind: 'invoke';
  readonly requestId: string;
  readonly event: unknown;
  /** Body of an HTTP request as it came: put into the event as base64 on the other side. */
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Whether the result is an answer to HTTP, whose body is then handed back as bytes. */
  readonly proxied: boolean;
  readonly deadline: number;
}

/** An answer to HTTP as a function gives it (API Gateway, proxy integration output), its body as bytes. */
export interface ProxiedResult {
  readonly result: unknown;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  /** Size as JSON, which is what Lambda's limit counts. */
  readonly payloadBytes: number;
}

export type FromEnvironment =
  | { readonly kind: 'ready'; readonly initMs: number }
  | { readonly kind: 'unusable'; readonly failure: InvocationFailure }
  | { readonly kind: 'answered'; readonly requestId: string; readonly answer: string | ProxiedResult }
  | { readonly kind: 'failed'; readonly requestId: string; readonly failure: InvocationFailure };
