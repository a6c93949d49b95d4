import { Duration } from 'aws-cdk-lib';
import { type IMetric, Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { EVERYBODY, RULE_DRIFT } from '../../../functions/tend/drift.ts';
import { METRIC_NAMESPACE, SIGNAL_METRICS } from '../../../shared/signals/metrics.ts';
import type { FunctionName } from '../../functions.ts';

const FIVE_MINUTES = Duration.minutes(5);

/** What a function measures of signals to an organisation. */
const measured = (service: FunctionName, metricName: string, organisation: string, options: MetricOptions): Metric =>
  new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { service, organisation },
    period: FIVE_MINUTES,
    label: organisation,
    ...options,
  });

const sum = { statistic: Stats.SUM };

/** How signals to an organisation fare. */
export const signalMetrics = (organisation: string) => ({
  /** Milliseconds that the oldest of them has waited. */
  oldestMs: measured('tend', SIGNAL_METRICS.oldestUndeliveredMs, organisation, {
    period: Duration.minutes(1),
    statistic: Stats.MAXIMUM,
  }),
  delivered: measured('deliver', SIGNAL_METRICS.delivered, organisation, sum),
  failed: measured('deliver', SIGNAL_METRICS.failed, organisation, sum),
  /** Given up after three days; and events that nobody here could read. */
  givenUp: measured('deliver', SIGNAL_METRICS.dead, organisation, sum),
  unreadable: measured('collect', SIGNAL_METRICS.dead, organisation, sum),
  /** From the recording of a contribution to the acceptance of the signal of it. */
  tookMs: (percentile: number): IMetric =>
    measured('deliver', SIGNAL_METRICS.contributionToDeliveryMs, organisation, {
      statistic: Stats.p(percentile),
      label: `${organisation}, p${percentile}`,
    }),
});

/** Rules that were found apart from their subscriptions. */
export const ruleDrift = (): Metric => measured('tend', RULE_DRIFT, EVERYBODY, sum);
