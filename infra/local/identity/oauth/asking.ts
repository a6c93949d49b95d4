import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { AppClient, PoolSettings } from '../pool/settings.ts';
import type { Users } from './users.ts';

const { base, Check } = interactionPolicy;

/** How long the pool remembers a browser (Cognito developer guide, "Managed login sessions": one hour). */
export const SESSION_SECONDS = 3600;

/** Whether somebody must sign in with a provider before this request can be answered. */
export function asksToSignIn({ oidc }: KoaContextWithOIDC, pool: PoolSettings, users: Users): boolean {
  const { session, result, prompts, params } = oidc;
  const user = session?.accountId === undefined ? undefined : users.bySub(session.accountId);
  if (user === undefined) return true;
  if (result?.login !== undefined) return false;
  const client = pool.clients.find(({ clientId }) => clientId === oidc.client?.clientId) as AppClient;
  // As Cognito: who names a provider is sent there, whoever the browser is remembered for.
  const named = params?.identity_provider !== undefined || params?.idp_identifier !== undefined;
  // From signing in, not from the last use: nobody stays signed in by coming back often.
  const tooOld = session!.past(Math.min(Number(params?.max_age ?? SESSION_SECONDS), SESSION_SECONDS));
  return named || tooOld || prompts.has('login') || !client.providers.includes(user.provider);
}

/** People agree to nothing here: apps belong to the deployment, and a look is for their care. */
export const SIGN_IN_POLICY = (pool: PoolSettings, users: Users) => {
  const policy = base();
  policy.remove('consent');
  const description = 'Somebody must sign in';
  const check = new Check('sign_in', description, 'login_required', (ctx) => asksToSignIn(ctx, pool, users));
  policy.get('login')!.checks.add(check);
  return policy;
};
