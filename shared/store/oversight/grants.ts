import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Grant } from '../../access/grants.ts';
import type { ReviewTask } from '../../access/review/task.ts';
import type { Viewer } from '../../access/viewer.ts';
import { contentOf, getOne, type Kept, type OversightTable, putAll, readRange } from './items.ts';
import { keptTask } from './tasks.ts';

/**
 * Access that staff gave themselves, for a while. A grant for a person of whom there is no record **waits**: it opens
 * nothing and asks nobody for a review, until there is a record (docs/decisions/0068-break-glass-by-nhs-number.md).
 */
export interface Grants {
  /**
   * The grants of a viewer that open a record at an instant: of this member of staff, in this role, for this
   * organisation. None for a viewer who is no member of staff.
   * @param persons every personId that the record is kept under (mergers followed); one Query each, all at once.
   */
  grantsOf(persons: readonly string[], viewer: Viewer, at: string): Promise<readonly Grant[]>;
  /** The same of one person, with those that wait. */
  standing(person: string, viewer: Viewer, at: string): Promise<readonly Grant[]>;
  /**
   * Writes a grant together with the task to review it: never one without the other. Of those that are asked for at
   * once, each by a request of its own, one is written.
   * @param isKnown whether there is a record of the person; if not, the grant waits, with its task
   * @returns the grant that is kept under its id: this one, or the one that the same request wrote before; `undefined`
   * where another of its kind stands.
   */
  put(grant: Grant, task: ReviewTask, isKnown: boolean): Promise<Grant | undefined>;
  /** The grants that wait for a record of a person and have not ended at an instant, whoever has them. */
  waiting(person: string, at: string): Promise<readonly WaitingGrant[]>;
  /** Lets grants open the record that they waited for, each together with its task. Writes nothing a second time. */
  open(waiting: readonly WaitingGrant[]): Promise<void>;
}

/** A grant that waits, with the task that will ask for its review. */
export interface WaitingGrant {
  readonly grant: Grant;
  readonly task: ReviewTask;
}

/** For whom a grant is. */
type Holder = Pick<Viewer, 'staff' | 'role' | 'organisation'> | Pick<Grant, 'staff' | 'role' | 'organisation'>;

const WAITING = 'waiting#';

const keptGrant = (grant: Grant): Kept => ({
  subject: grant.person,
  item: `grant#${grant.staff}#${grant.from}#${grant.id}`,
  kind: 'grant',
  content: grant,
});

const keptWaiting = (grant: Grant, task: ReviewTask): Kept => ({
  subject: grant.person,
  item: `${WAITING}${grant.staff}#${grant.from}#${grant.id}`,
  kind: 'waiting',
  content: { grant, task } satisfies WaitingGrant,
});

/** In place of the task: a grant is written by as much work whether or not there is a record, so its time tells nothing. */
const keptNoTask = ({ person, id }: Grant): Kept => ({
  subject: person,
  item: `untasked#${id}`,
  kind: 'untasked',
  content: { grant: id },
});

/** One grant, and no other, follows on the one before it. */
const keptTurn = ({ person, kind, staff, role, organisation, id }: Grant, before: Grant | undefined): Kept => ({
  subject: person,
  item: `turn#${JSON.stringify([kind, staff, role, organisation, before?.id ?? ''])}`,
  kind: 'turn',
  content: { grant: id },
});

export function createGrants(oversight: OversightTable): Grants {
  const { client, table } = oversight;

  const read = async <T>(person: string, prefix: string): Promise<readonly T[]> => {
    const found: T[] = [];
    for await (const page of readRange(oversight, { subject: person, prefix }))
      found.push(...page.map((item) => contentOf<T>(item)));
    return found;
  };

  /** Every grant that opens a record, or did: of one holder, the oldest first. */
  const opening = async (person: string, holder: Holder): Promise<readonly Grant[]> =>
    holder.staff === undefined ? [] : ofHolder(await read<Grant>(person, `grant#${holder.staff}#`), holder);

  /** Every grant of one holder, those that wait or waited too, the oldest first. */
  const given = async (person: string, holder: Holder): Promise<readonly Grant[]> => {
    if (holder.staff === undefined) return [];
    const [opened, waiting] = await Promise.all([
      opening(person, holder),
      read<WaitingGrant>(person, `${WAITING}${holder.staff}#`),
    ]);
    const all = [
      ...ofHolder(
        waiting.map(({ grant }) => grant),
        holder,
      ),
      ...opened,
    ];
    return [...new Map(all.map((grant) => [grant.id, grant])).values()].sort(oldestFirst);
  };

  return {
    grantsOf: async (persons, viewer, at) => {
      const grants = await Promise.all(persons.map((person) => opening(person, viewer)));
      return grants.flat().filter((grant) => stands(grant, at));
    },

    standing: async (person, viewer, at) => (await given(person, viewer)).filter((grant) => stands(grant, at)),

    put: async (grant, task, isKnown) => {
      const { person, from, id } = grant;
      const before = (await given(person, grant)).findLast(({ kind }) => kind === grant.kind);
      if (before !== undefined && before.id !== id && from < before.until) return undefined;
      const request = { subject: person, item: `request#${id}` };
      const items = [
        ...(isKnown ? [keptGrant(grant), keptTask(task)] : [keptWaiting(grant, task), keptNoTask(grant)]),
        { ...request, kind: 'request', content: grant },
        keptTurn(grant, before),
      ];
      if (await putAll(oversight, items)) return grant;
      const { Item } = await client.send(new GetItemCommand(getOne(table, request)));
      return Item && contentOf<Grant>(Item);
    },

    waiting: async (person, at) => (await read<WaitingGrant>(person, WAITING)).filter(({ grant }) => at < grant.until),

    open: async (waiting) => {
      for (const { grant, task } of waiting) await putAll(oversight, [keptGrant(grant), keptTask(task)]);
    },
  };
}

/** A staff id may hold a `#`, so that a key that begins alike may be somebody else's. */
const ofHolder = (grants: readonly Grant[], { staff, role, organisation }: Holder): readonly Grant[] =>
  grants.filter((grant) => grant.staff === staff && grant.role === role && grant.organisation === organisation);

const oldestFirst = (one: Grant, other: Grant): number => {
  const [left, right] = [`${one.from}#${one.id}`, `${other.from}#${other.id}`];
  return left < right ? -1 : Number(left > right);
};

const stands = ({ from, until }: Grant, at: string): boolean => from <= at && at < until;
