import { type EngineCalls, EngineRefusal } from './call.ts';
import type { TableDescription } from './tables.ts';

type Item = Readonly<Record<string, unknown>>;

interface Page {
  readonly Items?: readonly Item[];
  readonly LastEvaluatedKey?: Item;
}

/** Items looked at by one call, so that a sweep never holds the engine up for long. */
const PAGE = 500;

/**
 * Deletes the items of a table that have expired, as DynamoDB does some time after the moment (developer guide, "Using time to live").
 *
 * @returns how many were deleted
 */
export async function sweepExpired(calls: EngineCalls, table: TableDescription, now: Date): Promise<number> {
  const seconds = { N: String(Math.floor(now.getTime() / 1000)) };
  const condition = {
    ExpressionAttributeNames: { '#expires': table.expiryAttribute },
    ExpressionAttributeValues: { ':now': seconds },
  };
  let deleted = 0;
  let from: Item | undefined;
  do {
    const page: Page = await calls.call<Page>('DynamoDB.Scan', {
      TableName: table.name,
      Limit: PAGE,
      FilterExpression: '#expires < :now',
      ...condition,
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    });
    for (const item of page.Items ?? []) {
      const Key = Object.fromEntries(table.keys.map(({ AttributeName }) => [AttributeName, item[AttributeName]]));
      if (await deleteIf(calls, { TableName: table.name, Key, ConditionExpression: '#expires < :now', ...condition })) deleted++;
    }
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return deleted;
}

/** Somebody may have given the item a new lease since it was read. */
async function deleteIf(calls: EngineCalls, input: object): Promise<boolean> {
  try {
    await calls.call('DynamoDB.DeleteItem', input);
    return true;
  } catch (error) {
    if (error instanceof EngineRefusal && error.code === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}
