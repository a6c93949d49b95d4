/** Milliseconds since the epoch, with fractions: the same clock in every process of the machine. */
export const clockMs = (): number => performance.timeOrigin + performance.now();
