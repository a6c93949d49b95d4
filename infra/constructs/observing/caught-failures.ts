import { type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { CheckedSettings } from '../../settings.ts';
import type { BundledFunction } from '../function.ts';

export interface CaughtFailuresProps {
  readonly settings: CheckedSettings;
  readonly of: BundledFunction;
  /** Lines of its log that say that some of its work failed. */
  readonly messages: readonly [string, ...string[]];
}

/** Counts what a function says in its log of work that failed beside other work, and that it hands back: to Lambda such a run went well. */
export class CaughtFailures extends Construct {
  readonly of: BundledFunction;
  readonly metric: Metric;

  constructor(scope: Construct, id: string, { settings, of, messages }: CaughtFailuresProps) {
    super(scope, id);
    this.of = of;
    const filter = new MetricFilter(this, 'Filter', {
      logGroup: of.logGroup,
      filterPattern: FilterPattern.any(...messages.map((message) => FilterPattern.stringValue('$.message', '=', message))),
      metricNamespace: `Chesil/${settings.deployment}`,
      metricName: `${of.name}Caught`,
      metricValue: '1',
    });
    this.metric = filter.metric({ statistic: Stats.SUM });
  }
}
