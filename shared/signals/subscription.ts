/** Where a subscription stands: FHIR R4, SubscriptionStatus. */
export type SubscriptionStatus = 'requested' | 'active' | 'error' | 'off';

/** `application/json` is a CloudEvent; `application/fhir+json` a Bundle of the R4 backport, as the Multicast Notification Service sends it. */
export type PayloadType = 'application/json' | 'application/fhir+json';

/** Where signals go: to a queue or an event bus by its ARN, or to an HTTPS address. */
export interface Channel {
  readonly type: 'message' | 'rest-hook';
  readonly endpoint: string;
  readonly payload: PayloadType;
}

/** An organisation's standing request to hear of changes. */
export interface Subscription {
  /** A UUID; names its rule and its secret too. */
  readonly id: string;
  /** Internal id of the organisation that asked for it, and that alone sees it. */
  readonly organisation: string;
  /** The client that asked. */
  readonly client: string;
  readonly status: SubscriptionStatus;
  /** Why it is in error or off, in words that its owner can act on. */
  readonly error?: string;
  readonly reason: string;
  /** As it was sent. */
  readonly criteria: string;
  /** Group whose members alone it is about: the id in `person='Group/<id>'`. */
  readonly panel?: string;
  readonly channel: Channel;
  /** ISO 8601 instant after which nothing more is sent. */
  readonly end?: string;
  /** Seconds of silence after which a heartbeat is sent. */
  readonly heartbeatSeconds?: number;
  /** Most signals a second that its owner wants. */
  readonly ratePerSecond?: number;
  /** ISO 8601 instants. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** 1, 2, …: the FHIR version id; each write is conditional on it. */
  readonly version: number;
}

/** What the owner of a subscription reads that has ended by itself. */
export const ENDED_TEXT =
  'It has ended: the instant that its `end` gives has passed. To hear more, set status to requested with a later end, or without one.';
