import type { AnnouncementDetail } from '../../shared/changes/announcement.ts';
import type { ChangeEvent } from '../../shared/changes/envelope.ts';
import type { NumberedSignal } from '../../shared/signals/signal.ts';
import type { Subscription } from '../../shared/signals/subscription.ts';
import type { LogState } from '../../shared/store/signals/log/log.ts';

/** A subscription, and where what it is to hear stands. */
export interface Watched {
  readonly subscription: Subscription;
  readonly state: LogState;
}

/** `uk.chesil.admission-cancelled.1` → `admission cancelled` */
const kindOf = ({ type }: ChangeEvent): string =>
  type
    .replace(/^uk\.chesil\./, '')
    .replace(/\.\d+$/, '')
    .replaceAll('-', ' ');

/** Persons go by their opaque id: it says nothing to whoever has no token. */
const aboutOf = ({ subject, time }: ChangeEvent): string => `${subject}, ${time}`;

const timeOf = (atMs: number): string => new Date(atMs).toLocaleTimeString('en-GB', { timeZone: 'Europe/London', hour12: false });

/** What was announced, and who may hear of it. */
export function announcedLines({ event, audience, formerly, routing }: AnnouncementDetail): string[] {
  const [urgency = '?'] = routing.urgency;
  const from = event.contributor === undefined ? '' : `, told by ${event.contributor}`;
  const until = formerly.length === 0 ? '' : `; because they could until now, or were told before: ${formerly.join(' ')}`;
  return [
    `${timeOf(Date.parse(event.time))}  ${kindOf(event)} (${urgency}): ${aboutOf(event)}${from}`,
    `          may hear: ${audience.join(' ')}${until}`,
  ];
}

const nameOf = ({ organisation, id, channel }: Subscription): string =>
  `${organisation} (${channel.type === 'message' ? 'message' : 'rest-hook'}, ${id.slice(0, 8)})`;

/** A signal that has reached its subscriber. */
export const heardLine = ({ subscription }: Watched, { event, number }: NumberedSignal): string =>
  `          → ${nameOf(subscription)} heard #${number}: ${kindOf(event)}, ${aboutOf(event)}`;

/** How a subscription stands. */
export function standingLine({ subscription, state }: Watched, nowMs: number): string {
  const { status, error, criteria } = subscription;
  const behind = state.lastNumber - state.ackedTo;
  return [
    `          ${nameOf(subscription)} is ${status}${error === undefined ? '' : ` (${error})`}`,
    behind === 0 ? `has heard all ${state.lastNumber}` : `is ${behind} behind, at #${state.ackedTo} of ${state.lastNumber}`,
    ...(state.failingSince === undefined ? [] : [failing(state, nowMs)]),
    criteria,
  ].join('; ');
}

function failing({ failingSince = 0, attempts, nextAttemptAt }: LogState, nowMs: number): string {
  const next = nextAttemptAt === undefined ? '' : `, next in ${Math.max(0, Math.round((nextAttemptAt - nowMs) / 1_000))} s`;
  return `does not answer since ${timeOf(failingSince)}, ${attempts} attempts${next}`;
}

/** Whether somebody who looks on would want to hear how it stands: it is new, or its status has changed, or it has begun or ceased to fail. */
export const hasTurned = (before: Watched | undefined, now: Watched): boolean =>
  before === undefined ||
  before.subscription.version !== now.subscription.version ||
  before.state.failingSince !== now.state.failingSince;
