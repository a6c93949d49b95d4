/** How often an organisation has agreed to be heard from, whether or not anything has changed. */
export interface AgreedFeed {
  /** Its internal id. */
  readonly organisation: string;
  readonly everyMinutes: number;
}

/** What is known of an organisation's feed. */
export interface FeedState {
  /** ISO 8601 instant of the last contribution that was accepted, changes or none. */
  readonly lastAt?: string;
  /** Since when it is watched: what was never heard is silent since then. */
  readonly watchedFrom?: string;
  /** From when the silence counts that was told of and has not been told to have ended. */
  readonly silence?: string;
  /** How many things were told of the organisation. */
  readonly told: number;
  /** The successor that was told to have taken over. */
  readonly mergedInto?: string;
}

/** A feed that is silent for longer than was agreed. */
export interface Silence {
  /** From when it counts: the last contribution, or the beginning of the watch. */
  readonly from: string;
  /** By when it should have been heard from. */
  readonly due: string;
  /** From when it is stale: a while after that. */
  readonly staleAt: string;
}

const MINUTE_MS = 60_000;

/** Nightly extracts do not come at the same minute every night; and who contributes is noted once a minute. */
const GRACE = { part: 0.25, leastMinutes: 2, mostMinutes: 120 } as const;

/** Minutes that a feed may be late before its silence is told. */
export const graceMinutes = (everyMinutes: number): number =>
  Math.min(GRACE.mostMinutes, Math.max(GRACE.leastMinutes, everyMinutes * GRACE.part));

/** The silence that a feed would be in were nothing heard of it any more; `undefined` before it is watched. */
export function silenceOf({ everyMinutes }: AgreedFeed, { lastAt, watchedFrom }: FeedState): Silence | undefined {
  const from = lastAt ?? watchedFrom;
  if (from === undefined) return undefined;
  const after = (minutes: number) => new Date(Date.parse(from) + minutes * MINUTE_MS).toISOString();
  return { from, due: after(everyMinutes), staleAt: after(everyMinutes + graceMinutes(everyMinutes)) };
}

/** The silence that a feed is in at an instant, if it is longer than was agreed. */
export function staleAt(agreed: AgreedFeed, state: FeedState, at: string): Silence | undefined {
  const silence = silenceOf(agreed, state);
  return silence !== undefined && silence.staleAt < at ? silence : undefined;
}

/** What is to be told of a feed: its silence, or that it is over. */
export type FeedNews = { readonly name: 'feed-stale' | 'feed-resumed'; readonly from: string; readonly at: string };

/**
 * What is to be told of a feed at an instant. A silence that began and ended between two looks is not told; one that was told, ended, and was followed by another is ended
 * first.
 */
export function newsOf(agreed: AgreedFeed, state: FeedState, at: string): FeedNews | undefined {
  const { silence: told, lastAt } = state;
  if (told !== undefined)
    return lastAt !== undefined && told < lastAt ? { name: 'feed-resumed', from: told, at: lastAt } : undefined;
  const silence = staleAt(agreed, state, at);
  return silence && { name: 'feed-stale', from: silence.from, at: silence.staleAt };
}
