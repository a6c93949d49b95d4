/**
 * Turns of the event loop for long computations: one computation at a time, one slice a turn. Between two slices the
 * loop handles every socket, timer and message that is ready, so a short request waits for one slice at most,
 * however many long ones are under way. Callers take turns, so many long requests of one caller delay another
 * caller's long request by no more than one of them would.
 */

type Resume = () => void;

/** Those that wait, by caller. A Map keeps the order of insertion: the first caller is served and moves to the end. */
const waiting = new Map<string, Resume[]>();
let isScheduled = false;

/** Waits for the next turn of a caller. */
export function nextTurn(caller: string): Promise<void> {
  return new Promise((resume) => {
    const queue = waiting.get(caller);
    if (queue === undefined) waiting.set(caller, [resume]);
    else queue.push(resume);
    schedule();
  });
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(serveOne);
}

function serveOne(): void {
  isScheduled = false;
  const [first] = waiting;
  if (first === undefined) return;
  const [caller, queue] = first;
  waiting.delete(caller);
  const resume = queue.shift();
  if (queue.length > 0) waiting.set(caller, queue);
  resume?.();
  // The slice itself runs in a microtask, after this function and before the loop goes on.
  if (waiting.size > 0) schedule();
}
