import type { ReviewedTask } from './task.ts';
import type { TaskKind } from './task-kinds.ts';

/** What rules about tasks are told. */
export interface TaskFacts {
  /** Whether anything came into the person's record from the organisation since the task's instant, or an encounter with it. */
  readonly followedUp: boolean;
}

/** Something that should have come after a task and did not. */
export interface OverdueRule {
  readonly name: string;
  readonly title: string;
  /** The kinds of tasks that it is about. */
  readonly kinds: readonly TaskKind[];
  /** The instant from which it is overdue. */
  dueAt(task: ReviewedTask): string;
  /** Whether the record of the person has to be asked. */
  readonly asksRecord: boolean;
  finds(task: ReviewedTask, facts: TaskFacts): boolean;
}

const HOUR_MS = 3_600_000;

/** An instant so many hours later. */
export const hoursAfter = (at: string, hours: number): string => new Date(Date.parse(at) + hours * HOUR_MS).toISOString();
