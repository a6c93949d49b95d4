import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Grant } from '../../access/grants.ts';
import type { ReviewTask } from '../../access/review/task.ts';
import type { Viewer } from '../../access/viewer.ts';
import { contentOf, getOne, type OversightTable, putAll, readRange } from './items.ts';
import { keptTask } from './tasks.ts';

/** What staff opened to themselves, for a while. */
export interface Grants {
  /**
   * The grants of a viewer that stand at an instant: of this member of staff, in this role, for this organisation. None for whoever is no staff.
   * @param persons every personId that the record is kept under (mergers followed); one Query each, all at once.
   */
  grantsOf(persons: readonly string[], viewer: Viewer, at: string): Promise<readonly Grant[]>;
  /**
   * Puts a grant together with the task to review it: never one without the other.
   * @returns the grant that is kept under its id: this one, or the one that the same request put before.
   */
  put(grant: Grant, task: ReviewTask): Promise<Grant>;
}

export function createGrants(oversight: OversightTable): Grants {
  const { client, table } = oversight;

  async function standing(person: string, { staff, role, organisation }: Viewer, at: string): Promise<readonly Grant[]> {
    if (staff === undefined) return [];
    const found: Grant[] = [];
    for await (const page of readRange(oversight, { subject: person, prefix: `grant#${staff}#` }))
      found.push(...page.map((item) => contentOf<Grant>(item)));
    // A staff id may hold a `#`, so that what begins alike may be somebody else's.
    return found.filter(
      (grant) =>
        grant.staff === staff &&
        grant.role === role &&
        grant.organisation === organisation &&
        grant.from <= at &&
        at < grant.until,
    );
  }

  return {
    grantsOf: async (persons, viewer, at) => {
      if (viewer.staff === undefined) return [];
      return (await Promise.all(persons.map((person) => standing(person, viewer, at)))).flat();
    },

    put: async (grant, task) => {
      const { person, staff, from, id } = grant;
      const request = { subject: person, item: `request#${id}` };
      const items = [
        { subject: person, item: `grant#${staff}#${from}#${id}`, kind: 'grant', content: grant },
        { ...request, kind: 'request', content: grant },
        keptTask(task),
      ];
      if (await putAll(oversight, items)) return grant;
      const { Item } = await client.send(new GetItemCommand(getOne(table, request)));
      if (Item === undefined) throw new Error('a grant was refused by the table, and is not there');
      return contentOf<Grant>(Item);
    },
  };
}
