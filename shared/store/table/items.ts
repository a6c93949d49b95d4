import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Steps } from '../../concurrency/steps.ts';
import { decodeContribution, decodeInSteps, encodeContribution } from '../../record/codec.ts';
import type { Contribution } from '../../record/contribution.ts';
import type { Subject } from '../../record/identity.ts';
import { namesAny } from '../../record/packed.ts';

/** An item of the Record table: partition key `subject`, sort key `item`. */
export type Item = Record<string, AttributeValue>;

/** An item as a stream delivers it: Lambda's events hold binary values as base64. */
export type StreamedItem = Record<string, { readonly S?: string; readonly N?: string; readonly B?: Uint8Array | string }>;

/** DynamoDB takes items of up to 400 KB; what is left is for keys and names. */
export const MAX_PART_BYTES = 380_000;

/** Sort key of the item that tells which snapshot is in force. It sorts after the contributions and before the snapshots. */
export const MARKER = 'marker';
export const ALIAS = 'alias';

/** What the sort key of a contribution begins with, in the live partition and in history: a filter on the stream tells new ones from moved ones. */
const LIVE = 'contribution';
const COVERED = 'covered';
const CONTRIBUTION_KEY = /^(?:contribution|covered)#(\d{12})(?:#(\d{2}))?$/;

/** Partition that contributions move to once a snapshot covers them. */
export const historyOf = (subject: Subject): string => `${subject}#history`;

/** Sort key of a contribution, or of one of its further parts. */
export const contributionKey = (sequence: number, part = 0): string => keyOf(LIVE, sequence, part);

/** The same in the history partition. */
export const coveredKey = (sequence: number, part = 0): string => keyOf(COVERED, sequence, part);

const keyOf = (prefix: string, sequence: number, part: number): string =>
  `${prefix}#${String(sequence).padStart(12, '0')}${part === 0 ? '' : `#${String(part).padStart(2, '0')}`}`;

/** The key that an item has in the history partition. */
export function toHistory(subject: Subject, item: Item): Item {
  const { sequence, part } = parseContributionKey(item.item!.S!)!;
  return { ...item, subject: { S: historyOf(subject) }, item: { S: coveredKey(sequence, part) } };
}

/** What the sort key of a contribution says, live or covered; `undefined` for any other key. */
export function parseContributionKey(key: string): { readonly sequence: number; readonly part: number } | undefined {
  const found = CONTRIBUTION_KEY.exec(key);
  return found === null ? undefined : { sequence: Number(found[1]), part: Number(found[2] ?? 0) };
}

/** The items of one contribution as they are stored: the first holds the manifest. */
export interface ContributionItems {
  readonly sequence: number;
  readonly items: readonly [Item, ...Item[]];
}

/**
 * The items of a contribution, to be written together: one as a rule; a body that one item cannot hold goes on in further ones.
 * `undefined`: the manifest alone is larger than an item can be.
 */
export function itemsOf(contribution: Contribution): ContributionItems | undefined {
  const { manifest, body } = encodeContribution(contribution);
  if (manifest.byteLength > MAX_PART_BYTES) return undefined;
  const { subject, sequence } = contribution;
  const beside = body === undefined ? [] : slices(body, MAX_PART_BYTES - manifest.byteLength);
  const key = (part: number): Item => ({ subject: { S: subject }, item: { S: contributionKey(sequence, part) } });
  const [first, ...rest] = beside;
  const head: Item = {
    ...key(0),
    manifest: { B: manifest },
    ...(first === undefined ? {} : { body: { B: first } }),
    ...(rest.length === 0 ? {} : { parts: { N: String(beside.length) } }),
  };
  return { sequence, items: [head, ...rest.map((slice, index) => ({ ...key(index + 1), body: { B: slice } }))] };
}

/** The first slice may be shorter: it shares its item. */
function slices(body: Buffer, firstBytes: number): Buffer[] {
  const parts = [body.subarray(0, firstBytes)];
  for (let at = firstBytes; at < body.byteLength; at += MAX_PART_BYTES) parts.push(body.subarray(at, at + MAX_PART_BYTES));
  return parts;
}

/** What stands in the place of a contribution that has moved: its number stays taken. */
export interface Slot {
  readonly sequence: number;
  /** Seconds since the epoch: from then on nobody can want the number. The table's time to live removes the slot some time later. */
  readonly expiresAt: number;
  readonly item: Item;
}

/** @param expiresAt seconds since the epoch. */
export const slotItem = (subject: Subject, sequence: number, expiresAt: number): Item => ({
  subject: { S: subject },
  item: { S: contributionKey(sequence) },
  expiresAt: { N: String(expiresAt) },
});

/** `undefined` for any other item. */
export function slotOf(item: Item): Slot | undefined {
  const key = parseContributionKey(item.item!.S!);
  if (key?.part !== 0 || item.manifest !== undefined) return undefined;
  return { sequence: key.sequence, expiresAt: Number(item.expiresAt?.N), item };
}

/** Number of items that a contribution has, told by its first. */
export const partsOf = (head: Item): number => Number(head.parts?.N ?? 1);

/** Reads a contribution out of its items, of which none may be missing. */
export function* contributionOf(subject: Subject, { sequence, items }: ContributionItems): Steps<Contribution> {
  const [head] = items;
  const bodies = items.flatMap((item) => item.body?.B ?? []);
  return yield* decodeInSteps({
    subject,
    sequence,
    manifest: head.manifest!.B!,
    ...(bodies.length === 0 ? {} : { body: bodies.length === 1 ? bodies[0]! : Buffer.concat(bodies) }),
  });
}

/** Whether a contribution has a version of one of these fragments, told without decoding it. */
export const hasAny = ({ items: [head] }: ContributionItems, fragmentIds: ReadonlySet<string>): boolean =>
  namesAny(head.manifest!.B!, fragmentIds);

/**
 * Reads a contribution from an item that a stream delivers. Of one whose body is spread over several items all bodies are `undefined`: the store has them.
 * `undefined` for what is not a new contribution: its further parts, snapshots, markers, aliases, history.
 */
export function contributionOfItem(item: StreamedItem): Contribution | undefined {
  const subject = item.subject?.S;
  const sortKey = item.item?.S ?? '';
  const manifest = bytesOf(item.manifest);
  if (subject === undefined || manifest === undefined || !sortKey.startsWith(`${LIVE}#`)) return undefined;
  const body = item.parts === undefined ? bytesOf(item.body) : undefined;
  const { sequence } = parseContributionKey(sortKey)!;
  return decodeContribution({ subject, sequence, manifest, ...(body === undefined ? {} : { body }) });
}

const bytesOf = (value: StreamedItem[string] | undefined): Uint8Array | undefined =>
  typeof value?.B === 'string' ? Buffer.from(value.B, 'base64') : value?.B;

/** Size of an item as DynamoDB counts it: names and values. */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

const NUMBER_BYTES = 21;

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.B !== undefined) return value.B.byteLength;
  if (value.N !== undefined) return NUMBER_BYTES;
  if (value.M !== undefined) return itemBytes(value.M);
  if (value.L !== undefined) return value.L.reduce((sum, each) => sum + valueBytes(each), 0);
  return 1;
}
