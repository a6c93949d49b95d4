import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { functionsOf, type Watched } from './alarms.ts';
import { ruleDrift, signalMetrics } from './signal-metrics.ts';

const WIDTH = 24;
const PERIOD = Duration.minutes(1);

export interface DashboardProps {
  readonly name: string;
  readonly watched: Watched;
  readonly alarms: readonly Alarm[];
}

/** One page for whoever is on call: what people notice first, then what is behind it. */
export function addDashboard(scope: Construct, { name, watched, alarms }: DashboardProps): Dashboard {
  const { api, bus, data, events } = watched;
  const functions = functionsOf(watched);
  const ofEach = (chosen: (metrics: ReturnType<typeof signalMetrics>) => IMetric[]) =>
    watched.settings.subscribers.flatMap(({ organisation }) => chosen(signalMetrics(organisation)));
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: name,
    defaultInterval: Duration.hours(3),
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: WIDTH, height: 4 })],
      heading('What partners notice'),
      row(
        graph('Requests', [
          api.fhir.api.metricCount(sum),
          api.fhir.api.metricClientError(sum),
          api.fhir.api.metricServerError(sum),
        ]),
        graph('Latency, ms', [api.fhir.api.metricLatency(p(50)), api.fhir.api.metricLatency(p(99))]),
        graph(
          'Not collected, oldest, s',
          [...events.subscriberQueues, ...events.officeInboxes.map(({ queue }) => queue)].map(({ queue }) =>
            queue.metricApproximateAgeOfOldestMessage(most),
          ),
        ),
      ),
      heading('Signals'),
      row(
        graph(
          'Oldest undelivered, ms',
          ofEach(({ oldestMs }) => [oldestMs]),
        ),
        graph(
          'Contribution to delivery, ms',
          ofEach(({ tookMs }) => [tookMs(50), tookMs(99)]),
        ),
        graph(
          'Delivered',
          ofEach(({ delivered }) => [delivered]),
        ),
      ),
      row(
        graph(
          'Failed attempts',
          ofEach(({ failed }) => [failed]),
        ),
        graph(
          'Given up',
          ofEach(({ givenUp, unreadable }) => [givenUp, unreadable]),
        ),
        graph('Waiting in our queues, s; rules apart', [
          bus.queues.arrivals.metricApproximateAgeOfOldestMessage(most),
          bus.queues.wakes.metricApproximateAgeOfOldestMessage(most),
          ruleDrift(),
        ]),
      ),
      heading('Functions'),
      row(
        graph(
          'Runs',
          functions.map(({ lambda }) => lambda.metricInvocations(sum)),
        ),
        graph(
          'Errors and throttles',
          functions.flatMap(({ lambda }) => [lambda.metricErrors(sum), lambda.metricThrottles(sum)]),
        ),
        graph(
          'Duration, p99, ms',
          functions.map(({ lambda }) => lambda.metricDuration(p(99))),
        ),
      ),
      heading('Behind them'),
      row(
        graph('Capacity units', [
          data.record.table.metricConsumedReadCapacityUnits(sum),
          data.record.table.metricConsumedWriteCapacityUnits(sum),
          data.audit.table.metricConsumedWriteCapacityUnits(sum),
          data.chain.table.metricConsumedWriteCapacityUnits(sum),
        ]),
        graph(
          'Behind the stream, ms',
          [events.announce, data.compact, data.seal, events.alert].map(({ lambda }) => lambda.metric('IteratorAge', most)),
        ),
        graph(
          'Dead letters',
          [
            data.compaction.deadLetters,
            data.sealing.deadLetters,
            events.announcement.deadLetters,
            events.alerting.deadLetters,
            events.reviewing.deadLetters,
            events.tending.deadLetters,
            bus.announcements.undelivered,
            bus.queues.arrivals.deadLetters,
            bus.queues.wakes.deadLetters,
          ].map((queue) => queue.metricApproximateNumberOfMessagesVisible(most)),
        ),
      ),
    ],
  });
}

const sum = { period: PERIOD, statistic: Stats.SUM };
const most = { period: PERIOD, statistic: Stats.MAXIMUM };
const p = (percentile: number) => ({ period: PERIOD, statistic: Stats.p(percentile) });

const heading = (markdown: string): IWidget[] => [new TextWidget({ markdown: `## ${markdown}`, width: WIDTH, height: 1 })];

const row = (...widgets: ((width: number) => IWidget)[]): IWidget[] => widgets.map((widget) => widget(WIDTH / widgets.length));

const graph = (title: string, left: IMetric[]) => (width: number) => new GraphWidget({ title, left, width, height: 6 });
