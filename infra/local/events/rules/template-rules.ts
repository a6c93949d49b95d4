import { type ResolvedResource, refuseUnknownProperties, resourcesOf, UnsupportedTemplate } from '../../resource.ts';
import { busName } from '../entries.ts';
import { compileFieldPattern, compileIndexedPattern, type IndexedPattern, type Pattern } from '../pattern/pattern.ts';
import { readSchedule, type Schedule } from '../schedule/expression.ts';
import type { Rule } from './rule.ts';
import { type Ground, type RawTarget, readTarget } from './target.ts';

/** Buses and rules of a template. */
export interface Routes {
  /** ARN of each bus, by its name. The default bus is always there. */
  readonly buses: ReadonlyMap<string, string>;
  readonly rules: readonly Rule[];
  /** What describes them, those that are disabled included. */
  readonly described: readonly TemplateRule[];
}

/** A rule as it is described to whoever asks. */
export interface TemplateRule {
  readonly name: string;
  readonly bus: string;
  readonly arn: string;
  readonly state: string;
  readonly pattern?: string;
  readonly schedule?: string;
  readonly description?: string;
  readonly targets: readonly RawTarget[];
}

const BUS_PROPERTIES = ['Name', 'Description', 'DeadLetterConfig', 'KmsKeyIdentifier', 'Policy', 'Tags'];
const RULE_PROPERTIES = ['Name', 'Description', 'EventBusName', 'EventPattern', 'ScheduleExpression', 'State', 'Tags', 'Targets'];
/** EventBridge quotas, "Event pattern size". */
export const MOST_PATTERN_CHARACTERS = 2048;

/**
 * Reads buses and rules, and checks that EventBridge may deliver to each target.
 *
 * @throws UnsupportedTemplate on what is not known here, on a pattern that EventBridge refuses, and on a target that it may not send to
 */
export function routesOf({
  resources,
  ...parts
}: Omit<Ground, 'buses'> & { readonly resources: Iterable<ResolvedResource> }): Routes {
  const all = [...resources];
  const buses = new Map([['default', `arn:aws:events:${parts.place.region}:${parts.place.account}:event-bus/default`]]);
  for (const bus of resourcesOf(all, 'AWS::Events::EventBus')) {
    refuseUnknownProperties(bus, BUS_PROPERTIES);
    buses.set(bus.ref, bus.attributes.Arn ?? bus.ref);
  }
  const rules = resourcesOf(all, 'AWS::Events::Rule');
  return {
    buses,
    rules: rules.flatMap((rule) => readRule(rule, { ...parts, buses })),
    described: rules.map(describe),
  };
}

function describe(resource: ResolvedResource): TemplateRule {
  const { EventPattern, ScheduleExpression, EventBusName = 'default', State = 'ENABLED', Targets = [] } = resource.properties;
  const arn = arnOf(resource);
  return {
    name: arn.slice(arn.lastIndexOf('/') + 1),
    bus: busName(String(EventBusName)),
    arn,
    state: String(State),
    targets: Targets as RawTarget[],
    ...(EventPattern === undefined ? {} : { pattern: textOf(EventPattern) }),
    ...(ScheduleExpression === undefined ? {} : { schedule: String(ScheduleExpression) }),
  };
}

const textOf = (pattern: unknown): string => (typeof pattern === 'string' ? pattern : JSON.stringify(pattern));

const arnOf = ({ attributes, ref }: ResolvedResource): string => attributes.Arn ?? ref;

function readRule(resource: ResolvedResource, ground: Ground): Rule[] {
  refuseUnknownProperties(resource, RULE_PROPERTIES);
  const { logicalId, properties } = resource;
  const { EventPattern, ScheduleExpression, EventBusName = 'default', State = 'ENABLED', Targets = [] } = properties;
  const bus = busName(String(EventBusName));
  if (!ground.buses.has(bus)) throw new UnsupportedTemplate(`${logicalId}.EventBusName`, `the template has no bus ${bus}`);
  const schedule = ScheduleExpression === undefined ? undefined : readRuleSchedule(String(ScheduleExpression), bus, logicalId);
  // A rule with a schedule alone hears of nothing else.
  const isOnlyScheduled = schedule !== undefined && EventPattern === undefined;
  const pattern = isOnlyScheduled ? NOTHING : read(EventPattern, `${logicalId}.EventPattern`, compileIndexedPattern);
  const arn = arnOf(resource);
  const targets = (Targets as RawTarget[]).map((target, index) =>
    readReachable(target, arn, `${logicalId}.Targets[${index}]`, ground),
  );
  return State === 'DISABLED' ? [] : [{ arn, bus, ...pattern, targets, ...(schedule === undefined ? {} : { schedule }) }];
}

const NOTHING: IndexedPattern = { matches: () => false, anchors: [] };

/** What EventBridge may not do at a target would only show once an event is lost: it stops the start instead. */
function readReachable(raw: RawTarget, ruleArn: string, at: string, ground: Ground) {
  const { target, obstacles } = readTarget(raw, ruleArn, at, ground);
  const [first] = obstacles;
  if (first !== undefined) throw new UnsupportedTemplate(at, first.text);
  return target;
}

function readRuleSchedule(text: string, bus: string, logicalId: string): Schedule {
  const at = `${logicalId}.ScheduleExpression`;
  if (bus !== 'default') throw new UnsupportedTemplate(at, 'EventBridge takes schedules on the default bus only');
  const schedule = readSchedule(text);
  if (schedule === undefined) throw new UnsupportedTemplate(at, `EventBridge does not take ${text}`);
  return schedule;
}

/** Reads a pattern of the template. @throws UnsupportedTemplate */
export const readPattern = (pattern: unknown, at: string): Pattern => read(pattern, at, compileFieldPattern);

function read<T>(pattern: unknown, at: string, compile: (text: string) => T): T {
  if (pattern === undefined) throw new UnsupportedTemplate(at, 'a rule needs a pattern or a schedule');
  const text = textOf(pattern);
  if (text.length > MOST_PATTERN_CHARACTERS)
    throw new UnsupportedTemplate(at, `a pattern has at most ${MOST_PATTERN_CHARACTERS} characters`);
  try {
    return compile(text);
  } catch (error) {
    throw new UnsupportedTemplate(at, (error as Error).message);
  }
}
