import { demoNhsNumber, type Push, type Somebody } from '../feed.ts';

/** A person with a story told by several organisations. */
export interface Story {
  /** One sentence that says why this person is in the demo. */
  readonly story: string;
  readonly nhsNumber: string;
  readonly pushes: readonly Push[];
}

/** The practices of the demo that stories use, as the deployment's directory has them. */
export interface Practice {
  readonly organisation: string;
  readonly code: string;
  readonly name: string;
}

/** NHS numbers of the stories stand apart from those of the crowd: 999 9…. Throws for an index whose check digit would be 10. */
export function storyNumber(index: number): string {
  const number = demoNhsNumber(900_000 + index);
  if (number === undefined) throw new Error('this index gives no valid NHS number');
  return number;
}

/** Registers somebody with a practice. */
export const registered = (somebody: Somebody, { code, name }: Practice): Somebody => ({ ...somebody, practice: { code, name } });

/**
 * A moment some days before the demo is loaded, or after it where the days are below zero: a date, or an instant at a time of day (UTC). For what has
 * happened so lately that somebody may look because of it; tell it by way of `once`.
 */
export type Lately = (daysAgo: number, time?: string) => string;

const DAY_MS = 86_400_000;

export const latelyBefore =
  (now: Date): Lately =>
  (daysAgo, time) => {
    const day = new Date(now.getTime() - daysAgo * DAY_MS).toISOString().slice(0, 10);
    return time === undefined ? day : `${day}T${time}:00Z`;
  };
