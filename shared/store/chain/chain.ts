import {
  ConditionalCheckFailedException,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { createTurns } from '../turns.ts';
import { type Change, headOf, LAST_NUMBER, type Link, type LinkHead, linkItem, MAX_CHANGES_PER_LINK } from './link.ts';
import { type ChainTable, dayAfter, dayItem, type KeptLink, newestDay, type OpenedDay, readBack, readLinks } from './reading.ts';
import { changeKey, createRecentLinks, type RecentLinks } from './recent.ts';

/** A change of an entry, and when the table made it. */
export interface TimedChange extends Change {
  /** Milliseconds since the epoch, by the clock of the table: seconds will do. */
  readonly atMs: number;
}

/** What appending did. */
export interface Appended {
  /** The links that were appended, in their order. */
  readonly links: readonly (LinkHead & { readonly count: number })[];
  /** Days that this process heard of being closed, by the hash that closed them. Each process says it anew. */
  readonly closed: readonly { readonly day: string; readonly hash: string }[];
  /** Links that are not what was written: somebody has changed them. The chain goes on after them, and `verify` finds them. */
  readonly broken: number;
}

/** The chain of links that proves the audit whole. */
export interface Chain {
  /**
   * Appends the changes that are not in the chain already, all of them once: what is handed over again adds nothing, whoever else appends meanwhile.
   * @throws whatever the table throws; what was appended until then stays, and is known again.
   */
  append(changes: readonly TimedChange[]): Promise<Appended>;
}

export interface ChainOptions extends ChainTable {
  readonly now: () => Date;
  /** Waits before another try, after somebody else has appended. */
  readonly backOff: (attempt: number) => Promise<void>;
}

/** Whoever loses against others so often has a fault. */
const MAX_ATTEMPTS = 100;

/** How far back a process that begins looks, so that it need not look again for each batch. */
const LOOK_BACK_MS = 2 * 60_000;

/** By how much the clocks of those who append, and of the table, may differ. */
const CLOCK_SKEW_MS = 60_000;

/** Where the chain ends: the next link gets the next number. */
interface End extends LinkHead {
  readonly closed: boolean;
}

/**
 * Appends by conditional puts of the next number, so that however many append at once, there is one order, without a gap. A day ends with a link that closes it: its number
 * taken, nobody can append to that day any more, and the first link of the next day names it.
 */
export function createChain({ now, backOff, ...table }: ChainOptions): Chain {
  let end: End | undefined;
  let recent: RecentLinks | undefined;
  let closed: { day: string; hash: string }[] = [];
  let broken = 0;

  /** Takes in what others have appended since. */
  async function follow(): Promise<void> {
    if (end === undefined || recent === undefined) await start();
    while (end !== undefined && (await followDay(end))) {
      // Until there is no newer day.
    }
  }

  /** Finds the end of the chain, and takes in what was sealed in the last while. */
  async function start(): Promise<void> {
    const fromMs = now().getTime() - LOOK_BACK_MS;
    const links: Link[] = [];
    const day = await newestDay(table);
    if (day !== undefined) {
      enter(day);
      for await (const kept of readBack(table, day.day)) {
        const { link } = kept;
        if (kept.day === day.day && (kept.number ?? 0) > (end?.number ?? 0)) end = endAt(kept) ?? end;
        if (link !== undefined && Date.parse(link.sealedAt) < fromMs - CLOCK_SKEW_MS) break;
        if (link === undefined) broken++;
        else links.push(link);
      }
    }
    recent = createRecentLinks(fromMs);
    for (const link of links.reverse()) recent.add(link);
  }

  function enter({ day, former }: OpenedDay): void {
    end = { day, number: 0, hash: former?.hash ?? '', closed: false };
    if (former !== undefined) closed.push(former);
  }

  /** @returns whether a newer day was entered */
  async function followDay({ day, number: known }: End): Promise<boolean> {
    // Asked for before the links: once there is a newer day, no more come to this one.
    const newer = await dayAfter(table, day);
    for await (const kept of readLinks(table, day, known)) {
      end = endAt(kept) ?? end;
      if (kept.link === undefined) broken++;
      else recent!.add(kept.link);
    }
    if (newer === undefined) return false;
    enter(newer);
    return true;
  }

  /** What of the changes is in no link yet. */
  async function unsealed(changes: readonly TimedChange[]): Promise<readonly TimedChange[]> {
    const wanted = new Map(changes.map((change) => [changeKey(change), change]));
    for (const [key, change] of wanted) if (recent!.has(change)) wanted.delete(key);
    const sinceMs = Math.min(...[...wanted.values()].map(({ atMs }) => atMs)) - CLOCK_SKEW_MS;
    if (end !== undefined && sinceMs < recent!.knownFromMs) await strikeOut(wanted, end, sinceMs);
    return [...wanted.values()];
  }

  /** A change is in no link that was sealed before it was made: so far back the chain is looked through. */
  async function strikeOut(wanted: Map<string, TimedChange>, { day }: End, sinceMs: number): Promise<void> {
    for await (const { link } of readBack(table, day)) {
      if (wanted.size === 0 || (link !== undefined && Date.parse(link.sealedAt) < sinceMs)) return;
      for (const change of link?.changes ?? []) wanted.delete(changeKey(change));
    }
  }

  /** @returns whether it was appended; if not, somebody else was quicker. */
  async function put(link: Link): Promise<boolean> {
    try {
      await table.client.send(new PutItemCommand({ TableName: table.table, Item: linkItem(link), ...FREE }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** Closes the day that is open, if one is, and opens another: both or neither. Whoever is beaten to it follows. */
  async function turnPage(today: string): Promise<void> {
    const closing = end === undefined || end.closed ? undefined : linkAfter(end, now(), { closes: true });
    const former = closing === undefined ? end : headOf(closing);
    // A day that was closed stays so, whatever the clock says.
    const day = former !== undefined && today <= former.day ? tomorrowOf(former.day) : today;
    const opening = dayItem({ day, ...(former === undefined ? {} : { former: { day: former.day, hash: former.hash } }) });
    const items = [...(closing === undefined ? [] : [linkItem(closing)]), opening];
    try {
      await table.client.send(
        new TransactWriteItemsCommand({
          TransactItems: items.map((Item) => ({ Put: { TableName: table.table, Item, ...FREE } })),
        }),
      );
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
    }
  }

  /** One after another within a process: what one has appended the next has to know before it decides what is left. */
  const takeTurns = createTurns();
  const append = async (changes: readonly TimedChange[]): Promise<Appended> => {
    const links: (LinkHead & { count: number })[] = [];
    closed = [];
    broken = 0;
    if (recent === undefined) await follow();
    let left = changes.length === 0 ? [] : await unsealed(changes);
    for (let attempt = 1; left.length > 0; attempt++) {
      if (attempt > MAX_ATTEMPTS) throw new Error('others are always quicker to append to the chain');
      const today = now().toISOString().slice(0, 10);
      if (end === undefined || end.closed || end.day < today) {
        await turnPage(today);
        await follow();
        left = await unsealed(left);
        continue;
      }
      const link = linkAfter(end, now(), { changes: left.slice(0, MAX_CHANGES_PER_LINK) });
      if (await put(link)) {
        end = { ...headOf(link), closed: false };
        recent!.add(link);
        links.push({ ...headOf(link), count: link.changes.length });
        left = left.slice(MAX_CHANGES_PER_LINK);
        attempt = 0;
      } else {
        await backOff(attempt);
        await follow();
        left = await unsealed(left);
      }
    }
    return { links, closed, broken };
  };

  return { append: (changes) => takeTurns(['chain'], () => append(changes)) };
}

/** Where the chain ends if it ends with this. A day without a place left is closed as well as any: whoever forged its last link keeps nobody from appending to the next. */
const endAt = ({ day, number, hash, link }: KeptLink): End | undefined =>
  number === undefined ? undefined : { day, number, hash, closed: link?.closes ?? number === LAST_NUMBER };

/** Nobody has written a link of this number, nor opened this day. */
const FREE = { ConditionExpression: 'attribute_not_exists(#link)', ExpressionAttributeNames: { '#link': 'link' } };

const tomorrowOf = (day: string): string => new Date(Date.parse(day) + 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

const linkAfter = (
  { day, number, hash }: End,
  now: Date,
  given: { closes?: boolean; changes?: readonly TimedChange[] },
): Link => ({
  day,
  number: number + 1,
  previous: hash,
  closes: given.closes ?? false,
  sealedAt: now.toISOString(),
  changes: (given.changes ?? []).map(({ kind, person, access, digest }) => ({ kind, person, access, digest })),
});
