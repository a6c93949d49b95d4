import { pageOf } from '../../endpoint/pages.ts';
import {
  type Call,
  type Input,
  isServiceRefusal,
  refuseCall,
  type Service,
  type ServiceRefusal,
} from '../../endpoint/service.ts';
import type { Demand } from '../../iam/authorise.ts';
import { UnsupportedTemplate } from '../../resource.ts';
import { busName } from '../entries.ts';
import { invalid, type RuleName, readDefinition, readRuleName } from './definition.ts';
import { type RunTimeRule, type RunTimeRules, ruleArn } from './run-time-rules.ts';
import { type Ground, type RawTarget, readTarget } from './target.ts';
import type { TemplateRule } from './template-rules.ts';

interface Parts {
  readonly rules: RunTimeRules;
  /** Of the template: they are described, and not changed. */
  readonly fixed: readonly TemplateRule[];
  readonly ground: Ground;
}

/** EventBridge quotas: rules of a bus, targets of a rule. */
const MOST_RULES = 300;
const MOST_TARGETS = 5;
const MOST_ENTRIES = 100;

const TOO_MANY = refuseCall('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
const MANAGED = refuseCall('ManagedRuleException', 'The rule belongs to the template: it is changed there.');

/** What is done to rules while the system runs: EventBridge's own calls. */
export function ruleActions({ rules, fixed, ground }: Parts): Service['actions'] {
  const { place, buses } = ground;
  const fixedOf = (bus: string) => fixed.filter((rule) => rule.bus === bus);
  const isFixed = ({ bus, name }: RuleName) => fixedOf(bus).some((rule) => rule.name === name);
  const describe = (name: RuleName): TemplateRule | undefined => {
    const found = rules.find(name);
    return found === undefined ? fixedOf(name.bus).find((rule) => rule.name === name.name) : described(found);
  };
  const all = (bus: string): readonly TemplateRule[] =>
    [...fixedOf(bus), ...rules.of(bus).map(described)].sort((one, other) => (one.name < other.name ? -1 : 1));
  const demandOn = (action: string, name: RuleName, context: Demand['context'] = {}): Demand => {
    const creator = describe(name) === undefined ? [] : [['events:creatorAccount', place.account] as const];
    return {
      action: `events:${action}`,
      resource: ruleArn(name, ground),
      context: { ...Object.fromEntries(creator), ...context },
    };
  };

  /** A call about one rule that is there, in the order that AWS looks: parameters, permission, existence. */
  const onRule = (
    action: string,
    read: (input: Input, name: RuleName) => { readonly demands?: readonly Demand[]; run(): unknown } | ServiceRefusal,
  ): Service['actions'] => ({
    [action](input: Input): Call | ServiceRefusal {
      const name = readRuleName(input);
      if (isServiceRefusal(name)) return name;
      const call = read(input, name);
      if (isServiceRefusal(call)) return call;
      const { demands = [demandOn(action, name)], run } = call;
      return { demands, run: () => (describe(name) === undefined ? noRule(name) : run()) };
    },
  });
  const changing = (name: RuleName, work: () => unknown) => () => (isFixed(name) ? MANAGED : rules.change(work));
  const switching = (action: string, state: 'ENABLED' | 'DISABLED') =>
    onRule(action, (_, name) => ({
      run: changing(name, () => rules.put({ ...rules.find(name)!.definition, state })),
    }));

  return {
    PutRule(input) {
      const definition = readDefinition(input);
      if (isServiceRefusal(definition)) return definition;
      return {
        demands: [demandOn('PutRule', definition)],
        run() {
          if (!buses.has(definition.bus)) return noBus(definition.bus);
          if (isFixed(definition)) return MANAGED;
          return rules.change(() => {
            if (rules.find(definition) === undefined && all(definition.bus).length >= MOST_RULES) return TOO_MANY;
            rules.put(definition);
            return { RuleArn: ruleArn(definition, ground) };
          });
        },
      };
    },
    /** A rule that is not there is as good as deleted. */
    DeleteRule(input) {
      const name = readRuleName(input);
      if (isServiceRefusal(name)) return name;
      const run = changing(name, () => {
        if ((rules.find(name)?.targets.length ?? 0) > 0) return invalid("Rule can't be deleted since it has targets.");
        return rules.remove(name);
      });
      return { demands: [demandOn('DeleteRule', name)], run };
    },
    ...switching('EnableRule', 'ENABLED'),
    ...switching('DisableRule', 'DISABLED'),
    ...onRule('PutTargets', (input, name) => {
      const targets = readTargets(input, name, ground);
      if (isServiceRefusal(targets)) return targets;
      const context = { 'events:TargetArn': targets.map(({ Arn }) => String(Arn)) };
      return {
        demands: [demandOn('PutTargets', name, context), ...passRole(targets)],
        run: changing(name, () => {
          const merged = [...new Map([...rules.find(name)!.targets, ...targets].map((each) => [each.Id, each])).values()];
          if (merged.length > MOST_TARGETS) return TOO_MANY;
          rules.putTargets(name, merged);
          return ALL_WELL;
        }),
      };
    }),
    ...onRule('RemoveTargets', ({ Ids }, name) => {
      if (!Array.isArray(Ids) || Ids.length === 0) return invalid('Parameter Ids is not valid.');
      return {
        run: changing(name, () => {
          const { targets } = rules.find(name)!;
          rules.putTargets(
            name,
            targets.filter(({ Id }) => !Ids.includes(Id)),
          );
          const FailedEntries = Ids.filter((id) => !targets.some(({ Id }) => Id === id)).map(noTarget);
          return { FailedEntryCount: FailedEntries.length, FailedEntries };
        }),
      };
    }),
    ...onRule('DescribeRule', (_, name) => ({ run: () => summary(describe(name)!) })),
    ...onRule('ListTargetsByRule', (input, name) => ({
      run: () => pageOf(describe(name)!.targets, input, ({ Id }) => String(Id), 'Targets'),
    })),
    ListRules: (input) => ({
      // Whoever lists must be allowed to list all of them.
      demands: [{ action: 'events:ListRules', resource: `arn:aws:events:${place.region}:${place.account}:rule/*` }],
      run() {
        const bus = busName(String(input.EventBusName ?? 'default'));
        if (!buses.has(bus)) return noBus(bus);
        const found = all(bus).filter(({ name }) => name.startsWith(String(input.NamePrefix ?? '')));
        return pageOf(found.map(summary), input, ({ Name }) => Name, 'Rules');
      },
    }),
  };
}

const ALL_WELL = { FailedEntryCount: 0, FailedEntries: [] };

const noTarget = (TargetId: unknown) => ({
  TargetId,
  ErrorCode: 'ResourceNotFoundException',
  ErrorMessage: 'Target not found.',
});

function readTargets({ Targets }: Input, name: RuleName, ground: Ground): readonly RawTarget[] | ServiceRefusal {
  if (!Array.isArray(Targets) || Targets.length === 0 || Targets.length > MOST_ENTRIES)
    return invalid('Parameter Targets is not valid.');
  const targets = Targets as RawTarget[];
  for (const target of targets) {
    if (typeof target.Id !== 'string' || !/^[.\-_A-Za-z0-9]{1,64}$/.test(target.Id)) return invalid('Parameter Id is not valid.');
    if (typeof target.Arn !== 'string') return invalid('Parameter Arn is not valid.');
    try {
      readTarget(target, ruleArn(name, ground), `Target ${target.Id}`, ground);
    } catch (error) {
      if (error instanceof UnsupportedTemplate) return invalid(error.message);
      throw error;
    }
  }
  return targets;
}

/** Who gives a target a role must be allowed to pass it on. */
const passRole = (targets: readonly RawTarget[]): readonly Demand[] =>
  targets.flatMap(({ RoleArn }) =>
    typeof RoleArn === 'string'
      ? [{ action: 'iam:PassRole', resource: RoleArn, context: { 'iam:PassedToService': 'events.amazonaws.com' } }]
      : [],
  );

const described = ({ definition, arn, targets }: RunTimeRule): TemplateRule => ({ ...definition, arn, targets });

function summary({ name, bus, arn, state, pattern, schedule, description }: TemplateRule) {
  return {
    Name: name,
    Arn: arn,
    EventBusName: bus,
    State: state,
    ...(pattern === undefined ? {} : { EventPattern: pattern }),
    ...(schedule === undefined ? {} : { ScheduleExpression: schedule }),
    ...(description === undefined ? {} : { Description: description }),
  };
}

const noRule = ({ bus, name }: RuleName): ServiceRefusal =>
  refuseCall('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`);
const noBus = (bus: string): ServiceRefusal => refuseCall('ResourceNotFoundException', `Event bus ${bus} does not exist.`);
