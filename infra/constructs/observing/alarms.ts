import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Operation, type Table } from 'aws-cdk-lib/aws-dynamodb';
import type { CheckedSettings } from '../../settings.ts';
import type { ApiStack } from '../../stacks/api.ts';
import type { BusStack } from '../../stacks/bus.ts';
import type { DataStack } from '../../stacks/data.ts';
import type { EventsStack } from '../../stacks/events.ts';
import type { IdentityStack } from '../../stacks/identity.ts';
import type { BundledFunction } from '../function.ts';
import type { SubscriberQueue } from '../signals/subscriber-queue.ts';
import type { StreamConsumer } from '../stream-consumer.ts';
import { type AlarmStatement, someIn } from './impact-alarm.ts';
import { signalAlarms } from './signal-alarms.ts';

/** Everything that is watched. */
export interface Watched {
  readonly settings: CheckedSettings;
  readonly data: DataStack;
  readonly identity: IdentityStack;
  readonly bus: BusStack;
  readonly api: ApiStack;
  readonly events: EventsStack;
}

export const functionsOf = ({ data, identity, api, events }: Watched): readonly BundledFunction[] => [
  api.serve,
  api.ingest,
  api.justify,
  api.subscribe,
  events.announce,
  events.collect,
  events.deliver,
  events.tend,
  events.alert,
  events.review,
  identity.claims,
  data.compact,
  data.seal,
];

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);
/** How long what is told may wait for a subscriber: its staff act on it; for a privacy office, which has three days. */
const HOUR = Duration.hours(1);
const DAY = Duration.days(1);
const THREE_HOURS = Duration.hours(3);

/** The alarms of a deployment: what is watched, from where on it is trouble, and what that means to a person. */
export const alarmsOf = (watched: Watched): readonly AlarmStatement[] => [
  ...functionsOf(watched).flatMap((each) => functionAlarms(each, failuresOf(each, watched))),
  ...apiAlarms(watched.api),
  ...tableAlarms(watched.data),
  ...announcementAlarms(watched),
  ...signalAlarms(watched),
  ...compactionAlarms(watched.data.compaction, watched.data.compact),
  ...auditAlarms(watched.data),
  ...alertAlarms(watched.events),
  ...reviewAlarms(watched.events),
  ...watched.events.subscriberQueues.flatMap((each) => collectionAlarms(each, HOUR)),
  ...watched.events.officeInboxes.flatMap(({ queue }) => collectionAlarms(queue, DAY)),
];

/** How often a function failed. `claims` says no by failing: what it refused for a reason does not count. Others go on where some of their work failed: that counts too. */
function failuresOf(each: BundledFunction, { identity: { claims, refused }, events }: Watched): IMetric {
  const errors = each.lambda.metricErrors({ period: MINUTE });
  const failed = (expression: string, usingMetrics: Record<string, IMetric>) =>
    new MathExpression({ label: 'Failed', expression, period: MINUTE, usingMetrics: { errors, ...usingMetrics } });
  if (each === claims)
    return failed('errors - FILL(refused, 0)', { refused: refused.metric({ period: MINUTE, statistic: Stats.SUM }) });
  const caught = [events.notCollected, events.notDelivered].find(({ of }) => of === each);
  if (caught !== undefined)
    return failed('FILL(errors, 0) + FILL(caught, 0)', { caught: caught.metric.with({ period: MINUTE }) });
  return errors;
}

const functionAlarms = ({ name, lambda, description }: BundledFunction, failures: IMetric): AlarmStatement[] => [
  {
    id: `${name}-fails`,
    metric: failures,
    threshold: 1,
    periods: 2,
    of: 5,
    impact: description.errorImpact,
    runbook: `${name}-fails`,
  },
  {
    id: `${name}-throttled`,
    metric: lambda.metricThrottles({ period: MINUTE }),
    threshold: 1,
    periods: 2,
    of: 5,
    impact: `The account has no capacity left to run ${name}. ${description.errorImpact}`,
    runbook: 'functions-throttled',
  },
];

const apiAlarms = ({ fhir, firewall, region }: ApiStack): AlarmStatement[] => [
  {
    id: 'api-fails',
    metric: fhir.api.metricServerError({ period: MINUTE, statistic: Stats.SUM }),
    threshold: 5,
    periods: 2,
    of: 5,
    impact: 'Several requests a minute to see or add to records end in an error on our side.',
    runbook: 'api-fails',
  },
  {
    id: 'api-slow',
    metric: fhir.api.metricLatency({ period: FIVE_MINUTES, statistic: Stats.p(99) }),
    threshold: 3_000,
    periods: 3,
    impact: 'One request in a hundred takes longer than 3 seconds: somebody waits at a bedside, and may give up.',
    runbook: 'api-slow',
  },
  {
    id: 'firewall-blocks',
    metric: new Metric({
      namespace: 'AWS/WAFV2',
      metricName: 'BlockedRequests',
      dimensionsMap: { WebACL: firewall.metricName, Region: region, Rule: 'ALL' },
      period: FIVE_MINUTES,
      statistic: Stats.SUM,
    }),
    threshold: 500,
    impact: 'The firewall turns away many requests: an attack, or a partner that is shut out.',
    runbook: 'firewall-blocks',
  },
];

const tableAlarms = ({ record, audit }: DataStack): AlarmStatement[] => [
  {
    id: 'record-refuses',
    metric: refusals(record.table, [Operation.PUT_ITEM, Operation.QUERY, Operation.GET_ITEM, Operation.TRANSACT_WRITE_ITEMS]),
    threshold: 5,
    periods: 2,
    of: 5,
    impact: 'The table of records refuses requests: some records can for the moment be neither seen nor added to.',
    runbook: 'record-refuses',
  },
  {
    id: 'audit-refuses',
    metric: refusals(audit.table, [Operation.PUT_ITEM]),
    threshold: 1,
    periods: 2,
    of: 5,
    impact: 'Looks at records cannot be noted. Without a note nothing is shown, so professionals cannot see records.',
    runbook: 'audit-refuses',
  },
];

const announcementAlarms = ({ events: { announce, announcement }, bus: { announcements } }: Watched): AlarmStatement[] => [
  late('announcements-late', announce, Duration.minutes(2), 'Organisations hear of changes more than two minutes late.'),
  someIn(
    'announcements-dead',
    announcement.deadLetters,
    'At least one change was given up: whoever should act on it does not know of it.',
  ),
  someIn('undelivered', announcements.undelivered, 'At least one change did not reach a subscriber within a day of trying.'),
];

const compactionAlarms = (compaction: StreamConsumer, compact: BundledFunction): AlarmStatement[] => [
  late(
    'compaction-late',
    compact,
    Duration.hours(1),
    'Records that change often are slower to open than they need be. Nothing is lost.',
  ),
  someIn(
    'compaction-dead',
    compaction.deadLetters,
    'One record or more could not be compacted and opens ever more slowly. Nothing is lost.',
  ),
];

const reviewAlarms = ({ review, reviewing }: EventsStack): AlarmStatement[] => [
  {
    id: 'review-missing',
    // Silence is the trouble here: no run in three hours.
    metric: new MathExpression({
      label: 'Not run',
      expression: 'IF(FILL(runs, 0) < 1, 1, 0)',
      usingMetrics: { runs: review.lambda.metricInvocations({ period: THREE_HOURS, statistic: Stats.SUM }) },
      period: THREE_HOURS,
    }),
    threshold: 1,
    impact: 'The audit has not been reviewed for three hours: whoever looks at records without reason is not noticed.',
    runbook: 'review-missing',
  },
  someIn(
    'review-dead',
    reviewing.deadLetters,
    'A review of the audit could not be begun. The next one catches up.',
    'review-missing',
  ),
];

const auditAlarms = ({ seal, sealing, tampering }: DataStack): AlarmStatement[] => [
  {
    id: 'audit-tampered',
    metric: tampering.metric.with({ period: MINUTE }),
    threshold: 1,
    impact:
      'Somebody changed or removed an entry of the audit, or a link of its chain: people can no longer be told for certain who saw them.',
    runbook: 'audit-tampered',
  },
  late(
    'audit-late',
    seal,
    Duration.minutes(10),
    'Looks of the last minutes are noted but not sealed: nobody can yet prove them unchanged.',
  ),
  someIn(
    'audit-dead',
    sealing.deadLetters,
    'At least one look was noted and could not be sealed: nobody can prove it unchanged.',
  ),
];

const alertAlarms = ({ alert, alerting }: EventsStack): AlarmStatement[] => [
  late(
    'alerts-late',
    alert,
    Duration.minutes(10),
    'Offices hear of their tasks, such as a broken glass, more than ten minutes late.',
  ),
  someIn(
    'alerts-dead',
    alerting.deadLetters,
    'At least one office was not told of a task: it finds it only when it opens the review queue.',
  ),
];

/** Where a subscriber brings its own queue, it watches that queue itself. */
const collectionAlarms = ({ name, queue, givenBack }: SubscriberQueue, bound: Duration): AlarmStatement[] => [
  {
    id: `not-collected-${name}`,
    metric: queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
    threshold: bound.toSeconds(),
    impact: `${name} has not collected what it was told for ${bound.toHours()} hours: it acts on old news.`,
    runbook: 'not-collected',
  },
  someIn(
    `given-back-${name}`,
    givenBack,
    `The system of ${name} took at least one message twenty times without dealing with it.`,
    'given-back',
  ),
];

const late = (id: string, { lambda }: BundledFunction, bound: Duration, impact: string): AlarmStatement => ({
  id,
  metric: lambda.metric('IteratorAge', { period: MINUTE, statistic: Stats.MAXIMUM }),
  threshold: bound.toMilliseconds(),
  periods: 3,
  impact,
  runbook: id,
});

/** Requests to a table that failed on its side, or that it had no capacity for. */
function refusals(table: Table, operations: Operation[]): IMetric {
  const metrics = operations.flatMap((operation) =>
    ['SystemErrors', 'ThrottledRequests'].map((metricName): [id: string, IMetric] => [
      `${metricName}${operation}`.replace(/^S/, 's').replace(/^T/, 't'),
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName,
        dimensionsMap: { TableName: table.tableName, Operation: operation },
        period: MINUTE,
        statistic: Stats.SUM,
      }),
    ]),
  );
  return new MathExpression({
    label: 'Refused',
    // Which of them there are is for CloudWatch to say: an operation that never failed has no metric.
    expression: 'SUM(METRICS())',
    period: MINUTE,
    usingMetrics: Object.fromEntries(metrics),
  });
}
