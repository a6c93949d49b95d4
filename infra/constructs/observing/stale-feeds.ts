import { type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { FEED_IS_STALE } from '../../../functions/tend/messages.ts';
import type { CheckedSettings } from '../../settings.ts';
import type { BundledFunction } from '../function.ts';

/** Counts what `tend` says in its log of sources that have fallen silent. */
export class StaleFeeds extends Construct {
  readonly metric: Metric;

  constructor(scope: Construct, id: string, { tend, settings }: { tend: BundledFunction; settings: CheckedSettings }) {
    super(scope, id);
    const filter = new MetricFilter(this, 'Filter', {
      logGroup: tend.logGroup,
      filterPattern: FilterPattern.stringValue('$.message', '=', FEED_IS_STALE),
      metricNamespace: `Chesil/${settings.deployment}`,
      metricName: 'StaleFeeds',
      metricValue: '1',
    });
    this.metric = filter.metric({ statistic: Stats.SUM });
  }
}
