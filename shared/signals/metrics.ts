/**
 * What is measured of signals: names of metrics, which alarms and dashboards read too. Each has the dimensions `service` (the function; `deliver` for all
 * that is sent, though `collect` has told it at once) and `organisation` (the subscriber); nothing of a person is ever measured.
 */
export const SIGNAL_METRICS = {
  /** Signals that a subscriber's endpoint accepted. */
  delivered: 'signalsDelivered',
  /** Attempts that failed, each attempt of a signal counted. */
  failed: 'deliveryFailed',
  /** Signals that were given up after three days, and events that no code here can read. */
  dead: 'deadLetters',
  /** From the recording of a contribution to the acceptance of the signal of it. */
  contributionToDeliveryMs: 'contributionToDeliveryMs',
  /** How long the oldest signal has waited that is not delivered yet; 0 when nothing waits. */
  oldestUndeliveredMs: 'oldestUndeliveredMs',
} as const;

/** Namespace of all metrics of Chesil. */
export const METRIC_NAMESPACE = 'Chesil';

/** Their units, as CloudWatch names them. */
export const SIGNAL_UNITS: Readonly<Record<string, 'Count' | 'Milliseconds'>> = {
  [SIGNAL_METRICS.delivered]: 'Count',
  [SIGNAL_METRICS.failed]: 'Count',
  [SIGNAL_METRICS.dead]: 'Count',
  [SIGNAL_METRICS.contributionToDeliveryMs]: 'Milliseconds',
  [SIGNAL_METRICS.oldestUndeliveredMs]: 'Milliseconds',
};
