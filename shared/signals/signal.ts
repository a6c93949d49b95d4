import type { ChangeEvent } from '../changes/envelope.ts';

/** What a subscription is to hear, as it waits to be told. */
export interface Signal {
  readonly event: ChangeEvent;
  /** Whether the organisation may hear of it only because it could until then, or was told what it takes back. */
  readonly formerly: boolean;
  readonly fragmentId?: string;
  /** Milliseconds since the epoch at which the event was put on the bus. */
  readonly announcedAt: number;
  /** Set where it is told again from the archive. */
  readonly replay?: string;
}

/** A signal that has its number: 1, 2, … per subscription, without a gap. */
export interface NumberedSignal extends Signal {
  readonly number: number;
}
