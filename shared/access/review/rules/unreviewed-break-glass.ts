import { hoursAfter, type OverdueRule } from '../overdue.ts';

/** How long a privacy officer has. */
const HOURS = 72;

export const unreviewedBreakGlass: OverdueRule = {
  name: 'unreviewed-break-glass',
  title: 'Nobody has reviewed a broken glass within 72 hours',
  kinds: ['break-glass'],
  dueAt: ({ at }) => hoursAfter(at, HOURS),
  asksRecord: false,
  finds: (task) => !task.reviews.some(({ at }) => at < hoursAfter(task.at, HOURS)),
};
