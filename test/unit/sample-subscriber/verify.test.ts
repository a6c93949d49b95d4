import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verify } from '../../../infra/demo/sample-subscriber/verify.ts';

/** The example of the Standard Webhooks project's own libraries. */
const EXAMPLE = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const NOW = EXAMPLE.timestamp * 1_000;

const headersOf = ({ id, timestamp, signature }: { id: string; timestamp: number; signature: string }) => ({
  'webhook-id': id,
  'webhook-timestamp': String(timestamp),
  'webhook-signature': signature,
});

const received = (changed: Partial<typeof EXAMPLE> = {}) => {
  const sent = { ...EXAMPLE, ...changed };
  return { headers: headersOf(sent), body: Buffer.from(sent.body) };
};

/** A signer that knows nothing of the verifier. */
const sign = (secret: string, { id, timestamp, body }: typeof EXAMPLE): string =>
  `v1,${createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64')}`;

describe('a signature', () => {
  it('as the Standard Webhooks project makes it, is believed, and tells the id', () => {
    expect(verify(received(), [EXAMPLE.secret], NOW)).toEqual({ id: EXAMPLE.id });
  });

  it.each([
    ['another body', { body: '{"test": 2432232315}' }],
    ['another id', { id: 'msg_other' }],
    ['another time', { timestamp: EXAMPLE.timestamp + 1 }],
    ['another signature', { signature: 'v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' }],
    ['a shorter one', { signature: 'v1,g0hM' }],
    ['one of another version', { signature: EXAMPLE.signature.replace('v1', 'v1a') }],
    ['none', { signature: '' }],
  ])('with %s is not believed', (_, changed) => {
    expect(verify(received(changed), [EXAMPLE.secret], NOW)).toEqual({ problem: 'signed with none of our secrets' });
  });

  it('is believed while secrets rotate, by the old one and by the new one', () => {
    const next = `whsec_${randomBytes(32).toString('base64')}`;
    const both = `${sign(next, EXAMPLE)} ${EXAMPLE.signature}`;
    for (const secrets of [[EXAMPLE.secret], [next], [EXAMPLE.secret, next]])
      expect(verify(received({ signature: both }), secrets, NOW)).toEqual({ id: EXAMPLE.id });
    expect(verify(received({ signature: sign(next, EXAMPLE) }), [EXAMPLE.secret, next], NOW)).toEqual({ id: EXAMPLE.id });
    expect(verify(received({ signature: both }), [`whsec_${randomBytes(32).toString('base64')}`], NOW)).toHaveProperty('problem');
  });

  it('counts for five minutes, whichever clock is ahead', () => {
    for (const seconds of [-299, 299]) expect(verify(received(), [EXAMPLE.secret], NOW + seconds * 1_000)).toHaveProperty('id');
    for (const seconds of [-301, 301])
      expect(verify(received(), [EXAMPLE.secret], NOW + seconds * 1_000)).toHaveProperty('problem');
  });

  it('that is not there is told apart', () => {
    const { headers, body } = received();
    for (const name of Object.keys(headers))
      expect(verify({ headers: { ...headers, [name]: undefined }, body }, [EXAMPLE.secret], NOW)).toEqual({
        problem: 'not signed',
      });
    expect(verify({ headers: { ...headers, 'webhook-timestamp': 'soon' }, body }, [EXAMPLE.secret], NOW)).toHaveProperty(
      'problem',
    );
  });
});
