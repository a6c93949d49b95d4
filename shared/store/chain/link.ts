import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { sha256 } from './canonical.ts';

/** What became of an entry of the audit. All but `added` is an alarm: an entry is for ever. */
export type ChangeKind = 'added' | 'changed' | 'removed';

/** What a link proves of an entry. */
export interface Change {
  readonly kind: ChangeKind;
  /** The entry's key. */
  readonly person: string;
  readonly access: string;
  /** Of the entry as it is after the change (`digestOf`); empty once it is removed. */
  readonly digest: string;
}

/** One link of the chain of a day: what came since the link before, whose hash it names. */
export interface Link {
  /** ISO date, UTC. */
  readonly day: string;
  /** From 1, without gaps. */
  readonly number: number;
  /** Hash of the link before; of a day's first link, that of the link that closed the former day; empty for the very first. */
  readonly previous: string;
  /** Whether the day ends with it. Then nothing can be appended to the day any more, for this number is taken. */
  readonly closes: boolean;
  /** ISO 8601 instant, UTC. */
  readonly sealedAt: string;
  readonly changes: readonly Change[];
}

/** What names a link for certain. */
export interface LinkHead {
  readonly day: string;
  readonly number: number;
  /** SHA-256 of its text, base64url. */
  readonly hash: string;
}

/** So many changes make a link of about 75 KB: an item holds 400 KB. */
export const MAX_CHANGES_PER_LINK = 1_000;

/** Version of the text below, and of how entries are hashed. A link of another version is refused, not guessed at. */
const VERSION = 1;

const KIND_LETTERS: Readonly<Record<ChangeKind, string>> = { added: 'a', changed: 'c', removed: 'r' };
const KINDS = new Map(Object.entries(KIND_LETTERS).map(([kind, letter]) => [letter, kind as ChangeKind]));

/** The text that is hashed, and kept as it was hashed. */
const textOf = ({ day, number, previous, closes, sealedAt, changes }: Link): string =>
  JSON.stringify([
    VERSION,
    day,
    number,
    previous,
    closes,
    sealedAt,
    changes.map(({ kind, person, access, digest }) => [KIND_LETTERS[kind], person, access, digest]),
  ]);

export const headOf = (link: Link): LinkHead => ({ day: link.day, number: link.number, hash: sha256(textOf(link)) });

/** Twelve digits: numbers sort as texts. */
export const linkKey = (number: number): string => String(number).padStart(12, '0');

/** After it there is no place left in a day. */
export const LAST_NUMBER = 999_999_999_999;

/** The number of a place; `undefined` where no link can stand, and somebody put something all the same. */
export const linkNumber = (key: string): number | undefined => (/^\d{12}$/.test(key) ? Number(key) : undefined);

/** A link as the table keeps it. Compressed: keys repeat, and digests are a third shorter as bytes than as text. */
export function linkItem(link: Link): Record<string, AttributeValue> {
  const text = textOf(link);
  return {
    day: { S: link.day },
    link: { S: linkKey(link.number) },
    text: { B: deflateRawSync(text) },
    hash: { S: sha256(text) },
  };
}

/** Reads what the table keeps of a link. @returns `undefined` where it is not what was written: its text was changed, or its hash, or its place. */
export function linkOf(item: Readonly<Record<string, AttributeValue>>): (Link & LinkHead) | undefined {
  const text = inflated(item.text?.B);
  if (text === undefined || sha256(text) !== item.hash?.S) return undefined;
  const link = saidIn(text);
  if (link === undefined || link.day !== item.day?.S || linkKey(link.number) !== item.link?.S) return undefined;
  return { ...link, hash: item.hash.S };
}

/** Whoever forges a text can give it a hash that fits: it need not be one of ours. */
const LINK = z.tuple([
  z.literal(VERSION),
  z.string(),
  z.int().check(z.positive()),
  z.string(),
  z.boolean(),
  z.iso.datetime(),
  z.custom<readonly unknown[]>(Array.isArray),
]);

function saidIn(text: string): Link | undefined {
  const read = LINK.safeParse(parsed(text));
  if (!read.success) return undefined;
  const [, day, number, previous, closes, sealedAt, changes] = read.data;
  if (!changes.every(isChange)) return undefined;
  return {
    ...{ day, number, previous, closes, sealedAt },
    changes: changes.map(([letter, person, access, digest]) => ({ kind: KINDS.get(letter)!, person, access, digest })),
  };
}

/** By hand: there may be a thousand in a link, and millions of links. */
function isChange(value: unknown): value is readonly [letter: string, person: string, access: string, digest: string] {
  return Array.isArray(value) && value.length === 4 && value.every((part) => typeof part === 'string') && KINDS.has(value[0]!);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function inflated(bytes: Uint8Array | undefined): string | undefined {
  try {
    return bytes && inflateRawSync(bytes).toString();
  } catch {
    return undefined;
  }
}
