import { describe, expect, it } from 'vitest';
import { keysAt, signatureHeaders } from '../../../shared/signals/signing.ts';

const key = (secret: string, until?: string) => ({
  secret,
  createdAt: '2021-01-01T00:00:00Z',
  ...(until === undefined ? {} : { until }),
});

describe('signing', () => {
  it('signs as the libraries of Standard Webhooks do', () => {
    // libraries/python/tests/test_webhooks.py, test_sign_function.
    const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
    const headers = signatureHeaders(signed, [key('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')], 1_614_265_330_000);
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('signs with both keys while one replaces the other, and then with the new one alone', () => {
    const keys = { keys: [key('whsec_bmV3'), key('whsec_b2xk', '2026-03-02T09:00:00Z')] };
    const signed = { id: 'a', body: '{}' };
    const signaturesAt = (at: string) =>
      signatureHeaders(signed, keysAt(keys, Date.parse(at)), 0)['webhook-signature']!.split(' ').length;
    expect(signaturesAt('2026-03-02T08:59:59Z')).toBe(2);
    expect(signaturesAt('2026-03-02T09:00:00Z')).toBe(1);
  });
});
