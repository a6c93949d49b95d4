import { type Refusal, refuse } from '../../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import type { SecretKey } from '../../../shared/signals/signing-secrets.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import type { SubscribeDependencies, SubscribeRequest } from '../context.ts';
import { parametersAnswer } from './answering.ts';

/** `GET Subscription/{id}/$secret`: the keys by which what is posted is signed. */
export async function tellSecret(
  { secrets }: SubscribeDependencies,
  { at }: SubscribeRequest,
  { id, channel }: Subscription,
): Promise<HttpAnswer | Refusal> {
  return channel.type === 'rest-hook' ? keysAnswer(await secrets.ensure(id, at), at) : refuse('no-secret');
}

/** `POST Subscription/{id}/$rotate-secret`: a new key, beside which those before go on signing for a day. */
export async function rotateSecret(
  { secrets }: SubscribeDependencies,
  { at }: SubscribeRequest,
  { id, channel }: Subscription,
): Promise<HttpAnswer | Refusal> {
  return channel.type === 'rest-hook' ? keysAnswer(await secrets.rotate(id, at), at) : refuse('no-secret');
}

function keysAnswer(keys: readonly SecretKey[], at: string): HttpAnswer {
  const answer = parametersAnswer(
    keys
      .filter(({ until }) => until === undefined || until > at)
      .map(({ secret, createdAt, until }) => ({
        name: 'key',
        part: [
          { name: 'secret', valueString: secret },
          { name: 'from', valueInstant: createdAt },
          ...(until === undefined ? [] : [{ name: 'until', valueInstant: until }]),
        ],
      })),
  );
  // Not even the caller's own cache may keep it.
  return { ...answer, headers: { 'cache-control': 'no-store' } };
}
