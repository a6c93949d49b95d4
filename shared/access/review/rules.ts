import type { DayRule } from './day.ts';
import type { LookRule } from './look.ts';
import type { OverdueRule } from './overdue.ts';
import { claimWithoutFollowUp } from './rules/claim-without-follow-up.ts';
import { colleague } from './rules/colleague.ts';
import { ownRecord } from './rules/own-record.ts';
import { sameHousehold } from './rules/same-household.ts';
import { sameSurname } from './rules/same-surname.ts';
import { unansweredQuestion } from './rules/unanswered-question.ts';
import { unreviewedBreakGlass } from './rules/unreviewed-break-glass.ts';
import { unusualHour } from './rules/unusual-hour.ts';
import { unusualVolume } from './rules/unusual-volume.ts';
import { watched } from './rules/watched.ts';

/** What the review of the audit looks for. `docs/governance/reviews.md` explains each. */
export const LOOK_RULES: readonly LookRule[] = [ownRecord, sameSurname, sameHousehold, colleague, watched];
export const DAY_RULES: readonly DayRule[] = [unusualVolume, unusualHour];
export const OVERDUE_RULES: readonly OverdueRule[] = [unreviewedBreakGlass, claimWithoutFollowUp, unansweredQuestion];

const titles = new Map([...LOOK_RULES, ...DAY_RULES, ...OVERDUE_RULES].map(({ name, title }) => [name, title]));

/** What a rule finds, in plain English. */
export const ruleTitle = (name: string): string | undefined => titles.get(name);
