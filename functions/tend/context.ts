import type { Publisher } from '../../shared/bus/publish.ts';
import type { Rules } from '../../shared/bus/rules.ts';
import type { WakeAll } from '../../shared/bus/wakes.ts';
import type { Origin } from '../../shared/changes/envelope.ts';
import type { Directory } from '../../shared/directory/directory.ts';
import type { Log } from '../../shared/lambda/logger.ts';
import type { Measure } from '../../shared/lambda/metrics.ts';
import type { AgreedFeed } from '../../shared/signals/freshness.ts';
import type { Feeds } from '../../shared/store/signals/feeds.ts';
import type { LogState, SignalLog } from '../../shared/store/signals/log/log.ts';
import type { Subscriptions } from '../../shared/store/signals/subscriptions.ts';
import type { Undelivered } from '../../shared/store/signals/waiting.ts';

/** What tending works with. */
export interface TendDependencies {
  readonly subscriptions: Pick<Subscriptions, 'all' | 'read' | 'setStatus'>;
  readonly signals: Pick<SignalLog, 'state' | 'redrive'>;
  readonly undelivered: (id: string, state: LogState) => Promise<Undelivered>;
  readonly rules: Rules;
  readonly wake: WakeAll;
  readonly feeds: Pick<Feeds, 'states' | 'watch' | 'told'>;
  readonly agreed: readonly AgreedFeed[];
  readonly directory: Directory;
  readonly publish: Publisher;
  readonly origin: Origin;
  /** Name of the event bus. */
  readonly bus: string;
  readonly measure: Measure;
  readonly log: Log;
  readonly now: () => Date;
}

/** How long a run may go on. */
export interface Run {
  /** ISO 8601 instant at which it began. */
  readonly at: string;
  /** Milliseconds since the epoch after which nothing more is begun. */
  readonly deadlineMs: number;
  readonly isOver: () => boolean;
}
