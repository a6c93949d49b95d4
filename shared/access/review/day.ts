/** What one member of staff did on one day, in Europe/London. */
export interface StaffDay {
  /** ISO date. */
  readonly day: string;
  readonly staff: string;
  readonly name?: string;
  readonly role: string;
  /** How many different persons' records they looked at. */
  readonly persons: number;
  /** The hours of the day in which they looked, 0 to 23. */
  readonly hours: readonly number[];
}

/** What a day is measured against. */
export interface Usual {
  /** The same member of staff's other days, as far back as is looked. */
  readonly own: readonly StaffDay[];
  /** Days of everybody else in the same role and organisation. */
  readonly role: readonly StaffDay[];
}

/** Something to look for in whole days. */
export interface DayRule {
  readonly name: string;
  readonly title: string;
  finds(day: StaffDay, usual: Usual): boolean;
}

/** The value below which so many of a hundred lie; 0 of none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}
