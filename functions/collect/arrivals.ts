import type { SQSRecord } from 'aws-lambda';
import type { AnnouncementDetail } from '../../shared/changes/announcement.ts';
import type { Signal } from '../../shared/signals/signal.ts';

/** What the bus put into the queue for one subscription. */
export interface Arrival {
  readonly detail: AnnouncementDetail;
  /** Name of the replay of the archive, where it is told again. */
  readonly replay?: string;
  /** Milliseconds since the epoch at which the bus put it into the queue. */
  readonly announcedAt: number;
}

/**
 * Reads a message that a rule of the bus has sent.
 * @throws Error for anything but an announcement of a version that is known here: what it means must not be guessed at
 */
export function arrivalOf({ body, attributes }: SQSRecord): Arrival {
  const message = JSON.parse(body) as { readonly detail?: unknown; readonly 'replay-name'?: unknown } | null;
  const detail = message?.detail;
  if (!isAnnouncement(detail)) throw new Error('a message is no announcement');
  const replay = message?.['replay-name'];
  return {
    detail,
    announcedAt: Number(attributes.SentTimestamp),
    ...(typeof replay === 'string' ? { replay } : {}),
  };
}

const TEXTS = ['id', 'source', 'type', 'time', 'subject', 'dataref', 'sequence', 'partof'] as const;
const LISTS = ['audience', 'formerly'] as const;

function isAnnouncement(detail: unknown): detail is AnnouncementDetail {
  if (!isObject(detail) || !isObject(detail.event) || !isObject(detail.routing)) return false;
  const { event, routing } = detail;
  return (
    event.specversion === '1.0' &&
    TEXTS.every((name) => typeof event[name] === 'string') &&
    LISTS.every((name) => Array.isArray(detail[name])) &&
    Array.isArray(routing.eventType)
  );
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** What an organisation is to hear of it, as it waits to be told. */
export function signalOf({ detail, replay, announcedAt }: Arrival, organisation: string): Signal {
  const { event, formerly, fragmentId } = detail;
  return {
    event,
    formerly: formerly.includes(organisation),
    ...(fragmentId === undefined ? {} : { fragmentId }),
    announcedAt,
    ...(replay === undefined ? {} : { replay }),
  };
}
