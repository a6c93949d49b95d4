import type { Change, Link } from './link.ts';

/** What a link of the last while holds: enough to know again what is handed over twice. */
interface RecentLink {
  readonly sealedAtMs: number;
  readonly changes: ReadonlySet<string>;
}

/** The newest links of the chain that this process knows, without a gap. */
export interface RecentLinks {
  /** Whether one of them holds the change. */
  has(change: Change): boolean;
  /** Takes in the link after those that are known. */
  add(link: Link): void;
  /** All links that were sealed from this instant on are known. In milliseconds since the epoch. */
  readonly knownFromMs: number;
}

/** About 15 MB. */
const MAX_CHANGES = 100_000;

/** What is handed over twice mostly is so within seconds. */
const KEPT_MS = 10 * 60_000;

export const changeKey = ({ kind, person, access, digest }: Change): string => `${kind} ${person} ${access} ${digest}`;

/** @param fromMs from this instant on, what is added next begins without a gap */
export function createRecentLinks(fromMs: number): RecentLinks {
  const links: RecentLink[] = [];
  let knownFromMs = fromMs;
  let count = 0;
  return {
    get knownFromMs() {
      return knownFromMs;
    },
    has: (change) => {
      const key = changeKey(change);
      return links.some(({ changes }) => changes.has(key));
    },
    add: ({ sealedAt, changes }) => {
      links.push({ sealedAtMs: Date.parse(sealedAt), changes: new Set(changes.map(changeKey)) });
      count += changes.length;
      const tooOldMs = links.at(-1)!.sealedAtMs - KEPT_MS;
      while (links.length > 1 && (count > MAX_CHANGES || links[0]!.sealedAtMs < tooOldMs)) {
        const oldest = links.shift()!;
        count -= oldest.changes.size;
        knownFromMs = Math.max(knownFromMs, oldest.sealedAtMs + 1);
      }
    },
  };
}
