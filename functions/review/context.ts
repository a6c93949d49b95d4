import type { Directory } from '../../shared/directory/directory.ts';
import type { Log } from '../../shared/lambda/logger.ts';
import type { Looks } from '../../shared/store/oversight/looks.ts';
import type { Progress } from '../../shared/store/oversight/progress.ts';
import type { StaffRegister } from '../../shared/store/oversight/staff-register.ts';
import type { Tasks } from '../../shared/store/oversight/tasks.ts';
import type { WatchList } from '../../shared/store/oversight/watch-list.ts';
import type { RecordStore } from '../../shared/store/record.ts';

/** What the review of the audit works with. */
export interface ReviewDependencies {
  readonly looks: Looks;
  readonly store: Pick<RecordStore, 'person'>;
  readonly tasks: Tasks;
  readonly watchList: WatchList;
  readonly staffRegister: StaffRegister;
  readonly progress: Progress;
  readonly directory: Directory;
  readonly log: Log;
  readonly now: () => Date;
}

/** How long a run may go on. */
export interface Run {
  /** ISO 8601 instant at which it began. */
  readonly at: string;
  readonly isOver: () => boolean;
}
