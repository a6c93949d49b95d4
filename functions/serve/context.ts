import type { Directory } from '../../shared/directory/directory.ts';
import type { Wanted } from '../../shared/fhir/answers/media.ts';
import type { HttpRequest } from '../../shared/lambda/http.ts';
import type { Identity } from '../../shared/record/identity.ts';
import type { LookDependencies, Looker } from './look.ts';

/** What the interactions of `serve` work with. */
export interface ServeDependencies extends LookDependencies {
  readonly directory: Directory;
  readonly identity: Identity;
  /** Seals page addresses: 32 bytes. */
  readonly cursorKey: Uint8Array;
  readonly now: () => Date;
}

/** A request by somebody who is known, with how the answer is wanted. */
export interface ServeRequest extends HttpRequest, Looker {
  readonly caller: NonNullable<HttpRequest['caller']>;
  readonly wanted: Wanted;
}
