import type { Context } from 'aws-lambda';
import type { ReviewDependencies, Run } from './context.ts';
import { reviewDays } from './days.ts';
import { reviewLooks } from './looking.ts';

/** What is left of the invocation's time when no further page is begun. */
const RESERVE_MS = 30_000;
const HOUR_MS = 3_600_000;

/**
 * Looks over the audit since the last run, organisation by organisation, for as long as a run may take; the next goes on. An organisation whose review fails does not keep the
 * others from being reviewed, and the run fails in the end, so that somebody hears of it.
 * Whatever calls it, a schedule or somebody, asks for the same.
 */
export function createHandler(dependencies: ReviewDependencies) {
  const { directory, log, now } = dependencies;
  return async (_event: unknown, { getRemainingTimeInMillis }: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> => {
    const startedAt = now();
    const run: Run = { at: startedAt.toISOString(), isOver: () => getRemainingTimeInMillis() < RESERVE_MS };
    let failure: unknown;
    for (const organisation of inTurn(
      directory.organisations.map(({ id }) => id),
      startedAt,
    )) {
      if (run.isOver()) break;
      try {
        const { raised, upTo } = await reviewLooks(dependencies, organisation, run);
        const more = await reviewDays(dependencies, organisation, upTo, run);
        log.info('reviewed', { organisation, count: raised + more });
      } catch (error) {
        failure ??= error;
        log.error('the audit of an organisation could not be reviewed', { organisation, error });
      }
    }
    if (failure !== undefined) throw new Error('the audit could not be reviewed', { cause: failure });
  };
}

/** Each hour another one is first: one that takes a whole run keeps none of the others waiting for ever. */
function inTurn(organisations: readonly string[], at: Date): readonly string[] {
  const first = Math.floor(at.getTime() / HOUR_MS) % Math.max(1, organisations.length);
  return [...organisations.slice(first), ...organisations.slice(0, first)];
}
