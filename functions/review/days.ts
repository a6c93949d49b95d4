import type { StaffDay } from '../../shared/access/review/day.ts';
import type { Finding } from '../../shared/access/review/finding.ts';
import { inLondon } from '../../shared/access/review/london.ts';
import { DAY_RULES } from '../../shared/access/review/rules.ts';
import type { Evidence } from '../../shared/access/review/task.ts';
import type { ActiveStaff } from '../../shared/store/oversight/progress.ts';
import type { ReviewDependencies, Run } from './context.ts';
import { reviewOverdue } from './overdue.ts';
import { raise } from './raising.ts';

/** What is usual is what was done in four weeks. */
const USUAL_DAYS = 28;
const DAY_MS = 24 * 3_600_000;

/**
 * Measures whole days against what is usual, and asks what should have come and did not: each day once, when it is over and its looks were looked over. A day that was
 * missed is caught up with.
 * @param upTo the instant up to which looks were looked over
 */
export async function reviewDays(
  dependencies: ReviewDependencies,
  organisation: string,
  upTo: string,
  run: Run,
): Promise<number> {
  const { progress } = dependencies;
  const today = inLondon(upTo).day;
  let raised = 0;
  for (let day = await firstDay(dependencies, organisation, today); day < today && !run.isOver(); day = dayAfter(day, 1)) {
    raised += await raise(dependencies, [
      ...(await findingsOf(dependencies, organisation, day)),
      ...(await reviewOverdue(dependencies, organisation, day)),
    ]);
    await progress.note('days', organisation, day);
  }
  return raised;
}

async function firstDay({ progress }: ReviewDependencies, organisation: string, today: string): Promise<string> {
  const last = await progress.last('days', organisation);
  return last === undefined ? dayAfter(today, -1) : dayAfter(last, 1);
}

const dayAfter = (day: string, days: number): string => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

/** What one member of staff did, day by day. */
interface Doings extends ActiveStaff {
  readonly days: readonly StaffDay[];
  readonly noted: ReadonlyMap<string, readonly Evidence[]>;
}

async function findingsOf(dependencies: ReviewDependencies, organisation: string, day: string): Promise<readonly Finding[]> {
  const active = await dependencies.progress.active(organisation, day);
  const doings: Doings[] = [];
  for (const staff of active) doings.push(await doingsOf(dependencies, staff, day));
  return doings.flatMap((each) => {
    const today = each.days.find((other) => other.day === day);
    if (today === undefined) return [];
    const own = each.days.filter((other) => other !== today);
    const role = doings.filter((other) => other !== each && other.role === each.role).flatMap(({ days }) => days);
    const rules = DAY_RULES.filter((rule) => rule.finds(today, { own, role }));
    return rules.map((rule) => findingOf(rule.name, organisation, each, day));
  });
}

/** Everything that was noted of somebody, for whomever they acted: what is unusual is so for the one who does it. */
async function doingsOf({ looks }: ReviewDependencies, staff: ActiveStaff, day: string): Promise<Doings> {
  // A day of London begins an hour before that of UTC, in summer.
  const from = `${dayAfter(day, -USUAL_DAYS - 1)}T22:00:00.000Z`;
  const noted = await looks.ofStaff(staff.staff, from, `${dayAfter(day, 1)}T00:00:00.000Z`);
  const byDay = Map.groupBy(noted, ({ access }) => inLondon(instantOf(access)).day);
  byDay.delete(dayAfter(day, 1));
  const days = [...byDay].map(([each, entries]) => ({
    day: each,
    staff: staff.staff,
    role: staff.role,
    persons: new Set(entries.map(({ person }) => person)).size,
    hours: [...new Set(entries.map(({ access }) => inLondon(instantOf(access)).hour))],
  }));
  return { ...staff, days, noted: byDay };
}

const instantOf = (access: string): string => access.split('#')[0] ?? access;

function findingOf(rule: string, organisation: string, { staff, name, role, noted }: Doings, day: string): Finding {
  const evidence = noted.get(day) ?? [];
  return {
    ...{ rule, organisation, staff, role, evidence },
    ...(name === undefined ? {} : { staffName: name }),
    at: instantOf(evidence[0]!.access),
    occasion: day,
  };
}
