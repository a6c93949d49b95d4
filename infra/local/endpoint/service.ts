import type { Demand } from '../iam/authorise.ts';
import type { Principal } from '../iam/model.ts';

/** Parameters of a call, as its JSON body gave them: unknown until read. */
export type Input = Readonly<Record<string, unknown>>;

/** Who calls, when, and whether they are still there. */
export interface Caller {
  readonly principal: Principal;
  readonly now: Date;
  /** Aborts when the caller hangs up: a long poll must not take messages for nobody. */
  readonly signal: AbortSignal;
}

/** A call that was understood: what it needs to be allowed, and what it does then. */
export interface Call {
  readonly demands: readonly Demand[];
  run(caller: Caller): Promise<unknown> | unknown;
}

/** A service of AWS, as far as it is needed here. */
export interface Service {
  /** What stands before the dot of `X-Amz-Target`. */
  readonly target: string;
  /** Version of the AWS JSON protocol. */
  readonly protocol: '1.0' | '1.1';
  /** Reads a call's parameters; a refusal when they make no sense. */
  readonly actions: Readonly<Record<string, (input: Input) => Call | ServiceRefusal>>;
}

/** An answer that AWS would refuse with: its error code and text. */
export interface ServiceRefusal {
  readonly refused: true;
  readonly code: string;
  readonly message: string;
  readonly status: number;
  /** The code of the older query protocol, which SDKs still put into `error.name` (SQS only). */
  readonly queryCode?: string;
}

export const refuseCall = (
  code: string,
  message: string,
  options: { readonly status?: number; readonly queryCode?: string } = {},
): ServiceRefusal => ({
  refused: true,
  code,
  message,
  status: options.status ?? 400,
  ...(options.queryCode === undefined ? {} : { queryCode: options.queryCode }),
});

export const isServiceRefusal = (value: unknown): value is ServiceRefusal =>
  typeof value === 'object' && value !== null && (value as { refused?: unknown }).refused === true;
