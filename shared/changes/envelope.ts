import { createHash } from 'node:crypto';
import type { FragmentVersion } from '../record/contribution.ts';
import { logicalId } from '../record/identity.ts';
import { uuidOf } from '../record/uuid.ts';
import type { VersionNames } from '../record/version-names.ts';
import { type AnnouncementDetail, UNTOLD } from './announcement.ts';
import { CATALOGUE } from './catalogue.ts';
import type { Change } from './changes.ts';
import { closesRecord } from './closing.ts';

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
  /** What to fetch: the very version that the event is about, by its opaque name; for persons, the person. */
  readonly dataref: string;
  /**
   * Its place among the events of the person, in digits: later ones come later in the order of text (CloudEvents, extension "Sequence"). It is made of the time,
   * so that no gap tells of contributions that may not be known.
   */
  readonly sequence: string;
  /** Which of the changes of one contribution that the same organisations may hear of, from 1 … */
  readonly part: number;
  /** … out of so many … */
  readonly parts: number;
  /** … which belong together by this. */
  readonly partof: string;
  /** Organisation whose contribution it was. Absent of a person who is restricted, for it tells where they are; and of what concerns the person as a whole. */
  readonly contributor?: string;
}

/** A change with the organisations that may hear of it, and what the rules of their subscriptions choose by. */
export interface AddressedChange {
  readonly change: Change;
  /** By their current ids, sorted. */
  readonly audience: readonly string[];
  /** Those of the audience that may hear of it only because they could until now, or were told what it takes back. */
  readonly formerly?: readonly string[];
  /** Nobody is to learn where the person is. */
  readonly isRestricted?: boolean;
  /** Practices with which the person is, or was while what it takes back was told, registered. */
  readonly practices?: readonly string[];
  /** Sections in which it stood before, where it is taken back. */
  readonly sections?: readonly string[];
  /** Other ids of the person. */
  readonly otherIds?: readonly string[];
  /** Changes of one contribution that are of one kind go to the same organisations. It follows from nothing but what all of those may see. */
  readonly kind?: string;
}

/** An event as it goes to EventBridge. */
export interface Announcement {
  readonly change: Change;
  readonly detail: AnnouncementDetail;
}

/** Which of the changes that belong together an event is. */
interface Part {
  part: number;
  parts: number;
  readonly partof: string;
}

/**
 * The events of one contribution. A change that nobody may hear of has none.
 *
 * Parts are counted among those of one kind with the same audience: were they counted over the whole contribution, a subscriber could tell from a gap that
 * something was withheld from it; were they counted by audience alone, it could tell from how they are grouped what others may hear.
 * @param names of versions, and of events: the number of a version could be found from an id that is made of it
 */
export function announcementsOf(
  changes: readonly AddressedChange[],
  origin: Origin,
  names: VersionNames,
): readonly Announcement[] {
  const heard = changes.filter(({ audience }) => audience.length > 0);
  const groups = new Map<string, Part>();
  const groupOf = ({ change, audience, kind = '' }: AddressedChange): Part => {
    const key = `${kind}\n${audience.join()}`;
    const known = groups.get(key);
    if (known !== undefined) return known;
    const partof = names.event([origin.source, change.subject, change.recordedAt, 'parts', change.name, change.what]);
    const group = { parts: 0, part: 0, partof };
    groups.set(key, group);
    return group;
  };
  for (const change of heard) groupOf(change).parts++;
  return heard.map((addressed) => {
    const group = groupOf(addressed);
    group.part++;
    return { change: addressed.change, detail: detailOf(addressed, eventOf(addressed, { ...origin, names }, group)) };
  });
}

function detailOf(addressed: AddressedChange, event: ChangeEvent): AnnouncementDetail {
  const { change, audience, formerly = [], isRestricted = false, practices = [], sections = [], otherIds = [] } = addressed;
  const names = [change.name, ...change.corrects];
  const fragmentId = fragmentOf(change)?.fragmentId;
  return {
    event,
    audience,
    formerly,
    routing: {
      eventType: names,
      urgency: [...new Set(names.map((name) => CATALOGUE[name].urgency))],
      section: [...new Set([change.section, ...sections])].sort(),
      source: namesNobody(addressed) ? [UNTOLD] : [change.contributor],
      generalpractitioner: isRestricted ? [UNTOLD] : practices,
    },
    ...(otherIds.length === 0 ? {} : { otherIds }),
    ...(fragmentId === undefined ? {} : { fragmentId }),
  };
}

function eventOf(
  addressed: AddressedChange,
  { source, fhirUrl, names }: Origin & { readonly names: VersionNames },
  { part, parts, partof }: Part,
): ChangeEvent {
  const { change } = addressed;
  const { name, subject, recordedAt, contributor } = change;
  return {
    specversion: '1.0',
    id: names.event([source, subject, recordedAt, name, change.what]),
    source,
    type: `uk.chesil.${name}.${CATALOGUE[name].version}`,
    time: recordedAt,
    subject,
    dataref: `${fhirUrl}/${referenceOf(change, names)}`,
    sequence: placeAt(recordedAt),
    part,
    parts,
    partof,
    ...(namesNobody(addressed) ? {} : { contributor }),
  };
}

/**
 * Whether it is not to be told who contributed: it would say where a restricted person is. Of what concerns the person as a whole it is not told either, for
 * whoever hears of that may see nothing at all of that contributor's.
 */
const namesNobody = ({ change, isRestricted = false }: AddressedChange): boolean =>
  isRestricted || fragmentOf(change) === undefined;

/** The fragment that a change is told with; what closes a record is told of the person alone. */
export const fragmentOf = (change: Change): FragmentVersion | undefined =>
  'fragment' in change && !closesRecord(change.name) ? change.fragment : undefined;

/** Whether a change takes back or corrects what was told before: then everybody who was told is told this. */
export const takesBack = (change: Change): boolean => change.corrects.length > 0 || fragmentOf(change)?.action === 'retracted';

function referenceOf(change: Change, names: VersionNames): string {
  const fragment = fragmentOf(change);
  if (fragment === undefined) return `Patient/${change.subject}`;
  const { type, fragmentId, version } = fragment;
  const { subject } = change;
  return `${type}/${logicalId(subject, fragmentId)}/_history/${names.version({ subject, fragmentId, version })}`;
}

/** What comes later has a place that is later. @param at ISO 8601 instant: of a person, no two contributions are recorded at the same */
export const placeAt = (at: string): string => String(Date.parse(at));

/**
 * The id of an event that is about no person: a UUID out of what it names, so that it is the same on every retry. Who knows all
 * that it is made of can make it too.
 */
export const eventId = (parts: readonly (string | number)[]): string =>
  uuidOf(createHash('sha256').update(JSON.stringify(parts)).digest());
