import { Duration } from 'aws-cdk-lib';
import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Watched } from './alarms.ts';
import { type AlarmStatement, someIn } from './impact-alarm.ts';
import { ruleDrift, signalMetrics } from './signal-metrics.ts';

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);
const QUARTER = Duration.minutes(15);

/** What is watched of signals: on their way through our queues, of each organisation that hears them, and of what looks after them. */
export const signalAlarms = (watched: Watched): readonly AlarmStatement[] => [
  ...queueAlarms(watched),
  ...watched.settings.subscribers.flatMap(({ organisation }) => deliveryAlarms(organisation)),
  ...tendAlarms(watched),
];

const queueAlarms = ({ bus: { queues } }: Watched): AlarmStatement[] => [
  {
    id: 'arrivals-late',
    metric: queues.arrivals.metricApproximateAgeOfOldestMessage({ period: MINUTE, statistic: Stats.MAXIMUM }),
    threshold: Duration.minutes(2).toSeconds(),
    periods: 3,
    impact: 'Changes that organisations have subscribed to wait for more than two minutes before they are even noted for them.',
    runbook: 'arrivals-late',
  },
  someIn(
    'arrivals-dead',
    queues.arrivals.deadLetters,
    'At least one change was given up before it was noted for its subscriber: whoever subscribed to it does not hear of it.',
  ),
  someIn(
    'wakes-dead',
    queues.wakes.deadLetters,
    'What waits for a subscription could not be begun with twenty times: its organisation hears late, once it is tended.',
  ),
];

/** Of each organisation: what waits, what fails, what was given up, and how long the rest takes. */
function deliveryAlarms(organisation: string): AlarmStatement[] {
  const { oldestMs, delivered, failed, givenUp, unreadable, tookMs } = signalMetrics(organisation);
  return [
    {
      id: `undelivered-${organisation}`,
      metric: oldestMs,
      threshold: QUARTER.toMilliseconds(),
      periods: 3,
      of: 5,
      impact: `A signal to ${organisation} has waited for a quarter of an hour: it acts on old news.`,
      runbook: 'signals-undelivered',
    },
    {
      id: `delivery-fails-${organisation}`,
      metric: new MathExpression({
        label: 'Failed, %',
        // A few failures in a quiet hour are no rate.
        expression: 'IF(FILL(failed, 0) >= 5, 100 * FILL(failed, 0) / (FILL(failed, 0) + FILL(delivered, 0)), 0)',
        period: FIVE_MINUTES,
        usingMetrics: { failed, delivered },
      }),
      threshold: 50,
      periods: 3,
      impact: `Most attempts to tell ${organisation} of changes fail: what it should act on waits for it.`,
      runbook: 'delivery-fails',
    },
    {
      id: `dead-letters-${organisation}`,
      metric: new MathExpression({
        label: 'Given up',
        expression: 'FILL(givenUp, 0) + FILL(unreadable, 0)',
        period: FIVE_MINUTES,
        usingMetrics: { givenUp, unreadable },
      }),
      threshold: 1,
      impact: `At least one signal to ${organisation} was given up: it does not know of a change that it should act on.`,
      runbook: 'signals-dead',
    },
    {
      id: `delivered-late-${organisation}`,
      metric: tookMs(50),
      threshold: Duration.seconds(10).toMilliseconds(),
      periods: 3,
      impact: `Half of what ${organisation} hears comes more than ten seconds after it was recorded.`,
      runbook: 'delivered-late',
    },
  ];
}

const tendAlarms = ({ events: { tend, tending, staleFeeds } }: Watched): AlarmStatement[] => [
  {
    id: 'tend-missing',
    // Silence is the trouble here: no run in a quarter of an hour.
    metric: new MathExpression({
      label: 'Not run',
      expression: 'IF(FILL(runs, 0) < 1, 1, 0)',
      usingMetrics: { runs: tend.lambda.metricInvocations({ period: QUARTER, statistic: Stats.SUM }) },
      period: QUARTER,
    }),
    threshold: 1,
    impact: `Subscriptions have not been looked after for a quarter of an hour. ${tend.description.errorImpact}`,
    runbook: 'tend-missing',
  },
  someIn(
    'tend-dead',
    tending.deadLetters,
    'Subscriptions could not be looked after at least once. The next minute catches up, but for what an operator asked.',
    'tend-missing',
  ),
  {
    id: 'rules-drift',
    metric: ruleDrift(),
    threshold: 1,
    impact:
      'Rules on the bus had come apart from subscriptions: for up to a quarter of an hour organisations were not told, or told too much to be kept. It was mended.',
    runbook: 'rules-drift',
  },
  {
    id: 'feed-stale',
    metric: staleFeeds.metric.with({ period: MINUTE }),
    threshold: 1,
    impact: 'A source has contributed nothing for longer than agreed: whoever reads records does not see what happens there.',
    runbook: 'feed-stale',
  },
];
