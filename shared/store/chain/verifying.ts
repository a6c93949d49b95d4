import { BatchGetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { digestOf } from './canonical.ts';
import type { Finding } from './findings.ts';
import type { Change } from './link.ts';
import { type ChainTable, type Item, type OpenedDay, readDays } from './reading.ts';
import { walkDay } from './walking.ts';

/** Which part of the audit is verified, and what is known of it from elsewhere. */
export interface Verification {
  /** ISO dates, UTC, both inclusive; open where absent. */
  readonly from?: string;
  readonly to?: string;
  /** Hashes that were noted elsewhere (the log of `seal`): each must be in the chain. */
  readonly heads?: readonly string[];
  /** When it begins. */
  readonly now: Date;
  readonly onFinding: (finding: Finding) => void;
  /** How far it has come. */
  readonly onProgress?: (sofar: Verified) => void;
}

/** How much was looked at. */
export interface Verified {
  readonly links: number;
  readonly entries: number;
}

/** How long an entry may be in no link yet. */
export const SEALED_WITHIN_MS = 5 * 60_000;

const DAY = /^\d{4}-\d\d-\d\d$/;

/** So many reads of the table at once. */
const SEGMENTS = 4;

/**
 * Walks the chain of days, then reads every entry of the audit once, and tells of everything that does not fit: links and days that are missing, changed or out of place; entries
 * that are not what was sealed, are gone, or were slipped in.
 *
 * Reads the whole Audit table whatever the range, for an entry that was slipped in is nowhere else. Holds about 200 bytes of memory for each entry of the range.
 */
export async function verify(
  tables: { readonly audit: ChainTable; readonly chain: ChainTable },
  verification: Verification,
): Promise<Verified> {
  const { onFinding, onProgress } = verification;
  const totals = { links: 0, entries: 0 };
  const tell = () => onProgress?.({ ...totals });
  const sealed = new Map<string, string>();
  const heads = new Set(verification.heads);
  for (const [before, opened, after] of await daysOf(tables.chain, verification)) {
    for await (const { hash, changes } of walkDay(tables.chain, { before, opened, after }, onFinding)) {
      heads.delete(hash);
      totals.links++;
      for (const change of changes) takeIn(sealed, change, onFinding);
      tell();
    }
  }
  for (const hash of heads) onFinding({ kind: 'unknown-head', hash });
  const segments = Array.from({ length: SEGMENTS }, (_, segment) => readAll(tables.audit, segment));
  await Promise.all(
    segments.map(async (pages) => {
      for await (const page of pages) {
        totals.entries += page.filter((item) => compare(item, sealed, verification)).length;
        tell();
      }
    }),
  );
  for (const key of await stillMissing(tables.audit, [...sealed.keys()])) onFinding({ kind: 'missing-entry', ...keyParts(key) });
  return totals;
}

/**
 * The days to walk, each between its neighbours. With the day before the range and the day after it: an entry of the last minute of a day is mostly sealed on the next, and a clock
 * that is ahead may seal one on the day before.
 */
async function daysOf(
  chain: ChainTable,
  { from = '', to = '9' }: Verification,
): Promise<readonly (readonly [OpenedDay | undefined, OpenedDay, OpenedDay | undefined])[]> {
  const days: OpenedDay[] = [];
  for await (const day of readDays(chain)) days.push(day);
  const first = days.findIndex(({ day }) => day >= from);
  const last = days.findLastIndex(({ day }) => day <= to);
  if (first === -1 || last === -1) return [];
  return days.flatMap((opened, index) =>
    index < first - 1 || index > last + 1 ? [] : [[days[index - 1], opened, days[index + 1]] as const],
  );
}

const keyOf = ({ person, access }: Pick<Change, 'person' | 'access'>): string => `${person} ${access}`;

const keyParts = (key: string): Pick<Change, 'person' | 'access'> => {
  const [person = '', access = ''] = key.split(' ');
  return { person, access };
};

/** What the entries must be: as they were first sealed. */
function takeIn(sealed: Map<string, string>, { kind, person, access, digest }: Change, onFinding: Verification['onFinding']) {
  const key = keyOf({ person, access });
  if (kind === 'changed') onFinding({ kind: 'noted-change', person, access });
  else if (kind === 'removed') onFinding({ kind: 'noted-removal', person, access });
  else if (!sealed.has(key)) sealed.set(key, digest);
  else if (sealed.get(key) !== digest) onFinding({ kind: 'noted-change', person, access });
}

async function* readAll({ client, table }: ChainTable, segment: number): AsyncGenerator<readonly Item[]> {
  let start: Item | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: table, Segment: segment, TotalSegments: SEGMENTS, ExclusiveStartKey: start as never }),
    );
    yield page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/** @returns whether the entry belongs to the range */
function compare(item: Item, sealed: Map<string, string>, { from = '', to = '9', now, onFinding }: Verification): boolean {
  const [person, access] = [item.person?.S ?? '', item.access?.S ?? ''];
  const key = keyOf({ person, access });
  const digest = sealed.get(key);
  const day = access.slice(0, 10);
  // What pretends to be of no day at all belongs to every range.
  const isInRange = !DAY.test(day) || (from <= day && day <= to);
  if (digest !== undefined) {
    if (digest !== digestOf(item)) onFinding({ kind: 'changed-entry', person, access });
    sealed.delete(key);
  } else if (isInRange && !isYoung(access, now)) onFinding({ kind: 'unsealed-entry', person, access });
  return isInRange || digest !== undefined;
}

/** An entry of a time to come is no young one. */
function isYoung(access: string, now: Date): boolean {
  const ageMs = now.getTime() - Date.parse(access.split('#', 1)[0]!);
  return Math.abs(ageMs) < SEALED_WITHIN_MS;
}

/** A read of the whole table may miss what was written while it went on: what it missed is asked for by its key. */
async function stillMissing({ client, table }: ChainTable, keys: readonly string[]): Promise<readonly string[]> {
  const missing = new Set(keys);
  for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
    let wanted = keys.slice(at, at + KEYS_AT_ONCE).map((key) => {
      const { person, access } = keyParts(key);
      return { person: { S: person }, access: { S: access } };
    });
    while (wanted.length > 0) {
      const { Responses = {}, UnprocessedKeys = {} } = await client.send(
        new BatchGetItemCommand({
          RequestItems: {
            [table]: {
              Keys: wanted,
              ConsistentRead: true,
              ProjectionExpression: 'person, #access',
              ExpressionAttributeNames: { '#access': 'access' },
            },
          },
        }),
      );
      for (const { person, access } of Responses[table] ?? []) missing.delete(keyOf({ person: person!.S!, access: access!.S! }));
      wanted = (UnprocessedKeys[table]?.Keys ?? []) as typeof wanted;
    }
  }
  return [...missing];
}

/** What BatchGetItem takes. */
const KEYS_AT_ONCE = 100;
