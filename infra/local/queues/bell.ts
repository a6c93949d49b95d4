/** Wakes whoever waits for a queue. */
export interface Bell {
  ring(queue: string): void;
  /** Resolves when the queue's bell rings, after `timeoutMs`, or when the signal aborts. */
  wait(queue: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Wakes everybody, and lets nobody wait any more. */
  close(): void;
}

export function createBell(): Bell {
  const waiting = new Map<string, Set<() => void>>();
  let closed = false;
  return {
    ring: (queue) => {
      for (const wake of waiting.get(queue) ?? []) wake();
    },
    wait: (queue, timeoutMs, signal) =>
      new Promise((resolve) => {
        if (closed || signal.aborted || timeoutMs <= 0) return resolve();
        const waiters = waiting.get(queue) ?? new Set();
        waiting.set(queue, waiters);
        const wake = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          waiters.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, timeoutMs);
        waiters.add(wake);
        signal.addEventListener('abort', wake);
      }),
    close: () => {
      closed = true;
      for (const waiters of waiting.values()) for (const wake of waiters) wake();
    },
  };
}
