import type { Fold } from '../record/fold.ts';
import type { Subject } from '../record/identity.ts';

/** A fold that this process has seen, and when it was certain to be the latest. */
export interface Remembered {
  readonly fold: Fold;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Estimate of what the fold takes in memory. */
  readonly bytes: number;
}

/** Folds that a warm process keeps, the longest unused forgotten first. */
export interface Memory {
  get(subject: Subject): Remembered | undefined;
  /** Never replaces a newer fold by an older one: answers can overtake each other. */
  keep(remembered: Remembered): void;
  forget(subject: Subject): void;
}

/** @param maxBytes of all folds together, by their own estimate. */
export function createMemory(maxBytes: number): Memory {
  // A Map keeps the order of insertion: whatever is used is inserted again.
  const folds = new Map<Subject, Remembered>();
  let bytes = 0;
  const forget = (subject: Subject) => {
    bytes -= folds.get(subject)?.bytes ?? 0;
    folds.delete(subject);
  };
  return {
    get(subject) {
      const found = folds.get(subject);
      if (found === undefined) return undefined;
      folds.delete(subject);
      folds.set(subject, found);
      return found;
    },
    keep(remembered) {
      const { subject, sequence } = remembered.fold;
      const known = folds.get(subject);
      if (
        known !== undefined &&
        (known.fold.sequence > sequence || (known.fold.sequence === sequence && known.at > remembered.at))
      )
        return;
      forget(subject);
      folds.set(subject, remembered);
      bytes += remembered.bytes;
      for (const [oldest] of folds) {
        if (bytes <= maxBytes) break;
        forget(oldest);
      }
    },
    forget,
  };
}
