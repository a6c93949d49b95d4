import { type AttributeValue, type DynamoDBClient, paginateQuery, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Look } from '../../access/review/look.ts';
import type { Evidence } from '../../access/review/task.ts';
import { fetchAll } from '../audit-reads.ts';

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

/** @param audit partition key `person`, sort key `access`, indexes `byOrganisation` and `byStaff` */
export function createLooks(audit: { readonly client: DynamoDBClient; readonly table: string }): Looks {
  return {
    page: async (organisation, { after, before }) => {
      // A space sorts before whatever a key goes on with: `BETWEEN` takes its bounds in, and `after` is not wanted again.
      const span = { name: 'organisation', value: organisation, from: `${after} `, before } as const;
      const { Items = [] } = await audit.client.send(new QueryCommand({ ...keysIn(audit.table, span), Limit: PAGE }));
      const last = Items.at(-1)?.access?.S;
      if (last === undefined) return { looks: [] };
      return { looks: (await fetchAll(audit, Items)).flatMap((item) => lookOf(item) ?? []), last };
    },
    ofStaff: async (staff, from, before) => {
      const found: Evidence[] = [];
      const query = keysIn(audit.table, { name: 'staff', value: staff, from, before });
      for await (const { Items = [] } of paginateQuery({ client: audit.client }, query))
        found.push(...Items.map(({ person, access }) => ({ person: person?.S ?? '', access: access?.S ?? '' })));
      return found;
    },
  };
}

interface Span {
  readonly name: 'organisation' | 'staff';
  readonly value: string;
  readonly from: string;
  readonly before: string;
}

/** Keys of entries, oldest first. One that begins with `before` is beyond it, for it goes on. */
const keysIn = (table: string, { name, value, from, before }: Span) => ({
  TableName: table,
  IndexName: name === 'staff' ? 'byStaff' : 'byOrganisation',
  KeyConditionExpression: '#name = :value AND #access BETWEEN :from AND :before',
  ExpressionAttributeNames: { '#name': name, '#access': 'access' },
  ExpressionAttributeValues: { ':value': { S: value }, ':from': { S: from }, ':before': { S: before } },
});

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
