import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { createHandler } from '../../../functions/seal/seal.ts';
import { newAccessId } from '../../../shared/access/access-id.ts';
import type { Log, LogFields } from '../../../shared/lambda/logger.ts';
import { type AccessEntry, createAudit } from '../../../shared/store/audit.ts';
import { createChain } from '../../../shared/store/chain/chain.ts';
import type { Finding } from '../../../shared/store/chain/findings.ts';
import { linkKey } from '../../../shared/store/chain/link.ts';
import { type Verification, verify } from '../../../shared/store/chain/verifying.ts';
import type { Engine } from '../../engine.ts';
import { NURSE } from '../audit/looks.ts';
import { type Clock, createClock } from '../store/world.ts';

type Item = Record<string, AttributeValue>;

/** A line that a function logged. */
export interface Line extends LogFields {
  readonly message: string;
}

export function createWorld(engine: Engine, clock: Clock = createClock('2026-11-24T12:00:00.000Z')) {
  const { client, auditTable, chainTable } = engine;
  const audit = createAudit({ client, table: auditTable });

  /** Notes a look, as `serve` does. @returns its key */
  async function look(given: Partial<AccessEntry> = {}) {
    const entry = { ...NURSE, id: newAccessId(), at: clock.now().toISOString(), ...given };
    await audit.record(entry);
    return { person: entry.person, access: `${entry.at}#${entry.id}` };
  }

  const keyItem = ({ person, access }: { person: string; access: string }): Item => ({
    person: { S: person },
    access: { S: access },
  });

  const read = async (key: { person: string; access: string }): Promise<Item> => {
    const { Item } = await client.send(new GetItemCommand({ TableName: auditTable, Key: keyItem(key) }));
    return Item!;
  };

  /** What the stream tells of an entry, as Lambda hands it over. */
  async function told(key: { person: string; access: string }, eventName: DynamoDBRecord['eventName'] = 'INSERT') {
    const image = eventName === 'REMOVE' ? undefined : await read(key);
    return {
      eventName,
      dynamodb: {
        Keys: keyItem(key),
        ...(image === undefined ? {} : { NewImage: asLambdaHands(image) }),
        ApproximateCreationDateTime: Math.floor(clock.now().getTime() / 1000),
        SequenceNumber: '1',
      },
    } as DynamoDBRecord;
  }

  return {
    clock,
    look,
    read,
    told,
    /** A process of `seal` that begins, with what it logs. */
    sealer(through: DynamoDBClient = client) {
      const lines: Line[] = [];
      const note = (message: string, fields: LogFields = {}) => void lines.push({ message, ...fields });
      const log: Log = { info: note, warn: note, error: note };
      const chain = createChain({ client: through, table: chainTable, now: clock.now, backOff: async () => {} });
      const handle = createHandler({ chain, log });
      return { lines, seal: (Records: readonly DynamoDBRecord[]) => handle({ Records: [...Records] }) };
    },
    /** Puts an entry, or a link, as somebody with all rights would. */
    overwrite: (table: string, item: Item) => client.send(new PutItemCommand({ TableName: table, Item: item })),
    remove: (key: { person: string; access: string }) =>
      client.send(new DeleteItemCommand({ TableName: auditTable, Key: keyItem(key) })),
    removeLink: (day: string, link: number | string) =>
      client.send(
        new DeleteItemCommand({
          TableName: chainTable,
          Key: { day: { S: day }, link: { S: typeof link === 'number' ? linkKey(link) : link } },
        }),
      ),
    /** Everything that the chain keeps of a day. */
    async linksOf(day: string): Promise<Item[]> {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: chainTable,
          KeyConditionExpression: '#day = :day',
          ExpressionAttributeNames: { '#day': 'day' },
          ExpressionAttributeValues: { ':day': { S: day } },
        }),
      );
      return Items;
    },
    async verify(given: Partial<Verification> = {}) {
      const findings: Finding[] = [];
      const at = new Date(clock.now().getTime() + 60 * 60_000);
      const tables = { audit: { client, table: auditTable }, chain: { client, table: chainTable } };
      const totals = await verify(tables, { now: at, onFinding: (finding) => findings.push(finding), ...given });
      return { ...totals, findings };
    },
  };
}

export type World = ReturnType<typeof createWorld>;

/** Bytes are base64 in what Lambda hands over. */
const asLambdaHands = (item: Item): Item =>
  JSON.parse(
    JSON.stringify(item, (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value)),
    (_, value) =>
      value !== null && typeof value === 'object' && value.type === 'Buffer' ? Buffer.from(value.data).toString('base64') : value,
  );
