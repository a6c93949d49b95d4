import type { Log } from '../../shared/lambda/logger.ts';
import type { Feeds } from '../../shared/store/signals/feeds.ts';

/** Notes that an organisation was heard from. Never fails, and keeps nobody waiting for long. */
export type NoteFeed = (organisation: string, at: Date) => Promise<void>;

export interface FeedDependencies {
  readonly feeds: Pick<Feeds, 'heard'>;
  readonly log: Log;
  /** How long whoever contributes waits for it, once a minute. */
  readonly patienceMs?: number;
}

const EVERY_MS = 60_000;
/** No longer than they would notice. */
const PATIENCE_MS = 500;

/**
 * Notes feeds at most once a minute for each organisation and process: a nightly extract of a million unchanged fragments costs sixty write units an hour for each process
 * that takes it in. A note that fails is logged, and the next minute's takes its place.
 */
export function createNoteFeed({ feeds, log, patienceMs = PATIENCE_MS }: FeedDependencies): NoteFeed {
  const notedMs = new Map<string, number>();
  return async (organisation, at) => {
    const atMs = at.getTime();
    if (atMs - (notedMs.get(organisation) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
    notedMs.set(organisation, atMs);
    try {
      await feeds.heard(organisation, at.toISOString(), { signal: AbortSignal.timeout(patienceMs) });
    } catch (error) {
      log.error('it could not be noted that an organisation was heard from', { organisation, error });
    }
  };
}
