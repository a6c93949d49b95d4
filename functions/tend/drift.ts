import { driftOf, settleRule } from '../../shared/bus/drift.ts';
import type { Run, TendDependencies } from './context.ts';

/**
 * Mends what has come apart between subscriptions and the rules that they have on the bus: a crash between two steps of a change, or a hand in the console. Each is
 * settled by the subscription as it is kept then, so nothing that is just being made or changed is undone. Drift is measured: where it comes back, something is wrong.
 */
export async function mendDrift(dependencies: TendDependencies, run: Run): Promise<void> {
  const { subscriptions, rules, directory, log, measure } = dependencies;
  const standing = await rules.list();
  const all = await subscriptions.all();
  const drift = driftOf(all, standing, { directory, targetOf: rules.targetOf });
  // What nobody asks for first: on a full bus it makes room for what is missing.
  const apart = [...drift.orphaned, ...drift.changed, ...drift.missing];
  // Whoever puts a subscription off leaves its rule to this: that is no surprise.
  const off = new Set(all.filter(({ status }) => status === 'off').map(({ id }) => id));
  measure(EVERYBODY, { [RULE_DRIFT]: [apart.filter((id) => !off.has(id)).length] });
  if (drift.unreadable.length > 0)
    log.error('criteria of subscriptions can no longer be read', { count: drift.unreadable.length });
  let settled = 0;
  for (const id of apart) {
    if (run.isOver()) break;
    if ((await settleRule(dependencies, id)) === 'full') throw new Error('the bus takes no more rules');
    settled++;
  }
  if (apart.length > 0) log.warn('rules and subscriptions had come apart, and were settled', { count: settled });
}

/** Metric: rules that were missing, other than they should be, or asked for by nobody. */
export const RULE_DRIFT = 'ruleDrift';
/** In place of an organisation's id. */
export const EVERYBODY = 'all';
