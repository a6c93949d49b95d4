import { authorise, type Demand } from '../../iam/authorise.ts';
import type { Policies } from '../../iam/policies.ts';
import { servicePrincipal } from '../../iam/principal.ts';
import { isAllowed } from '../../iam/statements.ts';
import type { Queues } from '../../queues/queues.ts';
import type { QueueSettings } from '../../queues/settings.ts';
import { type Place, UnsupportedTemplate } from '../../resource.ts';
import { busName } from '../entries.ts';
import { compilePath } from '../path.ts';
import type { Obstacle, Target } from './rule.ts';

/** A target as a template or `PutTargets` writes it. */
export type RawTarget = Readonly<Record<string, unknown>>;

/** What targets stand on. */
export interface Ground {
  readonly queues: Queues;
  readonly policies: Policies;
  readonly place: Place;
  /** ARN of each bus, by its name. */
  readonly buses: ReadonlyMap<string, string>;
}

/** A target, and what will keep events from it or from its dead-letter queue. */
export interface ReadTarget {
  readonly target: Target;
  readonly obstacles: readonly Obstacle[];
}

const TARGET_PROPERTIES = ['Id', 'Arn', 'Input', 'InputPath', 'SqsParameters', 'RetryPolicy', 'DeadLetterConfig', 'RoleArn'];
/** EventBridge user guide, "How EventBridge retries delivering events". */
const DEFAULT_RETRY = { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 };
const SERVICE = 'events.amazonaws.com';

/** @throws UnsupportedTemplate on what EventBridge would not take, or is not known here */
export function readTarget(raw: RawTarget, ruleArn: string, at: string, ground: Ground): ReadTarget {
  const unknown = Object.keys(raw).find((name) => !TARGET_PROPERTIES.includes(name));
  if (unknown !== undefined) throw new UnsupportedTemplate(`${at}.${unknown}`, 'unknown property of a target');
  const to = readDestination(raw, ruleArn, at, ground);
  const deadLetters = readDeadLetters(raw, ruleArn, at, ground);
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = {
    ...DEFAULT_RETRY,
    ...(raw.RetryPolicy as Partial<typeof DEFAULT_RETRY> | undefined),
  };
  const target: Target = {
    key: `${ruleArn}#${String(raw.Id)}`,
    ruleArn,
    arn: String(raw.Arn),
    to,
    input: readInput(raw, at),
    retry: { attempts: Number(MaximumRetryAttempts), ageMs: Number(MaximumEventAgeInSeconds) * 1000 },
    ...('queue' in deadLetters ? { deadLetters: deadLetters.queue } : {}),
  };
  return {
    target,
    obstacles: [...(to.kind === 'nowhere' ? [to.obstacle] : []), ...('obstacle' in deadLetters ? [deadLetters.obstacle] : [])],
  };
}

type Reached = { readonly queue: QueueSettings } | { readonly obstacle: Obstacle };

function readDestination(raw: RawTarget, ruleArn: string, at: string, ground: Ground): Target['to'] {
  const arn = String(raw.Arn);
  const service = arn.split(':')[2];
  if (service === 'sqs') return readQueueTarget(raw, ruleArn, at, ground);
  if (service === 'lambda') {
    const obstacle = obstacleTo([{ action: 'lambda:InvokeFunction', resource: arn }], ruleArn, ground);
    return obstacle === undefined ? { kind: 'function' } : { kind: 'nowhere', obstacle };
  }
  if (service === 'events' && ground.buses.has(busName(arn))) {
    const role = raw.RoleArn === undefined ? [] : ground.policies.ofRole(String(raw.RoleArn));
    if (isAllowed(role, 'events:PutEvents', arn)) return { kind: 'bus', bus: busName(arn) };
    const text = `the role may not put events on ${arn}`;
    return { kind: 'nowhere', obstacle: { code: 'NO_PERMISSIONS', text } };
  }
  throw new UnsupportedTemplate(`${at}.Arn`, `events cannot be delivered to ${arn} here`);
}

function readQueueTarget(raw: RawTarget, ruleArn: string, at: string, ground: Ground): Target['to'] {
  const arn = String(raw.Arn);
  const groupId = (raw.SqsParameters as { MessageGroupId?: string } | undefined)?.MessageGroupId;
  if (arn.endsWith('.fifo') && groupId === undefined)
    throw new UnsupportedTemplate(at, 'a FIFO queue as a target needs SqsParameters.MessageGroupId');
  const reached = reachQueue(arn, ruleArn, ground);
  if ('obstacle' in reached) return { kind: 'nowhere', ...reached };
  if (reached.queue.fifo?.contentBasedDeduplication === false)
    throw new UnsupportedTemplate(at, 'a FIFO queue as a target needs content-based deduplication');
  return { kind: 'queue', ...reached, ...(groupId === undefined ? {} : { groupId }) };
}

function readDeadLetters(raw: RawTarget, ruleArn: string, at: string, ground: Ground): Reached | Record<string, never> {
  const arn = (raw.DeadLetterConfig as { Arn?: string } | undefined)?.Arn;
  if (arn === undefined) return {};
  const reached = reachQueue(arn, ruleArn, ground);
  if ('queue' in reached && reached.queue.fifo !== undefined)
    throw new UnsupportedTemplate(`${at}.DeadLetterConfig`, 'a dead-letter queue of EventBridge is a standard queue');
  return reached;
}

function reachQueue(arn: string, ruleArn: string, ground: Ground): Reached {
  const queue = ground.queues.settings.find((one) => one.arn === arn);
  if (queue === undefined) return { obstacle: { code: 'NO_RESOURCE', text: `there is no queue ${arn}` } };
  const obstacle = obstacleTo(ground.queues.sendDemands(queue), ruleArn, ground);
  return obstacle === undefined ? { queue } : { obstacle };
}

/** What keeps EventBridge from doing something in the name of a rule: policies of the resource, of its key, of the function. */
function obstacleTo(demands: readonly Demand[], ruleArn: string, { policies, place }: Ground): Obstacle | undefined {
  for (const { action, resource, context } of demands) {
    const facts = { ...context, 'aws:SourceArn': ruleArn, 'aws:SourceAccount': place.account };
    if (authorise(servicePrincipal(SERVICE, place), { action, resource, context: facts }, policies) === 'allowed') continue;
    const text = `${SERVICE} may not ${action} on ${resource}: its resource policy does not allow the rule`;
    return { code: 'NO_PERMISSIONS', text };
  }
  return undefined;
}

function readInput({ Input, InputPath }: RawTarget, at: string): Target['input'] {
  if (Input !== undefined) return () => String(Input);
  if (InputPath === undefined) return ({ text }) => text;
  const select = compilePath(String(InputPath));
  if (select === undefined) throw new UnsupportedTemplate(`${at}.InputPath`, 'cannot be read');
  return ({ event }) => JSON.stringify(select(event) ?? null);
}
