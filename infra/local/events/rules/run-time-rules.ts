import type { Messages } from '../../queues/messages.ts';
import { compileIndexedPattern } from '../pattern/pattern.ts';
import type { RuleDefinition, RuleName } from './definition.ts';
import type { Rule } from './rule.ts';
import { type Ground, type RawTarget, readTarget } from './target.ts';

/** A rule that was made while the system ran. */
export interface RunTimeRule {
  readonly definition: RuleDefinition;
  readonly arn: string;
  /** As `PutTargets` gave them, in that order. */
  readonly targets: readonly RawTarget[];
  /** The same, ready to match. */
  readonly rule: Rule;
}

/** Rules that are made while the system runs: kept with the messages, in force from the moment their change is on disk. */
export interface RunTimeRules {
  /** All of a bus, in the order of their names. */
  of(bus: string): readonly RunTimeRule[];
  find(name: RuleName): RunTimeRule | undefined;
  /** Every rule that is in force. */
  enabled(): readonly Rule[];
  /** Makes a rule, or describes it anew; its targets stay. To be called inside {@link RunTimeRules.change}. */
  put(definition: RuleDefinition): void;
  /** Replaces the targets of a rule. To be called inside {@link RunTimeRules.change}. */
  putTargets(name: RuleName, targets: readonly RawTarget[]): void;
  /** To be called inside {@link RunTimeRules.change}. */
  remove(name: RuleName): void;
  /** Changes rules in one transaction, and resolves once the change is on disk. */
  change<T>(work: () => T): Promise<T>;
}

interface Row {
  readonly definition: string;
  readonly targets: string;
}

/** @param onChange called whenever the rules that are in force may be others */
export function openRunTimeRules(messages: Messages, ground: Ground, onChange: () => void): RunTimeRules {
  const { database } = messages;
  const select = database.prepare('SELECT definition, targets FROM rule');
  const upsert = database.prepare(
    'INSERT INTO rule (bus, name, definition, targets) VALUES (?, ?, ?, ?) ON CONFLICT (bus, name) DO UPDATE SET definition = excluded.definition, targets = excluded.targets',
  );
  const remove = database.prepare('DELETE FROM rule WHERE bus = ? AND name = ?');
  let rules = new Map<string, RunTimeRule>();

  const load = (): void => {
    const rows = select.all() as unknown as Row[];
    rules = new Map(
      rows.map(({ definition, targets }) => {
        const one = readRule(JSON.parse(definition), JSON.parse(targets), ground);
        return [keyOf(one.definition), one];
      }),
    );
  };
  const keep = (definition: RuleDefinition, targets: readonly RawTarget[]): void => {
    const rule = readRule(definition, targets, ground);
    upsert.run(definition.bus, definition.name, JSON.stringify(definition), JSON.stringify(targets));
    rules.set(keyOf(definition), rule);
  };

  load();
  return {
    of: (bus) => [...rules.values()].filter(({ definition }) => definition.bus === bus).sort(byName),
    find: (name) => rules.get(keyOf(name)),
    enabled: () => [...rules.values()].flatMap(({ definition, rule }) => (definition.state === 'ENABLED' ? [rule] : [])),
    put: (definition) => keep(definition, rules.get(keyOf(definition))?.targets ?? []),
    putTargets: (name, targets) => keep(rules.get(keyOf(name))!.definition, targets),
    remove(name) {
      remove.run(name.bus, name.name);
      rules.delete(keyOf(name));
    },
    async change(work) {
      try {
        return await messages.write(() => {
          const outcome = work();
          onChange();
          return outcome;
        });
      } catch (error) {
        // What did not get to disk is not in force either.
        load();
        onChange();
        throw error;
      }
    },
  };
}

function readRule(definition: RuleDefinition, targets: readonly RawTarget[], ground: Ground): RunTimeRule {
  const { bus, name } = definition;
  const arn = ruleArn(definition, ground);
  const read = targets.map((target) => readTarget(target, arn, `${name}.Targets.${String(target.Id)}`, ground).target);
  return { definition, arn, targets, rule: { arn, bus, ...compileIndexedPattern(definition.pattern), targets: read } };
}

/** EventBridge user guide, "Resource ARN format": a rule of the default bus does not name its bus. */
export const ruleArn = ({ bus, name }: RuleName, { place }: Pick<Ground, 'place'>): string =>
  `arn:aws:events:${place.region}:${place.account}:rule/${bus === 'default' ? '' : `${bus}/`}${name}`;

const keyOf = ({ bus, name }: RuleName): string => `${bus}/${name}`;

const byName = ({ definition: one }: RunTimeRule, { definition: other }: RunTimeRule): number => (one.name < other.name ? -1 : 1);
