import type { ChangeEvent } from './envelope.ts';

/** What stands in {@link Routing} for what may not be told of a restricted person: every filter lets it through, so that none tells where they are. */
export const UNTOLD = '*';

/**
 * What the rules of subscriptions choose by. It never reaches a subscriber.
 *
 * Each is a list, for EventBridge matches any element of one.
 */
export interface Routing {
  /** Name of the change first; then the names of those that it takes back or corrects. */
  readonly eventType: readonly string[];
  /** Of the change, and of those that it takes back or corrects. */
  readonly urgency: readonly string[];
  /** Sections of the record that it is about. */
  readonly section: readonly string[];
  /** Organisations that contributed it, or {@link UNTOLD}. */
  readonly source: readonly string[];
  /** Practices with which the person is registered, or was until now: ids of organisations, codes of those that are no partners, or {@link UNTOLD}. */
  readonly generalpractitioner: readonly string[];
}

/** What EventBridge carries as the detail of an event. Only `event` ever reaches a subscriber. */
export interface AnnouncementDetail {
  readonly event: ChangeEvent;
  /** Every organisation that may hear of it, by its current id, sorted. */
  readonly audience: readonly string[];
  /**
   * Those of the audience that may hear of it only because they could until now, or were told what it takes back; with whoever they took over from, whose
   * subscriptions go on.
   */
  readonly formerly: readonly string[];
  readonly routing: Routing;
  /** Other ids of the person, whose records are read with this one: a panel may know them by any. */
  readonly otherIds?: readonly string[];
  /** The fragment that it is about, in the partition of `event.subject`; by it, deliver decides again who may hear. */
  readonly fragmentId?: string;
}
