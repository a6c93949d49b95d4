import { describe, expect, it } from 'vitest';
import { rememberTokens } from '../../../infra/local/gateway/token-memory.ts';

/** A verifier that counts, and believes whatever does not say that it is forged. */
function counting(exp: number) {
  let checks = 0;
  const verify = async (token: string) => {
    checks++;
    if (token.startsWith('forged')) throw new Error('not to be believed');
    return { token, exp };
  };
  return { verify, checks: () => checks };
}

describe('the memory of tokens', () => {
  it('checks a token once while it is young', async () => {
    const { verify, checks } = counting(3_600);
    const remembered = rememberTokens(verify, () => 0);
    expect(await remembered('a')).toEqual(await remembered('a'));
    expect(checks()).toBe(1);
  });

  it('checks again after five minutes, and from the second at which it expires', async () => {
    let now = 0;
    const { verify, checks } = counting(200);
    const remembered = rememberTokens(verify, () => now);
    await remembered('a');
    now = 199_999;
    await remembered('a');
    expect(checks()).toBe(1);
    now = 200_000;
    await remembered('a');
    expect(checks()).toBe(2);
    const long = counting(3_600);
    const another = rememberTokens(long.verify, () => now);
    await another('a');
    now += 300_000;
    await another('a');
    expect(long.checks()).toBe(2);
  });

  it('remembers nothing of a token that was refused, nor for another token', async () => {
    const { verify, checks } = counting(3_600);
    const remembered = rememberTokens(verify, () => 0);
    await remembered('a');
    await expect(remembered('forged a')).rejects.toThrow();
    await expect(remembered('forged a')).rejects.toThrow();
    expect(checks()).toBe(3);
  });
});
