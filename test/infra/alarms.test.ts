import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TAMPERING } from '../../functions/seal/messages.ts';
import { FEED_IS_STALE } from '../../functions/tend/messages.ts';
import { FUNCTIONS } from '../../infra/functions.ts';
import { loadSettings } from '../../infra/settings.ts';
import { METRIC_NAMESPACE, SIGNAL_METRICS } from '../../shared/signals/metrics.ts';
import { type Resource, type Synthesised, synthesise } from './synthesised.ts';

let system: Synthesised;
beforeAll(async () => {
  system = await synthesise({ checks: false });
});
afterAll(() => system.remove());

const runbook = readFileSync(resolve(import.meta.dirname, '../../docs/runbook.md'), 'utf8');

/** Sections of the runbook by address, as Markdown viewers make it of a heading. */
const sections = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n', 1)[0]!.trim().toLowerCase().replaceAll(' ', '-'), section] as const),
);

const alarms = () => Object.values(system.resources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);

const parts = ({ AlarmDescription }: { AlarmDescription: string }) =>
  /^(.+[.]) What to do: docs\/runbook\.md#([a-z-]+)$/.exec(AlarmDescription);

describe('every alarm', () => {
  it('says what it means to a person, and links a section of the runbook that is there', () => {
    expect(alarms().length).toBeGreaterThan(20);
    for (const alarm of alarms()) {
      const [, impact, section] = parts(alarm as never) ?? [];
      expect(impact, alarm.AlarmName).toMatch(/^\S+ .{20,}/);
      expect([...sections.keys()], alarm.AlarmName).toContain(section);
      expect(alarm.AlarmDescription.length).toBeLessThanOrEqual(1024);
    }
  });

  it('tells somebody, when it goes off and when it is over', () => {
    for (const { AlarmActions, OKActions } of alarms()) {
      expect(AlarmActions).toHaveLength(1);
      expect(OKActions).toEqual(AlarmActions);
    }
  });

  it('may publish where it tells: the topic lets CloudWatch in, and so does its key', () => {
    const [policy] = Object.values(system.resources('AWS::SNS::TopicPolicy'));
    expect(policy!.Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
      }),
    );
    const keys = Object.entries(system.resources('AWS::KMS::Key'));
    const key = keys.find(([id]) => id.includes('OperationsKey'))?.[1];
    expect(key!.Properties.KeyPolicy.Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } }),
    );
  });

  it('has a name of its own', () => {
    const names = alarms().map(({ AlarmName }) => AlarmName);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the runbook', () => {
  it('has no section that no alarm links', () => {
    const linked = new Set(alarms().map((alarm) => parts(alarm as never)?.[2]));
    expect([...sections.keys()].filter((section) => !linked.has(section))).toEqual([]);
  });

  it.each([...sections])('%s says what it means, what to look at and what to do', (_, section) => {
    for (const part of ['**What it means.**', '**Look at.**', '**Do.**']) expect(section).toContain(part);
  });
});

describe('every function', () => {
  it.each(Object.keys(FUNCTIONS))('%s has alarms for failing and for being throttled', (name) => {
    const names = alarms().map(({ AlarmName }) => AlarmName);
    expect(names).toEqual(
      expect.arrayContaining([expect.stringMatching(`-${name}-fails$`), expect.stringMatching(`-${name}-throttled$`)]),
    );
  });

  it('that follows the stream has alarms for being late and for what it gave up', () => {
    const names = alarms().map(({ AlarmName }) => AlarmName.replace(/^chesil-demo-observability-/, ''));
    expect(names).toEqual(
      expect.arrayContaining([
        'announcements-late',
        'announcements-dead',
        'compaction-late',
        'compaction-dead',
        'undelivered',
        'alerts-late',
        'alerts-dead',
        'audit-late',
        'audit-dead',
        'audit-tampered',
        ...['arrivals-late', 'arrivals-dead', 'wakes-dead', 'tend-missing', 'tend-dead', 'rules-drift', 'feed-stale'],
      ]),
    );
  });
});

describe('every organisation that may subscribe', () => {
  /** What an alarm counts: the metric, whose, and which function measures it. */
  const counted = (name: string) => {
    const { Metrics } = alarms().find(({ AlarmName }) => AlarmName.endsWith(`-${name}`))!;
    return (Metrics as readonly Resource['Properties'][]).flatMap(({ MetricStat }) => {
      if (MetricStat === undefined) return [];
      const { Namespace, MetricName, Dimensions } = MetricStat.Metric;
      const named = Object.fromEntries(Dimensions.map(({ Name, Value }: { Name: string; Value: string }) => [Name, Value]));
      return [`${Namespace} ${MetricName} of ${named.organisation} by ${named.service}`];
    });
  };

  it.each(loadSettings('demo').subscribers.map(({ organisation }) => organisation))('%s has its signals watched', (id) => {
    const of = (name: keyof typeof SIGNAL_METRICS, by: string) => `${METRIC_NAMESPACE} ${SIGNAL_METRICS[name]} of ${id} by ${by}`;
    expect(counted(`undelivered-${id}`)).toEqual([of('oldestUndeliveredMs', 'tend')]);
    expect(counted(`delivery-fails-${id}`)).toEqual([of('failed', 'deliver'), of('delivered', 'deliver')]);
    expect(counted(`dead-letters-${id}`)).toEqual([of('dead', 'deliver'), of('dead', 'collect')]);
    expect(counted(`delivered-late-${id}`)).toEqual([of('contributionToDeliveryMs', 'deliver')]);
  });
});

describe('feeds', () => {
  it('alarm at the first line that says that one is stale', () => {
    const alarm = alarms().find(({ AlarmName }) => AlarmName.endsWith('-feed-stale'));
    expect(alarm).toMatchObject({ MetricName: metricOf(`{ $.message = "${FEED_IS_STALE}" }`), Threshold: 1 });
  });
});

/** The metric that lines of a log are counted in. */
const metricOf = (pattern: string) =>
  Object.values(system.resources('AWS::Logs::MetricFilter')).find(({ Properties }) => Properties.FilterPattern === pattern)
    ?.Properties.MetricTransformations[0].MetricName;

describe('the audit', () => {
  it('alarms at the first line that says that it was tampered with', () => {
    const alarm = alarms().find(({ AlarmName }) => AlarmName.endsWith('-audit-tampered'));
    const [entries, links] = Object.values(TAMPERING).map((message) => `($.message = "${message}")`);
    expect(alarm).toMatchObject({ MetricName: metricOf(`{ ${entries} || ${links} }`), Threshold: 1, EvaluationPeriods: 1 });
  });
});

describe('claims', () => {
  it('does not alarm when a token is refused for a reason: it says no by failing', () => {
    const alarm = alarms().find(({ AlarmName }) => AlarmName.endsWith('-claims-fails'));
    const [failed, errors, refused] = alarm!.Metrics;
    expect(failed.Expression).toBe('errors - FILL(refused, 0)');
    expect(errors.MetricStat.Metric).toMatchObject({ Namespace: 'AWS/Lambda', MetricName: 'Errors' });
    expect(refused.MetricStat.Metric.MetricName).toBe(metricOf('{ $.message = "no token was issued" }'));
  });
});

describe('collect and deliver', () => {
  it.each([
    [
      'collect',
      [
        'signals could not be put into the log of a subscription',
        'signals could not be told at once',
        'subscriptions could not be woken',
      ],
    ],
    ['deliver', ['signals of a subscription could not be delivered', 'a subscription could not be woken']],
  ])('%s alarms when some of its work fails, though Lambda takes it that it went well', (name, messages) => {
    const alarm = alarms().find(({ AlarmName }) => AlarmName.endsWith(`-${name}-fails`));
    const [failed, errors, caught] = alarm!.Metrics;
    expect(failed.Expression).toBe('FILL(errors, 0) + FILL(caught, 0)');
    expect(errors.MetricStat.Metric).toMatchObject({ Namespace: 'AWS/Lambda', MetricName: 'Errors' });
    const lines = messages.map((message) => `($.message = "${message}")`).join(' || ');
    expect(caught.MetricStat.Metric.MetricName).toBe(metricOf(`{ ${lines} }`));
  });
});
