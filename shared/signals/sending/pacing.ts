/** Waits so that no more than so many signals a second go to a subscriber. */
export type Pace = (count: number) => Promise<void>;

export interface Clock {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** @param ratePerSecond absent where its owner has set none */
export function createPace(ratePerSecond: number | undefined, { now, sleep }: Clock): Pace {
  if (ratePerSecond === undefined) return async () => {};
  let next = now();
  return async (count) => {
    const at = Math.max(now(), next);
    next = at + (count * 1000) / ratePerSecond;
    const waitMs = at - now();
    if (waitMs > 0) await sleep(waitMs);
  };
}
