import { hoursAfter, type OverdueRule } from '../overdue.ts';

/** How long after the end of a claim care may take to be recorded. */
const HOURS = 7 * 24;

/** Whoever claims to care for somebody leaves a trace of that care: something contributed, an encounter. */
export const claimWithoutFollowUp: OverdueRule = {
  name: 'claim-without-follow-up',
  title: 'A relationship was claimed, and nothing that the organisation recorded since shows it',
  kinds: ['claim'],
  dueAt: ({ at, grant }) => hoursAfter(grant?.until ?? at, HOURS),
  asksRecord: true,
  finds: (_, { followedUp }) => !followedUp,
};
