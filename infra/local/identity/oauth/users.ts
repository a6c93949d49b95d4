import { createHash } from 'node:crypto';
import type { LoginStore } from './store.ts';

/** Somebody who has signed in with a provider, as the pool keeps them. */
export interface PoolUser {
  /** Of the pool, for ever. */
  readonly sub: string;
  /** `<provider>_<subject there>`. */
  readonly username: string;
  readonly provider: string;
  readonly identities: readonly PoolIdentity[];
  /** What the provider said at the last sign-in, by the pool's attributes. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Cognito's own record of where a user comes from (`identities`). */
export interface PoolIdentity {
  readonly userId: string;
  readonly providerName: string;
  readonly providerType: 'OIDC';
  readonly issuer: null;
  readonly primary: true;
  /** Milliseconds since 1970. */
  readonly dateCreated: number;
}

export interface Users {
  /** Notes what a provider said of somebody who just signed in there. */
  signedIn(provider: string, subject: string, attributes: Readonly<Record<string, string>>, now: number): PoolUser;
  bySub(sub: string): PoolUser | undefined;
}

const KIND = 'User';

export function createUsers(store: LoginStore, poolId: string): Users {
  const bySub = (sub: string) => store.get(KIND, sub)?.content as PoolUser | undefined;
  return {
    bySub,
    signedIn(provider, subject, attributes, now) {
      const username = `${provider}_${subject}`;
      const sub = uuidOf(`${poolId} ${username}`);
      const identity: PoolIdentity = {
        userId: subject,
        providerName: provider,
        providerType: 'OIDC',
        issuer: null,
        primary: true,
        dateCreated: now,
      };
      const user: PoolUser = { sub, username, provider, identities: bySub(sub)?.identities ?? [identity], attributes };
      store.put(KIND, sub, user);
      return user;
    },
  };
}

/** An id of the shape of a UUID that is always the same for the same text (RFC 9562, section 5.8). */
export function uuidOf(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
