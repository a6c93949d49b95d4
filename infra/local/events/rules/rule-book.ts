import type { Matching } from '../dispatcher.ts';
import type { Rule, Target } from './rule.ts';
import { indexRules, type RuleIndex } from './rule-index.ts';

/** Every rule that is in force, ready to be asked. */
export interface RuleBook {
  readonly matching: Matching;
  all(): readonly Rule[];
  /** The target of a key, if a rule that is in force has it. */
  target(key: string): Target | undefined;
  /** Reads the rules again before it answers next. */
  renew(): void;
}

/** @param inForce the rules of all buses, as they are now */
export function createRuleBook(inForce: () => readonly Rule[]): RuleBook {
  let opened: { readonly byBus: ReadonlyMap<string, RuleIndex>; readonly targets: ReadonlyMap<string, Target> } | undefined;
  const open = () => {
    opened ??= read(inForce());
    return opened;
  };
  return {
    all: inForce,
    matching: (bus, fields) => open().byBus.get(bus)?.matching(fields) ?? [],
    target: (key) => open().targets.get(key),
    renew() {
      opened = undefined;
    },
  };
}

function read(rules: readonly Rule[]) {
  const byBus = new Map(Object.entries(Object.groupBy(rules, ({ bus }) => bus)));
  return {
    byBus: new Map([...byBus].map(([bus, own]) => [bus, indexRules(own!)])),
    targets: new Map(rules.flatMap(({ targets }) => targets).map((target) => [target.key, target])),
  };
}
