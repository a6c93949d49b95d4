import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { randomNonce, randomPKCECodeVerifier } from 'openid-client';
import { SIGN_IN_SECONDS } from '../oauth/provider.ts';
import type { LoginStore } from '../oauth/store.ts';
import type { Binding } from './relying-party.ts';

/** Somebody who was sent to a provider, and has not come back yet. */
export interface Attempt extends Binding {
  /** The authorization request that waits for it. */
  readonly interaction: string;
  readonly provider: string;
}

export interface Attempts {
  /** @returns the attempt, and what the browser has to bring back in a cookie */
  begin(interaction: string, provider: string): { readonly attempt: Attempt; readonly cookie: string };
  /**
   * Ends an attempt: a state is good for one answer, from the browser that was sent.
   *
   * @returns `undefined` for a state that nobody was given, that was used, that is too old, or that belongs to another browser
   */
  end(state: string, cookie: string): Attempt | undefined;
}

const KIND = 'Attempt';

/** Neither state nor cookie is kept as it is: who reads the file cannot use them. */
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

export function createAttempts(store: LoginStore): Attempts {
  return {
    begin(interaction, provider) {
      const [state, cookie] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
      const attempt = { interaction, provider, state, nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const { state: _state, ...kept } = attempt;
      store.put(KIND, hash(state), { ...kept, browser: hash(cookie) }, { seconds: SIGN_IN_SECONDS });
      return { attempt, cookie };
    },
    end(state, cookie) {
      const kept = store.take(KIND, hash(state))?.content as (Omit<Attempt, 'state'> & { readonly browser: string }) | undefined;
      if (kept === undefined) return undefined;
      const { browser, ...attempt } = kept;
      return timingSafeEqual(Buffer.from(browser), Buffer.from(hash(cookie))) ? { ...attempt, state } : undefined;
    },
  };
}
