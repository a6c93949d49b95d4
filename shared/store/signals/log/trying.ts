import { setTimeout as sleep } from 'node:timers/promises';

/** Writers of one subscription are few: whoever loses so often is not racing. */
const MAX_ATTEMPTS = 12;
/** About as long as a transaction takes. */
const BACK_OFF_MS = 15;

/** Does something again, after a while, as long as it fails because of somebody else who does the same. */
export async function trying<T>(work: () => Promise<T>, isRace: (error: unknown) => boolean): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isRace(error)) throw error;
      await sleep(Math.random() * BACK_OFF_MS * attempt);
    }
  }
}
