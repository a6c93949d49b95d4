import type { Context } from 'aws-lambda';
import type { Run, TendDependencies } from './context.ts';
import { mendDrift } from './drift.ts';
import { endEnded } from './ending.ts';
import { tendFeeds, tendMergers } from './feeds.ts';
import { wakeDue } from './waking.ts';

/** What is left of the invocation's time when nothing more is begun. */
const RESERVE_MS = 5_000;

/** What operators put on the bus to have the dead letters of a subscription sent again: `npm run redrive`. */
export const REDRIVE_ASKED = 'redrive-asked';

/** What the schedules ask: nothing for the round of each minute, `drift` for the comparison of rules. And what operators ask. */
export interface TendEvent {
  readonly task?: 'drift';
  readonly 'detail-type'?: string;
  readonly detail?: { readonly subscription?: unknown };
}

type Part = (run: Run) => Promise<void>;

/** Looks after what nobody else would: each part by itself, so that none keeps another from being done. A run of which a part failed fails in the end, so that somebody hears of it. */
export function createHandler(dependencies: TendDependencies) {
  const { subscriptions, log, now } = dependencies;

  /** Ended ones first: what was ended is not woken. */
  const tendSubscriptions: Part = async (run) => {
    const ending = endEnded(dependencies, await subscriptions.all(), run);
    const [ended] = await Promise.allSettled([ending]);
    await wakeDue(dependencies, await subscriptions.all(), run);
    if (ended.status === 'rejected') throw ended.reason;
  };

  const partsOf = (event: TendEvent): readonly Part[] => {
    if (event['detail-type'] === REDRIVE_ASKED) return [() => redrive(dependencies, event.detail?.subscription)];
    if (event.task === 'drift') return [(run) => mendDrift(dependencies, run)];
    return [tendSubscriptions, (run) => tendFeeds(dependencies, run), (run) => tendMergers(dependencies, run)];
  };

  return async (event: TendEvent, { getRemainingTimeInMillis }: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> => {
    const startedAt = now();
    const run: Run = {
      at: startedAt.toISOString(),
      deadlineMs: startedAt.getTime() + getRemainingTimeInMillis() - RESERVE_MS,
      isOver: () => getRemainingTimeInMillis() < RESERVE_MS,
    };
    const settled = await Promise.allSettled(partsOf(event).map((part) => part(run)));
    const failures = settled.flatMap((part) => (part.status === 'rejected' ? [part.reason] : []));
    for (const error of failures) log.error('a part of tending failed', { error });
    if (failures.length > 0) throw new Error('a part of tending failed', { cause: failures[0] });
  };
}

/** Puts the dead letters of a subscription among what is to be sent, and has it sent. */
async function redrive({ subscriptions, signals, wake, log }: TendDependencies, id: unknown): Promise<void> {
  const subscription = typeof id === 'string' ? await subscriptions.read(id) : undefined;
  if (subscription === undefined) {
    log.error('a subscription whose dead letters are to be sent again is not known');
    return;
  }
  const count = await signals.redrive(subscription.id);
  if ((await wake([subscription.id])).size > 0) throw new Error('a subscription could not be woken');
  log.info('dead letters are sent again', { organisation: subscription.organisation, count });
}
