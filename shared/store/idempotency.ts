import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompressSync, zstdDecompress } from 'node:zlib';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';

const decompress = promisify(zstdDecompress);

/** A request that an organisation marked with an Idempotency-Key. */
export interface IdempotentRequest {
  readonly organisation: string;
  readonly key: string;
  /** Hash of everything in the request that decides its answer. */
  readonly requestHash: string;
}

/** An answer as it was given, JSON text. */
export interface KeptAnswer {
  readonly requestHash: string;
  readonly answer: string;
}

/** Answers by Idempotency-Key, for a day: whoever did not hear an answer can ask again without doing anything twice. */
export interface Idempotency {
  find(request: IdempotentRequest, now: Date): Promise<KeptAnswer | undefined>;
  /**
   * To be written in one transaction with what the answer speaks of.
   * @param answers the answer, and shorter ones to be kept in its place when it fits no item.
   */
  keepAlongside(request: IdempotentRequest, answers: readonly string[], now: Date): TransactWriteItem;
  /** For what was written by several transactions. Whoever kept an answer first wins. */
  keep(request: IdempotentRequest, answers: readonly string[], now: Date): Promise<void>;
}

/** Time to live; the table's `expiresAt` is in seconds since the epoch. */
const KEPT_MS = 24 * 60 * 60 * 1_000;

/** @param table the Record table: the answer must be written in the same transaction as the contributions. */
export function createIdempotency({ client, table }: { client: DynamoDBClient; table: string }): Idempotency {
  const put = (request: IdempotentRequest, answers: readonly string[], now: Date) => ({
    TableName: table,
    Item: {
      ...keyOf(request),
      requestHash: { S: request.requestHash },
      answer: { B: compressed(answers) },
      expiresAt: { N: String(Math.floor((now.getTime() + KEPT_MS) / 1_000)) },
    },
    // DynamoDB removes what has expired some time later: until then it counts as gone.
    ConditionExpression: 'attribute_not_exists(#item) OR expiresAt < :now',
    ExpressionAttributeNames: { '#item': 'item' },
    ExpressionAttributeValues: { ':now': { N: String(Math.floor(now.getTime() / 1_000)) } },
  });
  return {
    find: async (request, now) => {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(request), ConsistentRead: true }));
      const expired = Number(Item?.expiresAt?.N ?? 0) * 1_000 < now.getTime();
      if (Item?.answer?.B === undefined || Item.requestHash?.S === undefined || expired) return undefined;
      return { requestHash: Item.requestHash.S, answer: (await decompress(Item.answer.B)).toString('utf8') };
    },
    keepAlongside: (request, answers, now) => ({ Put: put(request, answers, now) }),
    keep: async (request, answers, now) => {
      try {
        await client.send(new PutItemCommand(put(request, answers, now)));
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}

/** An item holds 400 KB, names and the other attributes included. */
const MAX_ANSWER_BYTES = 380_000;

function compressed(answers: readonly string[]): Buffer {
  for (const answer of answers) {
    const bytes = zstdCompressSync(answer);
    if (bytes.byteLength <= MAX_ANSWER_BYTES) return bytes;
  }
  throw new RangeError('no form of the answer fits an item');
}

/** A partition of its own: neither a person nor an organisation has this name. The key is hashed, for it may hold anything. */
const keyOf = ({ organisation, key }: IdempotentRequest) => ({
  subject: { S: `${organisation}#idempotency` },
  item: { S: createHash('sha256').update(key).digest('base64url') },
});
