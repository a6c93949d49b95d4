import { type Issue, isRefusal, type Refusal, refuseAll } from '../../../shared/fhir/outcomes.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { type EndpointProblem, problemOfEndpoint } from '../../../shared/signals/channels.ts';
import { compileCriteria } from '../../../shared/signals/criteria/compile.ts';
import { hasProblems } from '../../../shared/signals/criteria/criteria.ts';
import { issuesOfCriteria } from '../../../shared/signals/criteria/telling.ts';
import type { Channel, PayloadType, Subscription, SubscriptionStatus } from '../../../shared/signals/subscription.ts';
import { isObject, issuesOfModifiers, issuesOfText, type Resource, readResource } from '../body.ts';
import type { SubscribeDependencies, SubscribeRequest } from '../context.ts';
import { HEARTBEAT, issuesOfExtensions, numberIn, RATE } from './extensions.ts';

/** What is asked for, checked. */
export type Asked = Pick<
  Subscription,
  'reason' | 'criteria' | 'panel' | 'channel' | 'end' | 'heartbeatSeconds' | 'ratePerSecond'
> & { readonly status: SubscriptionStatus };

/**
 * Reads a Subscription that somebody sent, as they would send it to the Multicast Notification Service.
 * @param before the subscription that is to be changed
 * @returns what is asked for, or everything that is wrong with it
 */
export function readSubscription(
  dependencies: SubscribeDependencies,
  request: SubscribeRequest,
  before?: Subscription,
): Asked | Refusal {
  const resource = readResource(request, 'Subscription', before?.id);
  if (isRefusal(resource)) return resource;
  // The Multicast Notification Service wants a reason and takes an empty one, which FHIR has not.
  const problems = validate(resource.reason === '' ? { ...resource, reason: '-' } : resource);
  const invalid = refuseAll([...problems, ...issuesOfAbsentValues(resource)]);
  if (invalid !== undefined) return invalid;
  const organisation = before?.organisation ?? request.caller.organisation;
  const channel = resource.channel as Resource;
  const text = resource.criteria as string;
  const compiled = compileCriteria(text, { organisation, directory: dependencies.directory });
  const wrong = refuseAll([
    ...issuesOfModifiers(resource, 'Subscription'),
    ...issuesOfModifiers(channel, 'Subscription.channel'),
    ...issuesOfText(resource.reason, 'Subscription.reason'),
    ...issuesOfStatus(resource.status as SubscriptionStatus, before),
    ...(hasProblems(compiled) ? issuesOfCriteria(text, compiled.problems) : []),
    ...issuesOfChannel(dependencies, organisation, channel),
    ...issuesOfExtensions(channel),
    ...issuesOfEnd(resource.end, request.at),
  ]);
  if (wrong !== undefined) return wrong;
  const heartbeatSeconds = numberIn(channel, HEARTBEAT);
  const ratePerSecond = numberIn(channel, RATE);
  return {
    status: resource.status as SubscriptionStatus,
    reason: resource.reason as string,
    criteria: text,
    ...('panel' in compiled ? { panel: compiled.panel as string } : {}),
    channel: channelOf(channel),
    ...(resource.end === undefined ? {} : { end: new Date(resource.end as string).toISOString() }),
    ...(heartbeatSeconds === undefined ? {} : { heartbeatSeconds }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
  };
}

/** R4 lets extensions stand in place of a value (`_criteria`). These values are worked with, so they have to be there. */
const issuesOfAbsentValues = (resource: Resource): readonly Issue[] =>
  ['criteria', 'status'].flatMap((name) =>
    resource[name] === undefined && resource[`_${name}`] !== undefined
      ? [{ code: 'required-element' as const, expression: `Subscription.${name}`, diagnostics: 'Extensions alone do not do.' }]
      : [],
  );

/** Whoever changes a subscription sends the status that they have read, or says what they want. */
const issuesOfStatus = (status: SubscriptionStatus, before: Subscription | undefined): readonly Issue[] =>
  status === 'requested' || status === before?.status || (status === 'off' && before !== undefined)
    ? []
    : [{ code: 'bad-subscription-status', expression: 'Subscription.status' }];

function issuesOfEnd(end: unknown, at: string): readonly Issue[] {
  return end === undefined || Date.parse(end as string) > Date.parse(at)
    ? []
    : [{ code: 'bad-end', expression: 'Subscription.end' }];
}

const TYPES: ReadonlySet<unknown> = new Set<Channel['type']>(['message', 'rest-hook']);
const PAYLOADS: ReadonlySet<unknown> = new Set<PayloadType>(['application/json', 'application/fhir+json']);

const channelOf = ({ type, endpoint, payload }: Resource): Channel => ({ type, endpoint, payload }) as unknown as Channel;

function issuesOfChannel({ channels, place }: SubscribeDependencies, organisation: string, channel: Resource): readonly Issue[] {
  const at = (name: string) => ({ expression: `Subscription.channel.${name}` });
  const issues: Issue[] = [];
  const { type, endpoint, payload, header } = isObject(channel) ? channel : {};
  if (!TYPES.has(type)) issues.push({ code: 'bad-channel', ...at('type') });
  if (payload === undefined) issues.push({ code: 'required-element', ...at('payload') });
  else if (!PAYLOADS.has(payload)) issues.push({ code: 'bad-channel', ...at('payload') });
  if (header !== undefined) issues.push({ code: 'no-headers', ...at('header') });
  if (endpoint === undefined) return [...issues, { code: 'required-element', ...at('endpoint') }];
  if (!TYPES.has(type)) return issues;
  const problem = problemOfEndpoint(channels, organisation, channelOf(channel), place);
  if (problem === 'not-agreed') issues.push({ code: 'endpoint-not-agreed', ...at('endpoint') });
  else if (problem !== undefined) issues.push({ code: 'bad-endpoint', ...at('endpoint'), diagnostics: ENDPOINTS[problem] });
  return issues;
}

const ENDPOINTS: Readonly<Record<Exclude<EndpointProblem, 'not-agreed'>, string>> = {
  'not-an-arn': 'A channel of type message needs the ARN of an SQS queue or of an event bus.',
  'fifo-queue': 'Signals go to standard queues: each has its number, by which to put them in order.',
  'not-an-address': 'A channel of type rest-hook needs an absolute https address, of at most 2,000 visible characters.',
  'user-in-address': 'The address may hold no user name or password: signals are signed instead.',
  'fragment-in-address': 'The address may have no part after #: it would not be sent.',
  'plain-http': 'Signals are sent encrypted: the address must begin with https.',
};
