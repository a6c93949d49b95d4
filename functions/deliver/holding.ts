import { LEASE_MS } from '../../shared/store/signals/log/leasing.ts';
import { RENEW_MS, type World } from './world.ts';

/** A lease that is held on to. */
export interface Holding {
  /** Whether nobody else can have it. */
  isHeld(): boolean;
  letGo(): void;
}

/**
 * Renews a lease while calls to a slow receiver take their time. So leases can be short, and whoever dies is soon followed.
 * A renewal that fails is no loss: the next one comes long before the lease has ended.
 */
export function holdOn({ signals, log }: Pick<World, 'signals' | 'log'>, id: string, owner: string, everyMs = RENEW_MS): Holding {
  let isHeld = true;
  const renew = async () => {
    try {
      isHeld = await signals.renew(id, owner, LEASE_MS);
    } catch (error) {
      log.warn('a lease could not be renewed', { error });
    }
  };
  const timer = setInterval(() => void renew(), everyMs);
  return { isHeld: () => isHeld, letGo: () => clearInterval(timer) };
}
