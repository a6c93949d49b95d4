import type { Log } from '../../shared/lambda/logger.ts';
import type { Feeds } from '../../shared/store/signals/feeds.ts';

/** Notes that an organisation was heard from. Never fails, and takes no longer than {@link PATIENCE_MS}. */
export type NoteFeed = (organisation: string, at: Date) => Promise<void>;

export interface FeedDependencies {
  readonly feeds: Pick<Feeds, 'heard'>;
  readonly log: Log;
}

const EVERY_MS = 60_000;
/** Whoever contributes waits for it, once a minute: no longer than they would notice. */
export const PATIENCE_MS = 500;

/**
 * Notes feeds at most once a minute for each organisation and process: a nightly extract of a million unchanged fragments costs sixty write units an hour for each process
 * that takes it in. A note that fails is logged, and the next minute's takes its place.
 */
export function createNoteFeed({ feeds, log }: FeedDependencies): NoteFeed {
  const notedMs = new Map<string, number>();
  return async (organisation, at) => {
    const atMs = at.getTime();
    if (atMs - (notedMs.get(organisation) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
    notedMs.set(organisation, atMs);
    try {
      await feeds.heard(organisation, at.toISOString(), { signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch (error) {
      log.error('it could not be noted that an organisation was heard from', { organisation, error });
    }
  };
}
