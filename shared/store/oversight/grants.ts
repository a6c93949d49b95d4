import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Grant } from '../../access/grants.ts';
import type { ReviewTask } from '../../access/review/task.ts';
import type { Viewer } from '../../access/viewer.ts';
import { contentOf, getOne, type Kept, type OversightTable, putAll, readRange } from './items.ts';
import { keptTask } from './tasks.ts';

/** What staff opened to themselves, for a while. */
export interface Grants {
  /**
   * The grants of a viewer that stand at an instant: of this member of staff, in this role, for this organisation. None for whoever is no staff.
   * @param persons every personId that the record is kept under (mergers followed); one Query each, all at once.
   */
  grantsOf(persons: readonly string[], viewer: Viewer, at: string): Promise<readonly Grant[]>;
  /**
   * Puts a grant together with the task to review it: never one without the other. Of those that are asked for at once, each by a request of its own, one is put.
   * @returns the grant that is kept under its id: this one, or the one that the same request put before; `undefined` where another of its kind stands.
   */
  put(grant: Grant, task: ReviewTask): Promise<Grant | undefined>;
}

/** For whom a grant is. */
type Holder = Pick<Viewer, 'staff' | 'role' | 'organisation'> | Pick<Grant, 'staff' | 'role' | 'organisation'>;

/** One grant, and no other, follows on the one before it. */
const keptTurn = ({ person, kind, staff, role, organisation, id }: Grant, before: Grant | undefined): Kept => ({
  subject: person,
  item: `turn#${JSON.stringify([kind, staff, role, organisation, before?.id ?? ''])}`,
  kind: 'turn',
  content: { grant: id },
});

export function createGrants(oversight: OversightTable): Grants {
  const { client, table } = oversight;

  /** All that somebody was ever granted, in a role, for an organisation: the oldest first. */
  async function given(person: string, { staff, role, organisation }: Holder): Promise<readonly Grant[]> {
    if (staff === undefined) return [];
    const found: Grant[] = [];
    for await (const page of readRange(oversight, { subject: person, prefix: `grant#${staff}#` }))
      found.push(...page.map((item) => contentOf<Grant>(item)));
    // A staff id may hold a `#`, so that what begins alike may be somebody else's.
    return found.filter((grant) => grant.staff === staff && grant.role === role && grant.organisation === organisation);
  }

  const standing = async (person: string, viewer: Viewer, at: string): Promise<readonly Grant[]> =>
    (await given(person, viewer)).filter(({ from, until }) => from <= at && at < until);

  return {
    grantsOf: async (persons, viewer, at) => {
      if (viewer.staff === undefined) return [];
      return (await Promise.all(persons.map((person) => standing(person, viewer, at)))).flat();
    },

    put: async (grant, task) => {
      const { person, staff, from, id } = grant;
      const before = (await given(person, grant)).findLast(({ kind }) => kind === grant.kind);
      if (before !== undefined && before.id !== id && from < before.until) return undefined;
      const request = { subject: person, item: `request#${id}` };
      const items = [
        { subject: person, item: `grant#${staff}#${from}#${id}`, kind: 'grant', content: grant },
        { ...request, kind: 'request', content: grant },
        keptTurn(grant, before),
        keptTask(task),
      ];
      if (await putAll(oversight, items)) return grant;
      const { Item } = await client.send(new GetItemCommand(getOne(table, request)));
      return Item && contentOf<Grant>(Item);
    },
  };
}
