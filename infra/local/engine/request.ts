/** What a call on a resource is, in the words of IAM. */
export interface Need {
  /** Such as `dynamodb:PutItem`. */
  readonly action: string;
  /** A table's name or ARN; `*` for calls that are about none. */
  readonly table: string;
  readonly index?: string;
}

/** The head of a request, as far as it matters here. */
export interface RequestHead {
  readonly accessKeyId: string;
  /** Operation, such as `PutItem`. */
  readonly operation: string;
  readonly bodyBytes: number;
}

const HEAD = {
  accessKeyId: /\r\nauthorization:[^\r\n]*Credential=([A-Z0-9]{1,128})\//i,
  operation: /\r\nx-amz-target:[ \t]*DynamoDB_20120810\.([A-Za-z]+)[ \t]*\r\n/i,
  length: /\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n/i,
} as const;

/** @param head from the request line up to and with the empty line. @returns `undefined` when the length of the body is not said */
export function readHead(head: string): RequestHead | undefined {
  const length = HEAD.length.exec(head)?.[1];
  if (length === undefined) return undefined;
  return {
    accessKeyId: HEAD.accessKeyId.exec(head)?.[1] ?? '',
    operation: HEAD.operation.exec(head)?.[1] ?? '',
    bodyBytes: Number(length),
  };
}

type Reader = (body: Buffer, operation: string) => readonly Need[];

/** How each operation tells what it is about. An operation that is not here is refused: nobody could say who may do it. */
const READERS: Readonly<Record<string, Reader>> = {
  BatchGetItem: batch,
  BatchWriteItem: batch,
  CreateTable: single,
  DeleteItem: single,
  DeleteTable: single,
  DescribeTable: single,
  DescribeTimeToLive: single,
  GetItem: single,
  ListTables: (_body, operation) => [{ action: `dynamodb:${operation}`, table: '*' }],
  PutItem: single,
  Query: single,
  Scan: single,
  TransactGetItems: transaction,
  TransactWriteItems: transaction,
  UpdateItem: single,
  UpdateTimeToLive: single,
};

/** Operations after which a table's stream may have more to say. */
export const WRITES: ReadonlySet<string> = new Set([
  'BatchWriteItem',
  'DeleteItem',
  'PutItem',
  'TransactWriteItems',
  'UpdateItem',
]);

/**
 * What a call needs to be allowed (DynamoDB API permissions: a transaction needs the permission of each of its parts).
 *
 * @returns `undefined` for an operation, or a body, that is not understood
 */
export function needsOf(operation: string, body: Buffer): readonly Need[] | undefined {
  const read = Object.hasOwn(READERS, operation) ? READERS[operation] : undefined;
  try {
    const needs = read?.(body, operation);
    return needs?.length === 0 ? undefined : needs;
  } catch {
    return undefined;
  }
}

/**
 * Finds the table without parsing the body: it is the hot path of every read and write. Inside a JSON string each quote has a
 * backslash before it, so `"TableName":"` can only be a name of a member; should there be several, each must be allowed.
 */
function single(body: Buffer, operation: string): readonly Need[] {
  const action = `dynamodb:${operation}`;
  const tables = textsAfter(body, TABLE_NAME);
  if (tables.length === 0) return parsedSingle(body, action);
  if (operation !== 'Query' && operation !== 'Scan') return tables.map((table) => ({ action, table }));
  const [index] = textsAfter(body, INDEX_NAME);
  return tables.map((table) => ({ action, table, ...(index === undefined ? {} : { index }) }));
}

const TABLE_NAME = Buffer.from('"TableName":"');
const INDEX_NAME = Buffer.from('"IndexName":"');
const QUOTE = 0x22;

function textsAfter(body: Buffer, marker: Buffer): string[] {
  const found: string[] = [];
  for (let at = body.indexOf(marker); at !== -1; at = body.indexOf(marker, at + 1)) {
    const start = at + marker.length;
    const end = body.indexOf(QUOTE, start);
    if (end === -1) break;
    found.push(body.toString('latin1', start, end));
  }
  return found;
}

function parsedSingle(body: Buffer, action: string): readonly Need[] {
  const { TableName, IndexName } = JSON.parse(body.toString()) as { TableName?: string; IndexName?: string };
  return TableName === undefined ? [] : [{ action, table: TableName, ...(IndexName === undefined ? {} : { index: IndexName }) }];
}

function batch(body: Buffer, operation: string): readonly Need[] {
  const { RequestItems = {} } = JSON.parse(body.toString()) as { RequestItems?: Readonly<Record<string, unknown>> };
  return Object.keys(RequestItems).map((table) => ({ action: `dynamodb:${operation}`, table }));
}

/** Parts of a transaction, and the permission that each needs. */
const PARTS: Readonly<Record<string, string>> = {
  ConditionCheck: 'dynamodb:ConditionCheckItem',
  Delete: 'dynamodb:DeleteItem',
  Get: 'dynamodb:GetItem',
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
};

function transaction(body: Buffer): readonly Need[] {
  const { TransactItems = [] } = JSON.parse(body.toString()) as {
    TransactItems?: readonly Readonly<Record<string, { readonly TableName: string }>>[];
  };
  const needs = new Map<string, Need>();
  for (const item of TransactItems)
    for (const [part, { TableName }] of Object.entries(item)) {
      const action = PARTS[part] ?? `dynamodb:${part}`;
      needs.set(`${action} ${TableName}`, { action, table: TableName });
    }
  return [...needs.values()];
}
