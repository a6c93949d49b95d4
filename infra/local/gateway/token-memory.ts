/** Claims of a token that was checked; `exp`, in seconds, says until when it stands (RFC 7519, section 4.1.4). */
type Checked = Readonly<Record<string, unknown>>;

/** As long as API Gateway keeps what an authoriser said, unless the template says otherwise (`AuthorizerResultTtlInSeconds`). */
const KEPT_MS = 300_000;
const MOST_TOKENS = 1_000;

/**
 * Remembers tokens that were believed, as API Gateway does, so that a partner's token is not checked anew at each request. Nothing is
 * remembered past its expiry, nor of a token that was refused.
 */
export function rememberTokens<Claims extends Checked>(
  verify: (token: string) => Promise<Claims>,
  now: () => number = Date.now,
): (token: string) => Promise<Claims> {
  const believed = new Map<string, { readonly claims: Claims; readonly until: number }>();
  return async (token) => {
    const known = believed.get(token);
    if (known !== undefined && now() < known.until) return known.claims;
    believed.delete(token);
    const claims = await verify(token);
    const expiry = typeof claims.exp === 'number' ? claims.exp * 1_000 : 0;
    if (believed.size >= MOST_TOKENS) believed.clear();
    believed.set(token, { claims, until: Math.min(now() + KEPT_MS, expiry) });
    return claims;
  };
}
