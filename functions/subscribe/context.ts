import type { Replays } from '../../shared/bus/replays.ts';
import type { Rules } from '../../shared/bus/rules.ts';
import type { Directory } from '../../shared/directory/directory.ts';
import type { Caller, HttpRequest } from '../../shared/lambda/http.ts';
import type { Identity } from '../../shared/record/identity.ts';
import type { Channels, Place } from '../../shared/signals/channels.ts';
import type { Hearing } from '../../shared/signals/hearing.ts';
import type { SigningSecrets } from '../../shared/signals/signing-secrets.ts';
import type { SignalLog } from '../../shared/store/signals/log/log.ts';
import type { Panels } from '../../shared/store/signals/panels.ts';
import type { Subscriptions } from '../../shared/store/signals/subscriptions.ts';

/** What the routes of `subscribe` work with. */
export interface SubscribeDependencies {
  readonly subscriptions: Subscriptions;
  readonly panels: Panels;
  readonly log: SignalLog;
  readonly rules: Rules;
  readonly replays: Replays;
  readonly secrets: SigningSecrets;
  /** Has `deliver` look after a subscription. */
  readonly wake: (id: string) => Promise<void>;
  readonly hearing: Hearing;
  readonly directory: Directory;
  readonly channels: readonly Channels[];
  readonly place: Place;
  readonly identity: Identity;
  /** Seals the addresses of pages. */
  readonly cursorKey: Uint8Array;
  /** Rules that the bus takes at most. */
  readonly mostRules: number;
  /** A UUID. */
  readonly newId: () => string;
  readonly now: () => Date;
}

/** A request by the system of an organisation. */
export interface SubscribeRequest extends HttpRequest {
  readonly caller: Caller;
  /** ISO 8601 instant of the request. */
  readonly at: string;
}
