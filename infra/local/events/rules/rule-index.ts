import type { Fields, Leaf } from '../pattern/fields.ts';
import type { Anchors } from '../pattern/pattern.ts';
import type { Rule } from './rule.ts';

/** Rules of one bus, found by what an event must have to match them: an event is not held against every pattern. */
export interface RuleIndex {
  /** The rules that match an event, each once. */
  matching(fields: Fields): readonly Rule[];
}

/** Rules by a value at a path. */
type Shelves = Map<string, Map<Leaf, Rule[]>>;

/**
 * Puts each alternative of each rule's pattern where it is found soonest: at the path whose exact values the fewest rules share, such
 * as whom an event is for. What has no exact value at all is held against every event.
 */
export function indexRules(rules: readonly Rule[]): RuleIndex {
  const shares = countShares(rules);
  const shelves: Shelves = new Map();
  const anywhere: Rule[] = [];
  for (const rule of rules) {
    const paths = rule.anchors?.map((anchors) => rarestPath(anchors, shares));
    if (paths === undefined || paths.includes(undefined)) anywhere.push(rule);
    else paths.forEach((path, index) => void shelve(shelves, path!, rule.anchors![index]!.get(path!)!, rule));
  }
  return {
    matching(fields) {
      const candidates = new Set(anywhere);
      for (const [path, byValue] of shelves)
        for (const { value } of fields.get(path) ?? []) for (const rule of byValue.get(value) ?? []) candidates.add(rule);
      return [...candidates].filter(({ matches }) => matches(fields));
    },
  };
}

function shelve(shelves: Shelves, path: string, values: ReadonlySet<Leaf>, rule: Rule): void {
  const byValue = shelves.get(path) ?? new Map<Leaf, Rule[]>();
  shelves.set(path, byValue);
  for (const value of values) {
    const found = byValue.get(value);
    if (found === undefined) byValue.set(value, [rule]);
    else found.push(rule);
  }
}

type Shares = ReadonlyMap<string, ReadonlyMap<Leaf, number>>;

/** How many alternatives ask for each value at each path. */
function countShares(rules: readonly Rule[]): Shares {
  const shares = new Map<string, Map<Leaf, number>>();
  for (const [path, values] of rules.flatMap(({ anchors = [] }) => anchors.flatMap((each) => [...each]))) {
    const counts = shares.get(path) ?? new Map<Leaf, number>();
    shares.set(path, counts);
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return shares;
}

/** The path at which the fewest rules are met; `undefined` when there is none with exact values. */
function rarestPath(anchors: Anchors, shares: Shares): string | undefined {
  let rarest: { readonly path: string; readonly met: number } | undefined;
  for (const [path, values] of anchors) {
    const met = [...values].reduce<number>((sum, value) => sum + shares.get(path)!.get(value)!, 0);
    if (rarest === undefined || met < rarest.met) rarest = { path, met };
  }
  return rarest?.path;
}
