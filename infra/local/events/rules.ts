import { authorise, type Demand } from '../iam/authorise.ts';
import type { Policies } from '../iam/policies.ts';
import { servicePrincipal } from '../iam/principal.ts';
import { isAllowed } from '../iam/statements.ts';
import type { Queues } from '../queues/queues.ts';
import type { QueueSettings } from '../queues/settings.ts';
import { type Place, type ResolvedResource, refuseUnknownProperties, resourcesOf, UnsupportedTemplate } from '../resource.ts';
import { busName } from './entries.ts';
import { compilePath } from './path.ts';
import { compileFieldPattern, type Pattern } from './pattern/pattern.ts';
import { readSchedule, type Schedule } from './schedule/expression.ts';

/** Where a rule sends what it matches. */
export interface Target {
  /** Names it across restarts: rule and target id. */
  readonly key: string;
  readonly ruleArn: string;
  readonly arn: string;
  readonly to:
    | { readonly kind: 'queue'; readonly queue: QueueSettings; readonly groupId?: string }
    | { readonly kind: 'function' }
    | { readonly kind: 'bus'; readonly bus: string };
  /** What the target receives of an event. */
  input(event: { readonly text: string; readonly event: unknown }): string;
  readonly deadLetters?: QueueSettings;
  readonly retry: { readonly attempts: number; readonly ageMs: number };
}

export interface Rule {
  readonly arn: string;
  readonly bus: string;
  readonly matches: Pattern;
  /** When it is due by itself. */
  readonly schedule?: Schedule;
  readonly targets: readonly Target[];
}

/** Buses and rules of a template. */
export interface Routes {
  /** ARN of each bus, by its name. The default bus is always there. */
  readonly buses: ReadonlyMap<string, string>;
  readonly rules: readonly Rule[];
}

interface Parts {
  readonly resources: Iterable<ResolvedResource>;
  readonly queues: Queues;
  readonly policies: Policies;
  readonly place: Place;
}

const BUS_PROPERTIES = ['Name', 'Description', 'DeadLetterConfig', 'KmsKeyIdentifier', 'Policy', 'Tags'];
const RULE_PROPERTIES = ['Name', 'Description', 'EventBusName', 'EventPattern', 'ScheduleExpression', 'State', 'Tags', 'Targets'];
const TARGET_PROPERTIES = ['Id', 'Arn', 'Input', 'InputPath', 'SqsParameters', 'RetryPolicy', 'DeadLetterConfig', 'RoleArn'];
/** EventBridge quotas, "Event pattern size". */
const MOST_PATTERN_CHARACTERS = 2048;
/** EventBridge user guide, "How EventBridge retries delivering events". */
const DEFAULT_RETRY = { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 };
const SERVICE = 'events.amazonaws.com';

/**
 * Reads buses and rules, and checks that EventBridge may deliver to each target.
 *
 * @throws UnsupportedTemplate on what is not known here, on a pattern that EventBridge refuses, and on a target that it may not send to
 */
export function routesOf({ resources, queues, policies, place }: Parts): Routes {
  const all = [...resources];
  const buses = new Map([['default', `arn:aws:events:${place.region}:${place.account}:event-bus/default`]]);
  for (const bus of resourcesOf(all, 'AWS::Events::EventBus')) {
    refuseUnknownProperties(bus, BUS_PROPERTIES);
    buses.set(bus.ref, bus.attributes.Arn ?? bus.ref);
  }
  const rules = resourcesOf(all, 'AWS::Events::Rule').flatMap((rule) => readRule(rule, buses, { queues, policies, place }));
  return { buses, rules };
}

type Surroundings = Omit<Parts, 'resources'>;

function readRule(resource: ResolvedResource, buses: Routes['buses'], surroundings: Surroundings): Rule[] {
  refuseUnknownProperties(resource, RULE_PROPERTIES);
  const { logicalId, properties, attributes, ref } = resource;
  const { EventPattern, ScheduleExpression, EventBusName = 'default', State = 'ENABLED', Targets = [] } = properties;
  const bus = busName(String(EventBusName));
  if (!buses.has(bus)) throw new UnsupportedTemplate(`${logicalId}.EventBusName`, `the template has no bus ${bus}`);
  const schedule = ScheduleExpression === undefined ? undefined : readRuleSchedule(String(ScheduleExpression), bus, logicalId);
  // A rule with a schedule alone hears of nothing else.
  const isOnlyScheduled = schedule !== undefined && EventPattern === undefined;
  const matches = isOnlyScheduled ? () => false : readPattern(EventPattern, `${logicalId}.EventPattern`);
  const arn = attributes.Arn ?? ref;
  const targets = (Targets as Record<string, unknown>[]).map((target, index) =>
    readTarget(target, arn, `${logicalId}.Targets[${index}]`, buses, surroundings),
  );
  return State === 'DISABLED' ? [] : [{ arn, bus, matches, targets, ...(schedule === undefined ? {} : { schedule }) }];
}

function readRuleSchedule(text: string, bus: string, logicalId: string): Schedule {
  const at = `${logicalId}.ScheduleExpression`;
  if (bus !== 'default') throw new UnsupportedTemplate(at, 'EventBridge takes schedules on the default bus only');
  const schedule = readSchedule(text);
  if (schedule === undefined) throw new UnsupportedTemplate(at, `EventBridge does not take ${text}`);
  return schedule;
}

/** Reads a pattern of the template. @throws UnsupportedTemplate */
export function readPattern(pattern: unknown, at: string): Pattern {
  if (pattern === undefined) throw new UnsupportedTemplate(at, 'a rule needs a pattern or a schedule');
  const text = typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
  if (text.length > MOST_PATTERN_CHARACTERS)
    throw new UnsupportedTemplate(at, `a pattern has at most ${MOST_PATTERN_CHARACTERS} characters`);
  try {
    return compileFieldPattern(text);
  } catch (error) {
    throw new UnsupportedTemplate(at, (error as Error).message);
  }
}

function readTarget(
  raw: Readonly<Record<string, unknown>>,
  ruleArn: string,
  at: string,
  buses: Routes['buses'],
  surroundings: Surroundings,
): Target {
  const unknown = Object.keys(raw).find((name) => !TARGET_PROPERTIES.includes(name));
  if (unknown !== undefined) throw new UnsupportedTemplate(`${at}.${unknown}`, 'unknown property of a target');
  const arn = String(raw.Arn);
  const to = readDestination(raw, ruleArn, at, buses, surroundings);
  const deadLetterArn = (raw.DeadLetterConfig as { Arn?: string } | undefined)?.Arn;
  const deadLetters =
    deadLetterArn === undefined ? undefined : readQueue(deadLetterArn, ruleArn, `${at}.DeadLetterConfig`, surroundings);
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = {
    ...DEFAULT_RETRY,
    ...(raw.RetryPolicy as Partial<typeof DEFAULT_RETRY> | undefined),
  };
  return {
    key: `${ruleArn}#${String(raw.Id)}`,
    ruleArn,
    arn,
    to,
    input: readInput(raw, at),
    retry: { attempts: Number(MaximumRetryAttempts), ageMs: Number(MaximumEventAgeInSeconds) * 1000 },
    ...(deadLetters === undefined ? {} : { deadLetters }),
  };
}

function readDestination(
  raw: Readonly<Record<string, unknown>>,
  ruleArn: string,
  at: string,
  buses: Routes['buses'],
  surroundings: Surroundings,
): Target['to'] {
  const arn = String(raw.Arn);
  const service = arn.split(':')[2];
  if (service === 'sqs') {
    const queue = readQueue(arn, ruleArn, at, surroundings);
    const groupId = (raw.SqsParameters as { MessageGroupId?: string } | undefined)?.MessageGroupId;
    if (queue.fifo !== undefined && (groupId === undefined || !queue.fifo.contentBasedDeduplication)) {
      throw new UnsupportedTemplate(at, 'a FIFO target needs a MessageGroupId, and a queue with content-based deduplication');
    }
    return { kind: 'queue', queue, ...(groupId === undefined ? {} : { groupId }) };
  }
  if (service === 'lambda') {
    demand([{ action: 'lambda:InvokeFunction', resource: arn }], ruleArn, at, surroundings);
    return { kind: 'function' };
  }
  if (service === 'events' && buses.has(busName(arn))) {
    const role = raw.RoleArn === undefined ? [] : surroundings.policies.ofRole(String(raw.RoleArn));
    if (!isAllowed(role, 'events:PutEvents', arn))
      throw new UnsupportedTemplate(`${at}.RoleArn`, 'the role may not put events on the bus');
    return { kind: 'bus', bus: busName(arn) };
  }
  throw new UnsupportedTemplate(`${at}.Arn`, `events cannot be delivered to ${arn} here`);
}

function readQueue(arn: string, ruleArn: string, at: string, surroundings: Surroundings): QueueSettings {
  const queue = surroundings.queues.settings.find((one) => one.arn === arn);
  if (queue === undefined) throw new UnsupportedTemplate(at, `the template has no queue ${arn}`);
  demand(surroundings.queues.sendDemands(queue), ruleArn, at, surroundings);
  return queue;
}

/** What EventBridge may not do at a target would only show once an event is lost: it stops the start instead. */
function demand(demands: readonly Demand[], ruleArn: string, at: string, { policies, place }: Surroundings): void {
  for (const { action, resource, context } of demands) {
    const facts = { ...context, 'aws:SourceArn': ruleArn, 'aws:SourceAccount': place.account };
    const decision = authorise(servicePrincipal(SERVICE, place), { action, resource, context: facts }, policies);
    if (decision !== 'allowed')
      throw new UnsupportedTemplate(
        at,
        `${SERVICE} may not ${action} on ${resource}: its resource policy does not allow the rule`,
      );
  }
}

function readInput({ Input, InputPath }: Readonly<Record<string, unknown>>, at: string): Target['input'] {
  if (Input !== undefined) return () => String(Input);
  if (InputPath === undefined) return ({ text }) => text;
  const select = compilePath(String(InputPath));
  if (select === undefined) throw new UnsupportedTemplate(`${at}.InputPath`, 'cannot be read');
  return ({ event }) => JSON.stringify(select(event) ?? null);
}
