import { type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { TAMPERING } from '../../../functions/seal/messages.ts';
import type { CheckedSettings } from '../../settings.ts';
import type { BundledFunction } from '../function.ts';

/** Counts what `seal` says in its log of entries and links that were changed or removed. */
export class Tampering extends Construct {
  readonly metric: Metric;

  constructor(scope: Construct, id: string, { seal, settings }: { seal: BundledFunction; settings: CheckedSettings }) {
    super(scope, id);
    const lines = Object.values(TAMPERING).map((message) => FilterPattern.stringValue('$.message', '=', message));
    const filter = new MetricFilter(this, 'Filter', {
      logGroup: seal.logGroup,
      filterPattern: FilterPattern.any(...lines),
      metricNamespace: `Chesil/${settings.deployment}`,
      metricName: 'AuditTampering',
      metricValue: '1',
    });
    this.metric = filter.metric({ statistic: Stats.SUM });
  }
}
