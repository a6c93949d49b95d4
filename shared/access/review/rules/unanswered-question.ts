import type { OverdueRule } from '../overdue.ts';
import { officeOf, TASK_KIND_NAMES } from '../task-kinds.ts';

/** Until a records office answers, a record may hold what is about somebody else, or miss what belongs to it. */
export const unansweredQuestion: OverdueRule = {
  name: 'unanswered-question',
  title: 'A records office has not answered a question in time',
  kinds: TASK_KIND_NAMES.filter((kind) => officeOf(kind) === 'records'),
  dueAt: ({ at, dueAt }) => dueAt ?? at,
  asksRecord: false,
  finds: ({ at, dueAt = at, reviews }) => !reviews.some((review) => review.at < dueAt),
};
