import { authorise } from '../iam/authorise.ts';
import type { Principal } from '../iam/model.ts';
import type { Policies } from '../iam/policies.ts';
import type { Place } from '../resource.ts';
import type { Need } from './request.ts';
import type { TableDescription } from './tables.ts';

/** Whether a call of a caller has to wait for room while the disk is short of it. The same question always has the same answer. */
export type RoomRule = (principal: Principal, need: Need) => boolean;

interface Parts {
  readonly tables: readonly TableDescription[];
  readonly policies: Policies;
  readonly place: Place;
  /** Roles of the functions behind the API. */
  readonly apiRoles: ReadonlySet<string>;
  /** Somebody whose own role allows everything. */
  readonly operator: Principal;
}

const WRITES: ReadonlySet<string> = new Set(
  ['BatchWriteItem', 'DeleteItem', 'PutItem', 'UpdateItem'].map((name) => `dynamodb:${name}`),
);

/**
 * What comes in through the API waits for room, except for what must be written all the same: tables that nobody may change
 * afterwards hold the audit and what people answer for, and without an entry there no record is shown. What follows from earlier
 * writes does not wait: it is little, and brings to an end what was begun.
 */
export function createRoomRule({ tables, policies, place, apiRoles, operator }: Parts): RoomRule {
  const appendOnly = new Set(
    tables
      .filter(({ arn }) => authorise(operator, { action: 'dynamodb:DeleteItem', resource: arn }, policies) !== 'allowed')
      .map(({ name }) => name),
  );
  const prefix = `arn:aws:dynamodb:${place.region}:${place.account}:table/`;
  return ({ arn }, { action, table }) => {
    const name = table.startsWith(prefix) ? table.slice(prefix.length) : table;
    return WRITES.has(action) && apiRoles.has(arn) && !appendOnly.has(name);
  };
}
