import { createHash } from 'node:crypto';
import { logicalId } from '../record/identity.ts';
import { CATALOGUE } from './catalogue.ts';
import type { Change } from './changes.ts';

/** Source of our events on the bus. */
export const EVENT_SOURCE = 'chesil.record';

/** Where events come from and where their readers go. */
export interface Origin {
  /** `urn:chesil:<deployment>`. */
  readonly source: string;
  /** `https://host/fhir/R4`, where a reader fetches what has changed. */
  readonly fhirUrl: string;
}

/**
 * A change as subscribers hear of it: CloudEvents 1.0 (https://github.com/cloudevents/spec, section "Context Attributes"),
 * with extensions of ours. It tells that something changed and where to fetch it: no clinical content, no NHS number.
 */
export interface ChangeEvent {
  readonly specversion: '1.0';
  /** The same on every retry: whoever hears an id again has heard this before. */
  readonly id: string;
  readonly source: string;
  /** Name and version: `uk.chesil.fragment-created.1`. */
  readonly type: string;
  /** When the contribution was recorded. */
  readonly time: string;
  /** The person, opaque. */
  readonly subject: string;
  /** What to fetch: the very version that the event is about; for persons, the person. */
  readonly dataref: string;
  /** Number of the contribution in the person's record: later ones have higher numbers. */
  readonly sequence: number;
  /** Which of the changes of one contribution that the same organisations may hear of, from 1 … */
  readonly part: number;
  /** … out of so many … */
  readonly parts: number;
  /** … which belong together by this. */
  readonly partof: string;
  /** Organisation whose contribution it was. Absent of a person who is restricted: it tells where they are. */
  readonly contributor?: string;
}

/** A change with the organisations that may hear of it, sorted. */
export interface AddressedChange {
  readonly change: Change;
  readonly audience: readonly string[];
  /** Nobody is to learn where the person is. */
  readonly isRestricted?: boolean;
}

/** What EventBridge carries as the detail of an event: the audience is for rules to match and never reaches a subscriber. */
export interface Announcement {
  readonly change: Change;
  readonly detail: { readonly event: ChangeEvent; readonly audience: readonly string[] };
}

/**
 * The events of one contribution. A change that nobody may hear of has none.
 *
 * Parts are counted among those with the same audience: were they counted over the whole contribution, a subscriber could
 * tell from a gap that something was withheld from it.
 */
export function announcementsOf(changes: readonly AddressedChange[], origin: Origin): readonly Announcement[] {
  const heard = changes.filter(({ audience }) => audience.length > 0);
  const groups = new Map<string, { parts: number; part: number; partof: string }>();
  const groupOf = ({ change, audience }: AddressedChange) => {
    const key = audience.join();
    let group = groups.get(key);
    if (group === undefined) {
      group = { parts: 0, part: 0, partof: eventId([origin.source, change.subject, change.sequence, 'parts', key]) };
      groups.set(key, group);
    }
    return group;
  };
  for (const change of heard) groupOf(change).parts++;
  return heard.map((addressed) => {
    const { change, audience } = addressed;
    const group = groupOf(addressed);
    group.part++;
    return { change, detail: { event: eventOf(addressed, origin, group), audience } };
  });
}

function eventOf(
  { change, isRestricted = false }: AddressedChange,
  { source, fhirUrl }: Origin,
  { part, parts, partof }: { part: number; parts: number; partof: string },
): ChangeEvent {
  const { name, subject, sequence, recordedAt, contributor } = change;
  const what = 'fragment' in change ? change.fragment.fragmentId : 'link';
  return {
    specversion: '1.0',
    id: eventId([source, subject, sequence, name, what]),
    source,
    type: `uk.chesil.${name}.${CATALOGUE[name].version}`,
    time: recordedAt,
    subject,
    dataref: `${fhirUrl}/${referenceOf(change)}`,
    sequence,
    part,
    parts,
    partof,
    ...(isRestricted ? {} : { contributor }),
  };
}

function referenceOf(change: Change): string {
  if (!('fragment' in change)) return `Patient/${change.subject}`;
  const { type, fragmentId, version } = change.fragment;
  return `${type}/${logicalId(change.subject, fragmentId)}/_history/${version}`;
}

/** The id of an event: a UUID (RFC 9562, section 5.8: version 8) out of what it names, so that it is the same on every retry. */
export function eventId(parts: readonly (string | number)[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
