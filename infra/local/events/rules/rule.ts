import type { QueueSettings } from '../../queues/settings.ts';
import type { IndexedPattern, Pattern } from '../pattern/pattern.ts';
import type { Schedule } from '../schedule/expression.ts';

/** Why an event cannot reach a target, in the words that EventBridge gives a dead letter (user guide, "Using dead-letter queues"). */
export interface Obstacle {
  readonly code: 'NO_PERMISSIONS' | 'NO_RESOURCE';
  readonly text: string;
}

/** Where a rule sends what it matches. */
export interface Target {
  /** Names it across restarts: rule and target id. */
  readonly key: string;
  readonly ruleArn: string;
  readonly arn: string;
  readonly to:
    | { readonly kind: 'queue'; readonly queue: QueueSettings; readonly groupId?: string }
    | { readonly kind: 'function' }
    | { readonly kind: 'bus'; readonly bus: string }
    /** Nothing arrives there: every event becomes a dead letter at once. */
    | { readonly kind: 'nowhere'; readonly obstacle: Obstacle };
  /** What the target receives of an event. */
  input(event: { readonly text: string; readonly event: unknown }): string;
  readonly deadLetters?: QueueSettings;
  readonly retry: { readonly attempts: number; readonly ageMs: number };
}

export interface Rule {
  readonly arn: string;
  readonly bus: string;
  readonly matches: Pattern;
  /** What an event must have at least to match; absent when that is not known. */
  readonly anchors?: IndexedPattern['anchors'];
  /** When it is due by itself. */
  readonly schedule?: Schedule;
  readonly targets: readonly Target[];
}
