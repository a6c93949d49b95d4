import { failed } from '../../endpoints/outcomes.ts';
import { createPoster, type PosterOptions } from '../../endpoints/posting.ts';
import { signatureHeaders } from '../../signing.ts';
import type { Subscription } from '../../subscription.ts';
import type { KeysOf } from '../keys.ts';
import type { Carrier } from './carrier.ts';

/** Signed posts to an HTTPS address: each attempt is signed when it is made. */
export function hookCarrier({ id, channel }: Subscription, keysOf: KeysOf, options: PosterOptions): Carrier {
  const poster = createPoster(channel.endpoint, options);
  return {
    most: 1,
    send: async (payloads) => {
      const keys = await keysOf(id);
      if (keys.length === 0) return payloads.map(() => failed('no-key'));
      const posts = payloads.map(({ id: eventId, body, contentType, number }) =>
        poster.post({
          body,
          headers: {
            'content-type': contentType,
            'user-agent': 'chesil',
            'chesil-subscription': id,
            'chesil-event-number': String(number),
            ...signatureHeaders({ id: eventId, body }, keys, options.now()),
          },
        }),
      );
      return Promise.all(posts);
    },
  };
}
