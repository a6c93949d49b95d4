import type { Access } from '../../shared/access/access.ts';
import type { Caller, HttpRequest } from '../../shared/lambda/http.ts';
import type { Log } from '../../shared/lambda/logger.ts';
import type { Identity } from '../../shared/record/identity.ts';
import type { Audit } from '../../shared/store/audit.ts';
import type { KnownPersons } from '../../shared/store/known-persons.ts';
import type { Grants } from '../../shared/store/oversight/grants.ts';
import type { StaffRegister } from '../../shared/store/oversight/staff-register.ts';
import type { Tasks } from '../../shared/store/oversight/tasks.ts';
import type { WatchList } from '../../shared/store/oversight/watch-list.ts';

/** What the operations of `justify` work with. */
export interface JustifyDependencies {
  readonly grants: Pick<Grants, 'standing' | 'put' | 'waiting' | 'open'>;
  /** Whether there is a record of a person; none is read. */
  readonly persons: KnownPersons;
  readonly identity: Pick<Identity, 'person'>;
  readonly tasks: Tasks;
  readonly watchList: WatchList;
  readonly staffRegister: StaffRegister;
  readonly audit: Audit;
  /** Who may do what: the policies decide. */
  readonly access: Pick<Access, 'policyVersion' | 'may'>;
  /** The organisation that oversees all others, by its id. */
  readonly lead: string;
  readonly log: Log;
  /** 16 characters of base32, random. */
  readonly entryId: () => string;
  readonly now: () => Date;
}

/** A request by somebody who is known. */
export interface JustifyRequest extends HttpRequest {
  readonly caller: Caller;
  /** ISO 8601 instant of the request. */
  readonly at: string;
}
