import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { AccessKey } from '../access/access-id.ts';
import { type AccessEntry, unpackDecisions } from './audit.ts';

/** Which looks, newest first. */
export interface AuditSpan {
  /** At most so many; 1 to 100. */
  readonly limit: number;
  /** Only those before this one: where the page before ended. */
  readonly before?: AccessKey;
  /** ISO 8601 instants, UTC: from inclusive, until exclusive. */
  readonly from?: string;
  readonly until?: string;
}

/** Reads the audit. It is written by `audit.ts`, and changed by nobody. */
export interface AuditReads {
  read(key: AccessKey): Promise<AccessEntry | undefined>;
  /** Looks at a person; of one partition: whoever has been merged has others. */
  byPerson(person: string, span: AuditSpan): Promise<readonly AccessEntry[]>;
  /** Looks by a member of staff, as `Viewer.staff`. */
  byStaff(staff: string, span: AuditSpan): Promise<readonly AccessEntry[]>;
  /** Looks for an organisation. */
  byOrganisation(organisation: string, span: AuditSpan): Promise<readonly AccessEntry[]>;
}

type Item = Record<string, AttributeValue>;

interface AuditTable {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** @param audit partition key `person`, sort key `access`; its indices `byOrganisation` and `byStaff` hold keys. */
export function createAuditReads(audit: AuditTable): AuditReads {
  const byIndex = async (name: 'staff' | 'organisation', value: string, span: AuditSpan) => {
    const keys = await newestFirst(audit, name, value, span, name === 'staff' ? 'byStaff' : 'byOrganisation');
    return (await fetchAll(audit, keys)).map(entryOf);
  };
  return {
    read: async ({ person, at, id }) => {
      const Key = { person: { S: person }, access: { S: `${at}#${id}` } };
      const { Item } = await audit.client.send(new GetItemCommand({ TableName: audit.table, Key, ConsistentRead: true }));
      return Item && entryOf(Item);
    },
    byPerson: async (person, span) => (await newestFirst(audit, 'person', person, span)).map(entryOf),
    byStaff: (staff, span) => byIndex('staff', staff, span),
    byOrganisation: (organisation, span) => byIndex('organisation', organisation, span),
  };
}

async function newestFirst(
  { client, table }: AuditTable,
  name: 'person' | 'staff' | 'organisation',
  value: string,
  { limit, before, from = '', until = '9' }: AuditSpan,
  index?: string,
): Promise<readonly Item[]> {
  if (from >= until) return [];
  const found: Item[] = [];
  let start: Item | undefined = before && { ...keyItem(before), [name]: { S: value } };
  // A query ends after 1 MB as it does at the end: whoever makes large looks must not bury those before them.
  do {
    const { Items = [], LastEvaluatedKey }: QueryCommandOutput = await client.send(
      new QueryCommand({
        TableName: table,
        ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
        // A key is an instant and more: one that begins with `until` is beyond it.
        KeyConditionExpression: '#name = :value AND #access BETWEEN :from AND :until',
        ExpressionAttributeNames: { '#name': name, '#access': 'access' },
        ExpressionAttributeValues: { ':value': { S: value }, ':from': { S: from || '0' }, ':until': { S: until } },
        ScanIndexForward: false,
        Limit: limit - found.length,
        ExclusiveStartKey: start,
      }),
    );
    found.push(...Items);
    start = LastEvaluatedKey;
  } while (start !== undefined && found.length < limit);
  return found;
}

const keyItem = ({ person, at, id }: AccessKey): Item => ({ person: { S: person }, access: { S: `${at}#${id}` } });

/** DynamoDB gives at most 100 items and 16 MB at once, and says which it left out. In the order of the keys. */
export async function fetchAll({ client, table }: AuditTable, keys: readonly Item[]): Promise<readonly Item[]> {
  const found = new Map<string, Item>();
  for (let wanted = keys.map(({ person, access }): Item => ({ person: person!, access: access! })); wanted.length > 0; ) {
    const RequestItems = { [table]: { Keys: wanted } };
    const { Responses = {}, UnprocessedKeys = {} } = await client.send(new BatchGetItemCommand({ RequestItems }));
    for (const item of Responses[table] ?? []) found.set(nameOf(item), item);
    wanted = UnprocessedKeys[table]?.Keys ?? [];
  }
  return keys.flatMap((key): Item[] => {
    const item = found.get(nameOf(key));
    return item === undefined ? [] : [item];
  });
}

const nameOf = ({ person, access }: Item): string => `${person?.S} ${access?.S}`;

/** The entry that an item keeps: what `audit.ts` wrote. */
function entryOf(item: Item): AccessEntry {
  const text = (name: string): string | undefined => item[name]?.S;
  const counts = (name: string): Record<string, number> | undefined =>
    item[name]?.M && Object.fromEntries(Object.entries(item[name].M).map(([key, { N }]) => [key, Number(N)]));
  const list = (name: string): string[] | undefined => item[name]?.L?.map(({ S = '' }) => S);
  const [at = '', id = ''] = (text('access') ?? '').split('#', 2);
  const entry: Partial<AccessEntry> = {
    ...(Object.fromEntries(TEXTS.map((name) => [name, text(name)])) as Partial<AccessEntry>),
    id,
    at,
    shown: counts('shown') ?? {},
    withheld: counts('withheld') ?? {},
    sequences: counts('sequences') ?? {},
    asOf: counts('asOf'),
    relationships: list('relationships'),
    grants: list('grants'),
    status: item.status === undefined ? undefined : Number(item.status.N),
    decisions: item.decisions?.B && unpackDecisions(item.decisions.B),
    sealedRequest: item.sealedRequest?.B,
  };
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as unknown as AccessEntry;
}

const TEXTS = [
  'person',
  'organisation',
  'client',
  'source',
  'staff',
  'name',
  'provider',
  'assurance',
  'signedIn',
  'role',
  'purpose',
  'interaction',
  'type',
  'outcome',
  'policyVersion',
  'requestId',
  'digest',
] as const satisfies readonly (keyof AccessEntry)[];
