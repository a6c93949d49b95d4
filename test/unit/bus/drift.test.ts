import { describe, expect, it } from 'vitest';
import { driftOf } from '../../../shared/bus/drift.ts';
import type { SubscriptionRule } from '../../../shared/bus/rules.ts';
import { createDirectory } from '../../../shared/directory/directory.ts';
import { compileCriteria } from '../../../shared/signals/criteria/compile.ts';
import { hasProblems } from '../../../shared/signals/criteria/criteria.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import { subscription } from '../signals/signals.ts';

const directory = createDirectory([{ id: 'ammonite', kind: 'trust', names: [{ value: 'Ammonite' }], codes: [], successors: [] }]);
const targetOf = (id: string) => ({ arn: 'arn:arrivals', undelivered: 'arn:undelivered', group: id });
const on = (more: Partial<Subscription> = {}) => subscription({ criteria: "urgency='A'", ...more });

function ruleOf({ id, criteria, organisation }: Subscription, more: Partial<SubscriptionRule> = {}): SubscriptionRule {
  const compiled = compileCriteria(criteria, { organisation, directory });
  if (hasProblems(compiled)) throw new Error('criteria of a test');
  return { id, pattern: compiled.pattern, description: '', isEnabled: true, target: targetOf(id), ...more };
}

const drift = (subscriptions: readonly Subscription[], rules: readonly SubscriptionRule[]) =>
  driftOf(subscriptions, rules, { directory, targetOf });
const NONE = { missing: [], changed: [], orphaned: [], unreadable: [] };

describe('drift between subscriptions and rules', () => {
  it('is none where each that is on has its rule, and nothing else has one', () => {
    const [one, other, off] = [on(), on({ status: 'error' }), on({ status: 'off' })];
    expect(drift([one, other, off], [ruleOf(other), ruleOf(one)])).toEqual(NONE);
    const spaced = JSON.stringify(JSON.parse(ruleOf(one).pattern), undefined, 2);
    expect(drift([one], [ruleOf(one, { pattern: spaced })])).toEqual(NONE);
  });

  it('is a rule that is missing, and one whose subscription is off or gone', () => {
    const [one, off, gone] = [on({ status: 'requested' }), on({ status: 'off' }), on()];
    expect(drift([one, off], [ruleOf(off), ruleOf(gone)])).toEqual({ ...NONE, missing: [one.id], orphaned: [off.id, gone.id] });
  });

  it.each<[string, Partial<SubscriptionRule>]>([
    ['matches something else', { pattern: '{"source":["chesil.record"]}' }],
    ['has a pattern that is none', { pattern: '' }],
    ['is disabled', { isEnabled: false }],
    ['sends to nobody', { target: undefined }],
    ['sends elsewhere', { target: { ...targetOf('x'), arn: 'arn:elsewhere' } }],
    ['stands in the line of another', { target: targetOf('x') }],
    ['loses what it cannot send', { target: { ...targetOf('x'), undelivered: '' } }],
  ])('is a rule that %s', (_, more) => {
    const one = on();
    expect(drift([one], [ruleOf(one, more)])).toEqual({ ...NONE, changed: [one.id] });
  });

  it('is a subscription whose criteria can be read no more: its rule is left', () => {
    const one = on();
    expect(drift([{ ...one, criteria: "eventType='told-no-more'" }], [ruleOf(one)])).toMatchObject({
      unreadable: [one.id],
      changed: [],
      orphaned: [],
    });
  });
});
