import type { Directory } from '../directory/directory.ts';
import { compileCriteria } from '../signals/criteria/compile.ts';
import { hasProblems } from '../signals/criteria/criteria.ts';
import type { Subscription } from '../signals/subscription.ts';
import type { Subscriptions } from '../store/signals/subscriptions.ts';
import type { Rules, RuleTarget, SubscriptionRule } from './rules.ts';

/** Where subscriptions and rules have come apart: ids of subscriptions, each to be settled ({@link settleRule}). */
export interface Drift {
  /** On, and without a rule. */
  readonly missing: readonly string[];
  /** With a rule that is not the one that they should have. */
  readonly changed: readonly string[];
  /** Rules whose subscription is off, or gone. */
  readonly orphaned: readonly string[];
  /** On, with criteria that can no longer be read, as their events are told no more: whoever owns them has to write them anew. */
  readonly unreadable: readonly string[];
}

/**
 * The pattern of the rule that a subscription should have. One that is off has none.
 * @returns `undefined` for no rule; `unreadable` where the criteria, read once, can be read no more
 */
export function ruleOf(
  subscription: Subscription,
  directory: Directory,
): { readonly pattern: string } | 'unreadable' | undefined {
  if (subscription.status === 'off') return undefined;
  const compiled = compileCriteria(subscription.criteria, { organisation: subscription.organisation, directory });
  return hasProblems(compiled) ? 'unreadable' : compiled;
}

/**
 * Holds rules against subscriptions. Pure. List the rules first, then the subscriptions: one that is made in between is then no orphan.
 * @param targetOf what the rule of a subscription should have for its target
 */
export function driftOf(
  subscriptions: readonly Subscription[],
  rules: readonly SubscriptionRule[],
  { directory, targetOf }: { readonly directory: Directory; readonly targetOf: (id: string) => RuleTarget },
): Drift {
  const standing = new Map(rules.map((rule) => [rule.id, rule]));
  const wanted = new Map(subscriptions.map((subscription) => [subscription.id, ruleOf(subscription, directory)]));
  const drift = { missing: [] as string[], changed: [] as string[], orphaned: [] as string[], unreadable: [] as string[] };
  for (const [id, rule] of wanted) {
    const stands = standing.get(id);
    if (rule === 'unreadable') drift.unreadable.push(id);
    else if (rule !== undefined && stands === undefined) drift.missing.push(id);
    else if (rule !== undefined && stands !== undefined && !isAsWanted(stands, rule.pattern, targetOf(id)))
      drift.changed.push(id);
  }
  drift.orphaned.push(...[...standing.keys()].filter((id) => wanted.get(id) === undefined));
  return drift;
}

const isAsWanted = ({ pattern, isEnabled, target }: SubscriptionRule, wanted: string, to: RuleTarget): boolean =>
  isEnabled &&
  isSameJson(pattern, wanted) &&
  target?.arn === to.arn &&
  target.group === to.group &&
  target.undelivered === to.undelivered;

/** Patterns are always written in the same order; blanks may differ. */
function isSameJson(one: string, other: string): boolean {
  try {
    return JSON.stringify(JSON.parse(one)) === other;
  } catch {
    return false;
  }
}

/** Others may write a subscription while its rule is made. */
const MOST_ROUNDS = 5;

/**
 * Makes the rule of a subscription what the subscription says, as it is kept now: makes it, changes it or removes it. Once more where it was written meanwhile, so that
 * of several at once the last word counts.
 * @returns `full` where the bus takes no more rules
 */
export async function settleRule(
  { rules, subscriptions, directory }: { rules: Rules; subscriptions: Pick<Subscriptions, 'read'>; directory: Directory },
  id: string,
): Promise<'settled' | 'full'> {
  let before = await subscriptions.read(id);
  for (let round = 1; ; round++) {
    const rule = before && ruleOf(before, directory);
    if (rule === undefined) await rules.remove(id);
    else if (rule !== 'unreadable' && (await rules.put(before!, rule.pattern)) === 'full') return 'full';
    const after = await subscriptions.read(id);
    if (after?.version === before?.version || round === MOST_ROUNDS) return 'settled';
    before = after;
  }
}
