import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBus } from '../../../infra/local/events/bus.ts';
import type { Rule } from '../../../infra/local/events/rules/rule.ts';
import { readSchedule } from '../../../infra/local/events/schedule/expression.ts';
import { startScheduler } from '../../../infra/local/events/schedule/scheduler.ts';
import { policiesOf } from '../../../infra/local/iam/policies.ts';
import { openMessages } from '../../../infra/local/queues/messages.ts';
import { createQueues } from '../../../infra/local/queues/queues.ts';
import { PLACE, resource } from '../running-services.ts';

/** The first instants after one, as ISO 8601 to the minute. */
function nextOf(expression: string, after: string, count: number): string[] {
  const schedule = readSchedule(expression)!;
  const found: string[] = [];
  for (let at = schedule.next(Date.parse(after)); at !== undefined && found.length < count; at = schedule.next(at))
    found.push(new Date(at).toISOString().slice(0, 16));
  return found;
}

describe('a schedule', () => {
  it.each<[string, string, readonly string[]]>([
    ['rate(1 minute)', '2026-11-24T10:00:30Z', ['2026-11-24T10:01', '2026-11-24T10:02']],
    ['rate(1 hour)', '2026-11-24T10:07:00Z', ['2026-11-24T11:07', '2026-11-24T12:07']],
    ['rate(2 days)', '2026-11-24T10:07:00Z', ['2026-11-26T10:07']],
    ['cron(0 2 * * ? *)', '2026-11-24T02:00:00Z', ['2026-11-25T02:00', '2026-11-26T02:00']],
    ['cron(0/15 8-9 ? * MON-FRI *)', '2026-11-27T09:40:00Z', ['2026-11-27T09:45', '2026-11-30T08:00', '2026-11-30T08:15']],
    ['cron(5,35 12 1 JAN,jul ? *)', '2026-11-24T00:00:00Z', ['2027-01-01T12:05', '2027-01-01T12:35', '2027-07-01T12:05']],
    ['cron(0 0 L * ? *)', '2028-02-01T00:00:00Z', ['2028-02-29T00:00', '2028-03-31T00:00']],
    ['cron(0 10 ? * 6L *)', '2026-11-24T00:00:00Z', ['2026-11-27T10:00', '2026-12-25T10:00']],
    ['cron(0 10 ? * 3#2 *)', '2026-11-24T00:00:00Z', ['2026-12-08T10:00']],
    [
      'cron(0 10 15W * ? *)',
      '2026-08-01T00:00:00Z',
      ['2026-08-14T10:00', '2026-09-15T10:00', '2026-10-15T10:00', '2026-11-16T10:00'],
    ],
    ['cron(0 10 1W * ? *)', '2026-08-01T00:00:00Z', ['2026-08-03T10:00']],
    ['cron(0 10 1 1 ? 2030)', '2026-08-01T00:00:00Z', ['2030-01-01T10:00']],
    ['cron(0 10 1 1 ? 2020)', '2026-08-01T00:00:00Z', []],
    ['cron(0 0 29 2 ? *)', '2026-08-01T00:00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
  ])('%s after %s is due at %s', (expression, after, due) => {
    expect(nextOf(expression, after, Math.max(due.length, 1))).toEqual(due);
  });

  it.each([
    'rate(1 hours)',
    'rate(2 hour)',
    'rate(0 minutes)',
    'rate(5 seconds)',
    'every hour',
    'cron(0 2 * * *)',
    'cron(0 2 * * * *)',
    'cron(0 2 ? * ? *)',
    'cron(60 2 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 2 32 * ? *)',
    'cron(0 2 * 13 ? *)',
    'cron(0 2 ? * 8 *)',
    'cron(0 2 ? * FRI-MON *)',
    'cron(0/0 2 * * ? *)',
    'cron(0 2 40W * ? *)',
    'cron(0 2 ? * 9L *)',
    'cron(a 2 * * ? *)',
  ])('%s is refused', (expression) => {
    expect(readSchedule(expression)).toBeUndefined();
  });
});

const FUNCTION = 'arn:aws:lambda:eu-west-2:000000000000:function:review';
const RULE = 'arn:aws:events:eu-west-2:000000000000:rule/hourly';

const rule = (properties: Record<string, unknown>) =>
  resource(
    'hourly',
    'AWS::Events::Rule',
    { State: 'ENABLED', Targets: [{ Id: 'Target0', Arn: FUNCTION }], ...properties },
    { arn: RULE },
  );
const mayCall = resource('mayCall', 'AWS::Lambda::Permission', {
  Action: 'lambda:InvokeFunction',
  FunctionName: FUNCTION,
  Principal: 'events.amazonaws.com',
  SourceArn: RULE,
});

describe('a rule with a schedule', () => {
  let folder: string;
  let stop: (() => void) | undefined;
  const called: unknown[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'schedules-'));
    called.length = 0;
  });
  afterEach(() => {
    stop?.();
    stop = undefined;
    rmSync(folder, { recursive: true });
  });

  function start(now: string, properties: Record<string, unknown> = { ScheduleExpression: 'rate(1 hour)' }) {
    stop?.();
    const resources = [rule(properties), mayCall];
    const messages = openMessages(join(folder, 'messages.db'));
    const policies = policiesOf(resources);
    const queues = createQueues({ resources, messages, place: PLACE });
    const invoke = async (_: string, payload: unknown) => void called.push(payload);
    const bus = createBus({ resources, messages, queues, policies, place: PLACE, invoke, now: () => Date.parse(now) });
    stop = () => {
      bus.close();
      queues.close();
      messages.close();
    };
  }

  it('sends its target the scheduled event when it is due, and what became due meanwhile once', async () => {
    start('2026-11-24T10:00:00Z');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(called).toEqual([]);
    start('2026-11-24T10:59:59Z');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(called).toEqual([]);
    start('2026-11-24T14:30:00Z');
    await vi.waitFor(() => expect(called).toHaveLength(1));
    expect(called[0]).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      time: '2026-11-24T14:30:00Z',
      resources: [RULE],
      detail: {},
    });
    start('2026-11-24T14:31:00Z');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(called).toHaveLength(1);
  });

  it('sends nothing while it is disabled', async () => {
    start('2026-11-24T10:00:00Z', { ScheduleExpression: 'rate(1 hour)', State: 'DISABLED' });
    start('2026-11-24T14:00:00Z', { ScheduleExpression: 'rate(1 hour)', State: 'DISABLED' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(called).toEqual([]);
  });

  it('that cannot be sent waits a while before it is tried again', async () => {
    const messages = openMessages(join(folder, 'messages.db'));
    const hourly = { arn: RULE, schedule: readSchedule('rate(1 hour)'), targets: [{ input: () => ({ text: '', event: {} }) }] };
    const reported: unknown[] = [];
    let now = Date.parse('2026-11-24T10:00:00Z');
    const parts = { messages, rules: [hourly as unknown as Rule], place: PLACE, now: () => now };
    const dispatch = () => {
      throw new Error('no room on the disk');
    };
    startScheduler({ ...parts, dispatch, report: () => {} }).close();
    now += 2 * 3_600_000;
    const scheduler = startScheduler({ ...parts, dispatch, report: (error) => void reported.push(error) });
    stop = () => {
      scheduler.close();
      messages.close();
    };
    await vi.waitFor(() => expect(reported).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(reported).toHaveLength(1);
  });

  it.each([
    [{ ScheduleExpression: 'rate(1 hours)' }, 'hourly.ScheduleExpression'],
    [{}, 'a rule needs a pattern or a schedule'],
  ])('stops the start with %o', (properties, message) => {
    expect(() => start('2026-11-24T10:00:00Z', properties)).toThrow(message);
  });
});
