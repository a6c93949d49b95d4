import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Look } from '../../access/review/look.ts';
import type { Evidence } from '../../access/review/task.ts';

/** A page of looks, oldest first. */
export interface LookPage {
  readonly looks: readonly Look[];
  /** Sort key of the last entry that was read, a look or not; `undefined` when there was none. */
  readonly last?: string;
}

/** What the review reads of the audit. */
export interface Looks {
  /** Looks by staff of an organisation who were shown something, after one sort key and before another. An entry is there a moment after it was noted. */
  page(organisation: string, range: { readonly after: string; readonly before: string }): Promise<LookPage>;
  /** Keys of everything that was noted of a member of staff, from one instant to before another. */
  ofStaff(staff: string, from: string, before: string): Promise<readonly Evidence[]>;
}

/** What BatchGetItem takes at once. */
const PAGE = 100;

const LOOKS: ReadonlySet<string> = new Set(['read', 'vread', 'history', 'everything', 'search']);

/** @param table the audit: partition key `person`, sort key `access`, indexes `byOrganisation` and `byStaff` */
export function createLooks({ client, table }: { readonly client: DynamoDBClient; readonly table: string }): Looks {
  const keysOf = async (
    index: 'byOrganisation' | 'byStaff',
    value: string,
    from: string,
    before: string,
    start?: Item,
    limit?: number,
  ) =>
    client.send(
      new QueryCommand({
        TableName: table,
        IndexName: index,
        KeyConditionExpression: '#owner = :owner AND #access BETWEEN :from AND :before',
        ExpressionAttributeNames: { '#owner': index === 'byStaff' ? 'staff' : 'organisation', '#access': 'access' },
        ExpressionAttributeValues: { ':owner': { S: value }, ':from': { S: from }, ':before': { S: before } },
        ExclusiveStartKey: start,
        Limit: limit,
      }),
    );

  async function entriesOf(keys: readonly Item[]): Promise<readonly Item[]> {
    const found: Item[] = [];
    let left = keys.map(({ person, access }) => ({ person: person!, access: access! }));
    while (left.length > 0) {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left } } }),
      );
      found.push(...(Responses?.[table] ?? []));
      left = (UnprocessedKeys?.[table]?.Keys ?? []) as typeof left;
    }
    return found;
  }

  return {
    page: async (organisation, { after, before }) => {
      // A space sorts before whatever a key goes on with: `BETWEEN` takes its bounds in, and `after` is not wanted again.
      const { Items = [] } = await keysOf('byOrganisation', organisation, `${after} `, before, undefined, PAGE);
      const last = Items.at(-1)?.access?.S;
      if (last === undefined) return { looks: [] };
      const looks = (await entriesOf(Items)).flatMap((item) => lookOf(item) ?? []);
      return { looks: looks.sort((one, other) => (one.access < other.access ? -1 : 1)), last };
    },
    ofStaff: async (staff, from, before) => {
      const found: Evidence[] = [];
      let start: Item | undefined;
      do {
        const page = await keysOf('byStaff', staff, from, before, start);
        found.push(...(page.Items ?? []).map(({ person, access }) => ({ person: person?.S ?? '', access: access?.S ?? '' })));
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
      return found;
    },
  };
}

type Item = Record<string, AttributeValue>;

function lookOf(item: Item): Look | undefined {
  const value = (name: string): string => item[name]?.S ?? '';
  const [access, staff, name] = [value('access'), value('staff'), value('name')];
  if (staff === '' || value('outcome') !== 'shown' || !LOOKS.has(value('interaction'))) return undefined;
  return {
    access,
    at: access.split('#')[0] ?? '',
    person: value('person'),
    organisation: value('organisation'),
    staff,
    ...(name === '' ? {} : { name }),
    role: value('role'),
  };
}
