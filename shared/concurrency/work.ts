import type { Steps } from './steps.ts';
import { nextTurn } from './turns.ts';

/** What one computation may cost. */
export interface Budget {
  /** Fragments visited, as its steps count them. */
  readonly visits: number;
  /** Milliseconds of CPU of this thread. */
  readonly cpuMs: number;
}

/** The computations of one request, in slices short enough for others to run in between. */
export interface Work {
  /** Fragments visited so far. */
  readonly visits: number;
  /** How often other requests had a turn. */
  readonly pauses: number;
  /** Most visits between two pauses: what others waited for, as far as it is counted. */
  readonly longestSlice: number;
  /** Runs a computation to its end. */
  run<T>(steps: Steps<T>): Promise<T>;
  /** Runs a computation unless it would cost more than the budget. */
  runWithin<T>(budget: Budget, steps: Steps<T>): Promise<T | 'over-budget'>;
}

/** A slice ends after so much work or time. The system promises 50 ms: a step that was begun is still finished. */
const SLICE = { visits: 2_000, ms: 15 } as const;

/** @param caller whose turns it takes, such as an organisation */
export function createWork(caller = ''): Work {
  let visits = 0;
  let pauses = 0;
  let longestSlice = 0;
  let slice = { visits: 0, startedMs: performance.now() };

  const isOver = () => slice.visits >= SLICE.visits || performance.now() - slice.startedMs >= SLICE.ms;

  const pause = async () => {
    longestSlice = Math.max(longestSlice, slice.visits);
    pauses++;
    await nextTurn(caller);
    slice = { visits: 0, startedMs: performance.now() };
  };

  const run = async <T>(steps: Steps<T>, budget: Budget): Promise<T | 'over-budget'> => {
    const spent = { visits: 0, cpuMs: 0 };
    let cpuAtResume = cpuMs();
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value;
      visits += step.value;
      slice.visits += step.value;
      spent.visits += step.value;
      if (spent.visits > budget.visits) return abandon(steps);
      if (!isOver()) continue;
      spent.cpuMs += cpuMs() - cpuAtResume;
      if (spent.cpuMs > budget.cpuMs) return abandon(steps);
      await pause();
      cpuAtResume = cpuMs();
    }
  };

  return {
    get visits() {
      return visits;
    },
    get pauses() {
      return pauses;
    },
    get longestSlice() {
      return Math.max(longestSlice, slice.visits);
    },
    run: (steps) => run(steps, UNLIMITED) as Promise<never>,
    runWithin: (budget, steps) => run(steps, budget),
  };
}

const UNLIMITED: Budget = { visits: Number.POSITIVE_INFINITY, cpuMs: Number.POSITIVE_INFINITY };

function abandon<T>(steps: Steps<T>): 'over-budget' {
  steps.return(undefined as T);
  return 'over-budget';
}

/** CPU time of this thread, so that other threads of a busy machine do not count against a request. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
