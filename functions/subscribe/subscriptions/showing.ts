import { stateHeaders } from '../../../shared/fhir/answers/conditional.ts';
import type { HttpAnswer } from '../../../shared/lambda/http.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import { extensionsTold } from './extensions.ts';

export const stateOf = ({ version, updatedAt }: { readonly version: number; readonly updatedAt: string }) => ({
  versionId: String(version),
  lastUpdated: updatedAt,
});

/** The FHIR R4 Subscription of a subscription: JSON text. */
export const subscriptionText = (subscription: Subscription): string => {
  const { id, status, end, reason, criteria, error, channel } = subscription;
  return JSON.stringify({
    resourceType: 'Subscription',
    id,
    meta: stateOf(subscription),
    status,
    end,
    reason,
    criteria,
    error,
    channel: { ...extensionsTold(subscription), ...channel },
  });
};

export const subscriptionAnswer = (
  status: number,
  subscription: Subscription,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer => ({
  status,
  headers: { ...stateHeaders(stateOf(subscription)), ...headers },
  body: subscriptionText(subscription),
});
