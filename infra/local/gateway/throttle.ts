/** How many requests are let through. */
export interface Limits {
  readonly perSecond: number;
  /** How many at once, after a pause. */
  readonly burst: number;
}

/** Whether one more may pass now. */
export type Throttle = (nowMs: number) => boolean;

/** A token bucket (API Gateway developer guide, "Throttle requests to your REST APIs"). */
export function createThrottle({ perSecond, burst }: Limits): Throttle {
  let tokens = burst;
  let filledMs = 0;
  return (nowMs) => {
    tokens = Math.min(burst, tokens + (Math.max(0, nowMs - filledMs) / 1000) * perSecond);
    filledMs = Math.max(filledMs, nowMs);
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
