import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Kept, LoginStore } from './store.ts';

interface Parts {
  readonly store: LoginStore;
  /** For how many seconds a client's refresh token that was used still serves. */
  readonly graceSecondsOf: (clientId: string | undefined) => number;
  readonly now?: () => number;
}

/** Keeps oidc-provider's models in the login store. */
export function createAdapter({ store, graceSecondsOf, now = () => Date.now() }: Parts): (model: string) => Adapter {
  const read = (model: string, kept: Kept | undefined): AdapterPayload | undefined => {
    if (kept === undefined) return undefined;
    const { content, consumed } = kept as { content: AdapterPayload; consumed?: number };
    if (consumed === undefined) return content;
    // Cognito, RefreshTokenRotation: whoever lost the answer on the way may ask once more within the grace period.
    const grace = model === 'RefreshToken' ? graceSecondsOf(content.clientId) : 0;
    return grace > 0 && now() < (consumed + grace) * 1000 ? content : { ...content, consumed };
  };
  return (model) => ({
    upsert: async (id, payload, seconds) => store.put(model, id, payload, { seconds, uid: payload.uid, grant: payload.grantId }),
    find: async (id) => read(model, store.get(model, id)),
    findByUid: async (uid) => read(model, store.findByUid(model, uid)),
    findByUserCode: async () => undefined,
    consume: async (id) => store.consume(model, id),
    destroy: async (id) => store.remove(model, id),
    revokeByGrantId: async (grant) => store.removeOfGrant(model, grant),
  });
}
