import { settleRule } from '../../shared/bus/drift.ts';
import { ENDED_TEXT, type Subscription } from '../../shared/signals/subscription.ts';
import type { Run, TendDependencies } from './context.ts';

/**
 * Ends subscriptions whose `end` has passed. First nothing more is sent, then the rule goes: a rule that a crash leaves behind is found as drift.
 */
export async function endEnded(dependencies: TendDependencies, all: readonly Subscription[], run: Run): Promise<void> {
  const { subscriptions, log } = dependencies;
  for (const subscription of all.filter((each) => hasEnded(each, run.at))) {
    // One that its owner changes in this moment is looked at again in the next minute.
    const ended = await subscriptions.setStatus(subscription, { status: 'off', error: ENDED_TEXT, at: run.at });
    if (ended === undefined) continue;
    await settleRule(dependencies, subscription.id);
    log.info('a subscription has ended', { organisation: subscription.organisation });
  }
}

/** Whether the instant has passed after which nothing more is to be sent: written with any offset. */
const hasEnded = ({ status, end }: Subscription, at: string): boolean =>
  status !== 'off' && end !== undefined && Date.parse(end) <= Date.parse(at);
