import { describe, expect, it } from 'vitest';
import type { StaffDay } from '../../../shared/access/review/day.ts';
import { DAY_RULES, OVERDUE_RULES, ruleTitle } from '../../../shared/access/review/rules.ts';
import { taskOfGrant } from '../../../shared/access/review/task.ts';

const day = (persons: number, hours: readonly number[] = [9, 10]): StaffDay => ({
  day: '2026-11-24',
  staff: 'hampshire|nurse',
  role: 'clinician',
  persons,
  hours,
});
const days = (count: number, persons: number, hours?: readonly number[]) =>
  Array.from({ length: count }, () => day(persons, hours));

describe.each<[string, StaffDay, readonly StaffDay[], readonly StaffDay[], readonly string[]]>([
  ['like all others', day(12), days(20, 10), days(50, 12), []],
  ['three times as many as their own, and more than the role', day(40), days(20, 10), days(50, 12), ['unusual-volume']],
  ['three times as many as their own, where others do as much', day(40), days(20, 10), days(50, 60), []],
  ['many, where they always do', day(40), days(20, 35), days(50, 12), []],
  ['many, on a first day, where others do not', day(40), [], days(50, 12), ['unusual-volume']],
  ['many, where nothing is known of anybody', day(400), [], [], []],
  ['three times as many, and still few', day(29), days(20, 5), days(50, 5), []],
  ['at night, who never does', day(3, [3]), days(20, 5), days(50, 5), ['unusual-hour']],
  ['at night, in a role that does', day(3, [3]), days(20, 5), days(2, 5, [4]), []],
  ['at night, who has before', day(3, [23]), [...days(20, 5), day(2, [1])], [], []],
  ['at night, of whom little is known', day(3, [3]), days(9, 5), [], []],
  ['late in the evening', day(3, [22]), days(20, 5), [], []],
])('a day %s', (_, today, own, role, found) => {
  it(`is found by ${found.join() || 'nothing'}`, () => {
    expect(DAY_RULES.filter((rule) => rule.finds(today, { own, role })).map(({ name }) => name)).toEqual(found);
  });
});

const grant = (kind: 'claimed' | 'break-glass') => ({
  ...taskOfGrant(
    {
      ...{ id: 'b'.repeat(16), kind, person: 'a'.repeat(26), staff: 'hampshire|nurse', role: 'clinician', organisation: 'hhft' },
      ...{ from: '2026-11-24T10:00:00.000Z', until: '2026-11-25T10:00:00.000Z' },
      reason: { code: 'emergency', text: 'Unconscious in the emergency department.' },
    },
    undefined,
  ),
  reviews: [],
});

describe('what should have come and did not', () => {
  const rule = (name: string) => OVERDUE_RULES.find((each) => each.name === name)!;
  const review = (at: string) =>
    ({ at, outcome: 'justified', note: '', staff: 'hampshire|officer', organisation: 'hhft' }) as const;

  it('is a review within 72 hours of a broken glass', () => {
    const unreviewed = rule('unreviewed-break-glass');
    const task = grant('break-glass');
    expect(unreviewed.dueAt(task)).toBe('2026-11-27T10:00:00.000Z');
    expect(unreviewed.finds(task, { followedUp: false })).toBe(true);
    expect(unreviewed.finds({ ...task, reviews: [review('2026-11-27T09:59:59.999Z')] }, { followedUp: false })).toBe(false);
    expect(unreviewed.finds({ ...task, reviews: [review('2026-11-27T10:00:00.000Z')] }, { followedUp: false })).toBe(true);
  });

  it('is a trace of care, a week after a claim has ended', () => {
    const claim = rule('claim-without-follow-up');
    expect(claim.dueAt(grant('claimed'))).toBe('2026-12-02T10:00:00.000Z');
    expect(claim.finds(grant('claimed'), { followedUp: false })).toBe(true);
    expect(claim.finds(grant('claimed'), { followedUp: true })).toBe(false);
  });
});

describe('every rule', () => {
  it('has a name of its own, and says in plain English what it finds', () => {
    for (const { name } of [...DAY_RULES, ...OVERDUE_RULES]) expect(ruleTitle(name)).toMatch(/^\p{Lu}.{20,}[^.]$/u);
  });
});
