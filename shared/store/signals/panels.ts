import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Item, keyOf, type Place, readIndexed, type SignalsStore } from './items.ts';

/** A list of persons of one organisation: its subscriptions can be about them alone. */
export interface Panel {
  /** A UUID. */
  readonly id: string;
  readonly organisation: string;
  readonly name?: string;
  /** personIds. */
  readonly members: ReadonlySet<string>;
  /** personIds of those who were members: what takes back what was told of them is still told. */
  readonly former: ReadonlySet<string>;
  /** ISO 8601 instant. */
  readonly updatedAt: string;
  readonly version: number;
}

/** Panels as they stand. */
export interface Panels {
  create(panel: Panel): Promise<void>;
  /** Strongly consistent. */
  read(organisation: string, id: string): Promise<Panel | undefined>;
  /** @param next has the version that follows. @returns false where it is another version by now, or gone */
  update(next: Panel): Promise<boolean>;
  /** @returns `in-use` where a subscription is about it; `changed` where it is another version by now, or gone */
  remove(panel: Panel): Promise<'removed' | 'in-use' | 'changed'>;
  /** The oldest id first. One made in this moment may be missing. */
  ofOrganisation(organisation: string): Promise<readonly Panel[]>;
}

/** Members, and former members, that an item holds (400 kB) with room to spare. */
export const MOST_MEMBERS = 5_000;
export const MOST_EVER = 10_000;

const ITEM = 'group';

export const panelPlace = (organisation: string, id: string): Place => ({ of: `panel#${organisation}#${id}`, item: ITEM });

export function createPanels({ client, table }: SignalsStore): Panels {
  const store = { client, table };

  const read = async (organisation: string, id: string): Promise<Panel | undefined> => {
    const key = { TableName: table, Key: keyOf(panelPlace(organisation, id)), ConsistentRead: true };
    const { Item } = await client.send(new GetItemCommand(key));
    return Item && panelOf(Item);
  };

  return {
    read,
    create: async (panel) => {
      await client.send(new PutItemCommand({ TableName: table, Item: itemOf(panel) }));
    },
    update: (next) => {
      const { names, values, expression } = assignment(next);
      return isDone(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(panelPlace(next.organisation, next.id)),
            UpdateExpression: expression,
            ConditionExpression: 'version = :before',
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: { ...values, ':before': { N: String(next.version - 1) } },
          }),
        ),
      );
    },
    remove: async (panel) => {
      const isRemoved = await isDone(
        client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: keyOf(panelPlace(panel.organisation, panel.id)),
            ConditionExpression: 'version = :version AND attribute_not_exists(subscriptions)',
            ExpressionAttributeValues: { ':version': { N: String(panel.version) } },
          }),
        ),
      );
      if (isRemoved) return 'removed';
      const standing = await read(panel.organisation, panel.id);
      return standing?.version === panel.version ? 'in-use' : 'changed';
    },
    ofOrganisation: async (organisation) =>
      (await readIndexed(store, { index: 'organisation', value: organisation, item: ITEM }))
        .map(panelOf)
        .sort((one, other) => (one.id < other.id ? -1 : 1)),
  };
}

async function isDone(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** DynamoDB keeps no empty set: what is empty is not there. */
const attributesOf = ({
  name,
  members,
  former,
  updatedAt,
  version,
}: Panel): Readonly<Record<string, Item[string] | undefined>> => ({
  name: name === undefined ? undefined : { S: name },
  members: members.size === 0 ? undefined : { SS: [...members] },
  former: former.size === 0 ? undefined : { SS: [...former] },
  updatedAt: { S: updatedAt },
  version: { N: String(version) },
});

const itemOf = (panel: Panel): Item => ({
  ...keyOf(panelPlace(panel.organisation, panel.id)),
  id: { S: panel.id },
  organisation: { S: panel.organisation },
  ...(Object.fromEntries(Object.entries(attributesOf(panel)).filter(([, value]) => value !== undefined)) as Item),
});

/** An update, not a put: which subscriptions are about it stands beside. */
function assignment(panel: Panel) {
  const all = Object.entries(attributesOf(panel));
  const set = all.filter(([, value]) => value !== undefined).map(([name]) => `#${name} = :${name}`);
  const removed = all.filter(([, value]) => value === undefined).map(([name]) => `#${name}`);
  return {
    expression: `SET ${set.join(', ')}${removed.length === 0 ? '' : ` REMOVE ${removed.join(', ')}`}`,
    names: Object.fromEntries(all.map(([name]) => [`#${name}`, name])),
    values: Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[`:${name}`, value]]))) as Item,
  };
}

const panelOf = (item: Item): Panel => ({
  id: item.id?.S ?? '',
  organisation: item.organisation?.S ?? '',
  ...(item.name?.S === undefined ? {} : { name: item.name.S }),
  members: new Set(item.members?.SS ?? []),
  former: new Set(item.former?.SS ?? []),
  updatedAt: item.updatedAt?.S ?? '',
  version: Number(item.version?.N),
});
