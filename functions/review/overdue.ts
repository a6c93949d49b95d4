import type { Finding } from '../../shared/access/review/finding.ts';
import { inLondon } from '../../shared/access/review/london.ts';
import type { OverdueRule } from '../../shared/access/review/overdue.ts';
import { OVERDUE_RULES } from '../../shared/access/review/rules.ts';
import type { ReviewedTask } from '../../shared/access/review/task.ts';
import { OFFICE_NAMES } from '../../shared/access/review/task-kinds.ts';
import type { ReviewDependencies } from './context.ts';

/** Longer than anything is overdue after what it is about: a claim of a week, and a week. */
const LONGEST_MS = 21 * 24 * 3_600_000;

/** What became overdue on a day: reviews that nobody wrote, care that left no trace. */
export async function reviewOverdue(
  dependencies: ReviewDependencies,
  organisation: string,
  day: string,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const from = new Date(Date.parse(day) - LONGEST_MS).toISOString();
  for (const office of OFFICE_NAMES)
    for await (const task of dependencies.tasks.since({ organisation, office }, from))
      for (const rule of OVERDUE_RULES) {
        if (!rule.kinds.includes(task.kind) || inLondon(rule.dueAt(task)).day !== day) continue;
        const followedUp = rule.asksRecord && (await isFollowedUp(dependencies, task));
        if (rule.finds(task, { followedUp })) findings.push(findingOf(rule, task));
      }
  return findings;
}

/** Whether the organisation, or whoever merged into it, has recorded anything of the person since. */
async function isFollowedUp(
  { store, directory }: ReviewDependencies,
  { person, organisation, at }: ReviewedTask,
): Promise<boolean> {
  if (person === undefined) return false;
  const { folds } = await store.person(person);
  const isTheirs = (owner: string) => (directory.current(owner, at)?.id ?? owner) === organisation;
  return folds.some(({ fragments }) =>
    [...fragments.values()].some(({ owner, recordedAt }) => recordedAt >= at && isTheirs(owner)),
  );
}

function findingOf(rule: OverdueRule, task: ReviewedTask): Finding {
  const { organisation, staff, staffName, role, person, grant, id } = task;
  return {
    rule: rule.name,
    ...{ organisation, evidence: [] },
    ...(staff === undefined ? {} : { staff }),
    ...(role === undefined ? {} : { role }),
    ...(staffName === undefined ? {} : { staffName }),
    ...(person === undefined ? {} : { person }),
    at: rule.dueAt(task),
    occasion: grant?.id ?? id,
  };
}
