import type { Viewer } from '../access/viewer.ts';
import { type Refusal, refuse } from '../fhir/outcomes.ts';

/** The HTTP request and answer that a function's routes speak, whatever carries them. */

/** Who calls: taken from the claims of a token that API Gateway has checked. */
export interface Caller extends Viewer {
  /** Which system of its organisation a client is, by its name in the settings; the default for staff and people. */
  readonly source: string;
  /** SMART on FHIR v2 scopes, such as `system/*.cruds`. */
  readonly scopes: readonly string[];
}

/** Somebody who holds a token, and may do nothing in the way they ask. */
export interface RefusedCaller {
  readonly refusal: Refusal;
  /** Where it is known who they are: as whom the attempt is noted, in the first of their roles. Nothing is decided by it. */
  readonly as?: Caller;
}

/** A request, parsed. */
export interface HttpRequest {
  readonly method: string;
  /** Path segments below `/fhir/R4`, decoded: `['Observation', '<id>', '_history', '2']`. */
  readonly path: readonly string[];
  /** Query parameters in the order in which they came (of the query string, then of a form body). */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body, decompressed. Empty when there is none. */
  readonly body: Buffer;
  /** `undefined` on routes that need no token, and for somebody who is refused. */
  readonly caller: Caller | undefined;
  /** Why there is no caller, where there is a token. */
  readonly refused?: RefusedCaller;
  readonly requestId: string;
  readonly correlationId: string | undefined;
  /** `https://host/fhir/R4`, as the caller addressed us. */
  readonly fhirUrl: string;
}

/** An answer. A text body is compressed on the way out when the caller accepts gzip. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** FHIR JSON, ready to send; absent for 204 and 304. */
  readonly body?: string;
}

/** What somebody reads whom nobody knows, or who may do nothing as they ask. */
export const refusalOf = ({ refused }: HttpRequest): Refusal => refused?.refusal ?? refuse('unauthorised');
