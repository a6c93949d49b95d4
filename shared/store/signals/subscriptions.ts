import { createHash } from 'node:crypto';
import { BatchWriteItemCommand, GetItemCommand, QueryCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Subscription, SubscriptionStatus } from '../../signals/subscription.ts';
import { contentOf, IS_NEW, type Item, keyOf, readIndexed, type SignalsStore, SUBSCRIPTION, transact } from './items.ts';
import { STATE } from './log/items.ts';
import { DISTURBED } from './log/state.ts';
import { panelPlace } from './panels.ts';

/** What came of a write. `endpoint-taken`: another subscription has it. `no-panel`: there is no such Group. `changed`: it is another version by now, or gone. */
export type Kept = 'kept' | 'endpoint-taken' | 'no-panel' | 'changed';

/** What of a subscription changes as it is told or not. */
export interface Standing {
  readonly status: SubscriptionStatus;
  readonly error?: string;
  /** ISO 8601 instant. */
  readonly at: string;
}

/** Subscriptions as they stand. Every write is conditional on the version before, and raises it. */
export interface Subscriptions {
  /** Keeps a new one, with the claim on its endpoint: both or neither. */
  create(subscription: Subscription): Promise<Kept>;
  /** @param next has the version that follows that of `before` */
  update(next: Subscription, before: Subscription): Promise<Kept>;
  /** Removes it with its claim, then what it was still to hear. @returns false where it is another version by now, or gone */
  remove(subscription: Subscription): Promise<boolean>;
  /** @returns the subscription as it stands then; `undefined` where it is another version by now, or gone */
  setStatus(subscription: Subscription, standing: Standing): Promise<Subscription | undefined>;
  /** Strongly consistent. */
  read(id: string): Promise<Subscription | undefined>;
  /** Whose subscription has an endpoint. Strongly consistent. */
  claimOf(endpoint: string): Promise<{ readonly id: string; readonly organisation: string } | undefined>;
  /** Those of one organisation, and all: the oldest first. One made in this moment may be missing. */
  ofOrganisation(organisation: string): Promise<readonly Subscription[]>;
  all(): Promise<readonly Subscription[]>;
}

export function createSubscriptions(store: SignalsStore): Subscriptions {
  const { client, table } = store;

  const read = async (id: string): Promise<Subscription | undefined> => {
    const key = { TableName: table, Key: keyOf(placeOf(id)), ConsistentRead: true };
    const { Item } = await client.send(new GetItemCommand(key));
    return Item && contentOf<Subscription>(Item);
  };

  const update = async (next: Subscription, before: Subscription): Promise<Kept> => {
    const claims =
      nameOf(next) === nameOf(before) ? [] : [claim(table, next), { Delete: { TableName: table, Key: claimKey(before) } }];
    const panels = next.panel === before.panel ? [] : [...join(table, next), ...leave(table, before)];
    const items = [put(table, next, isVersion(before)), ...claims, ...panels, disturb(table, next)];
    const failed = await transact(store, items);
    if (failed === undefined) return 'kept';
    if (failed === 0) return 'changed';
    return claims.length > 0 && failed === 1 ? 'endpoint-taken' : 'no-panel';
  };

  return {
    create: async (subscription) => {
      const items = [put(table, subscription, IS_NEW), claim(table, subscription), ...join(table, subscription)];
      const failed = await transact(store, items);
      return failed === undefined ? 'kept' : (['changed', 'endpoint-taken', 'no-panel'] as const)[failed]!;
    },
    update,
    remove: async (subscription) => {
      const Delete = { TableName: table, Key: keyOf(placeOf(subscription.id)), ...isVersion(subscription) };
      const items = [{ Delete }, { Delete: { TableName: table, Key: claimKey(subscription) } }, ...leave(table, subscription)];
      if ((await transact(store, items)) !== undefined) return false;
      await empty(store, subscription.id);
      return true;
    },
    setStatus: async (subscription, { status, error, at }) => {
      const { error: _, ...rest } = subscription;
      const version = subscription.version + 1;
      const next: Subscription = { ...rest, status, ...(error === undefined ? {} : { error }), updatedAt: at, version };
      return (await update(next, subscription)) === 'kept' ? next : undefined;
    },
    read,
    claimOf: async (endpoint) => {
      const key = { TableName: table, Key: claimKey({ channel: { endpoint } }), ConsistentRead: true };
      const { Item } = await client.send(new GetItemCommand(key));
      return Item && { id: Item.subscription?.S ?? '', organisation: Item.owner?.S ?? '' };
    },
    ofOrganisation: async (organisation) =>
      inOrder(await readIndexed(store, { index: 'organisation', value: organisation, item: SUBSCRIPTION })),
    all: async () => inOrder(await readIndexed(store, { index: 'kind', value: SUBSCRIPTION, item: SUBSCRIPTION })),
  };
}

const placeOf = (id: string) => ({ of: id, item: SUBSCRIPTION });

const inOrder = (items: readonly Item[]): readonly Subscription[] =>
  items
    .map((item) => contentOf<Subscription>(item))
    .sort((one, other) => (one.createdAt + one.id < other.createdAt + other.id ? -1 : 1));

/** One name for one place, however it is written: the same scheme, host, port, path and query (RFC 3986, section 6.2.2). */
function nameOf({ channel: { endpoint } }: { readonly channel: { readonly endpoint: string } }): string {
  if (!/^https?:/i.test(endpoint) || !URL.canParse(endpoint)) return endpoint;
  const { origin, pathname, search } = new URL(endpoint);
  return origin + (pathname + search).replaceAll(/%[0-9a-f]{2}/gi, plainly);
}

/** What needs no percent sign, written without; hexadecimal digits as capitals. */
function plainly(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return /[\w.~-]/.test(character) ? character : encoded.toUpperCase();
}

/** Endpoints may hold a secret in their path, so their claims go by a digest. */
const claimKey = (subscription: { readonly channel: { readonly endpoint: string } }): Item =>
  keyOf({ of: `endpoint#${createHash('sha256').update(nameOf(subscription)).digest('hex')}`, item: 'endpoint' });

const put = (table: string, subscription: Subscription, condition: object): TransactWriteItem => ({
  Put: {
    TableName: table,
    Item: {
      ...keyOf(placeOf(subscription.id)),
      kind: { S: SUBSCRIPTION },
      organisation: { S: subscription.organisation },
      version: { N: String(subscription.version) },
      content: { S: JSON.stringify(subscription) },
    },
    ...condition,
  },
});

const isVersion = ({ version }: Subscription) => ({
  ConditionExpression: 'version = :version',
  ExpressionAttributeValues: { ':version': { N: String(version) } },
});

const claim = (table: string, subscription: Subscription): TransactWriteItem => ({
  Put: {
    TableName: table,
    Item: { ...claimKey(subscription), subscription: { S: subscription.id }, owner: { S: subscription.organisation } },
    ...IS_NEW,
  },
});

/** Nothing is told at once of a subscription that is another by now: whoever delivers looks at it first, and whoever is at work looks once more. */
const disturb = (table: string, { id }: Subscription): TransactWriteItem => ({
  Update: { TableName: table, Key: keyOf({ of: id, item: STATE }), ...DISTURBED },
});

/** A Group knows the subscriptions that are about it, so that it cannot go before them. */
const join = (table: string, subscription: Subscription): readonly TransactWriteItem[] =>
  toPanel(table, subscription, { UpdateExpression: 'ADD subscriptions :id', ConditionExpression: 'attribute_exists(#of)' });

const leave = (table: string, subscription: Subscription): readonly TransactWriteItem[] =>
  toPanel(table, subscription, { UpdateExpression: 'DELETE subscriptions :id', ConditionExpression: 'attribute_exists(#of)' });

const toPanel = (
  table: string,
  { id, organisation, panel }: Subscription,
  update: { readonly UpdateExpression: string; readonly ConditionExpression: string },
): readonly TransactWriteItem[] =>
  panel === undefined
    ? []
    : [
        {
          Update: {
            TableName: table,
            Key: keyOf(panelPlace(organisation, panel)),
            ...update,
            ExpressionAttributeNames: { '#of': 'of' },
            ExpressionAttributeValues: { ':id': { SS: [id] } },
          },
        },
      ];

/** BatchWriteItem takes so many at once. */
const MOST_WRITES = 25;

/** What was still to be heard, and had been: nobody can ask for it any more. What is left in a crash expires. */
async function empty({ client, table }: SignalsStore, id: string): Promise<void> {
  for (;;) {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: '#of = :of',
        ExpressionAttributeNames: { '#of': 'of', '#item': 'item' },
        ExpressionAttributeValues: { ':of': { S: id } },
        ProjectionExpression: '#of, #item',
        Limit: MOST_WRITES,
      }),
    );
    if (Items.length === 0) return;
    const deletes = Items.map(({ of, item }) => ({ DeleteRequest: { Key: { of: of!, item: item! } } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: deletes } }));
  }
}
