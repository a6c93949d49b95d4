import { isPersonId } from '../record/identity.ts';
import type { AnnouncementDetail } from './announcement.ts';
import { PARTNER_ROWS } from './catalogue/partners.ts';
import { type ChangeEvent, eventId, type Origin, placeAt } from './envelope.ts';
import type { ChangeType } from './row.ts';

/** What is told of an organisation, and of nobody's record. */
export type OrganisationChangeName = keyof typeof PARTNER_ROWS;

/** Something that happened to an organisation, or to what it has with us. */
export interface OrganisationChange {
  readonly name: OrganisationChangeName;
  /** Its internal id. */
  readonly organisation: string;
  /** ISO 8601 instant at which it happened. */
  readonly at: string;
  /** Tells this occasion from others of its name: the same on every retry. */
  readonly occasion: string;
  /** What to fetch, below the FHIR base: `Organization/$feeds`. */
  readonly reference: string;
  /** Organisations that are to hear of it, by their current ids. */
  readonly audience: readonly string[];
}

const SUBJECT_PREFIX = 'urn:chesil:organisation:';

/** The `subject` of what is told of an organisation: no reader takes it for a person. */
export const organisationSubject = (organisation: string): string => `${SUBJECT_PREFIX}${organisation}`;

/** Whether an event is about a person, so that who may hear of it depends on their record. What is told of organisations, everybody named in its audience may hear. */
export const isAboutPerson = ({ subject }: Pick<ChangeEvent, 'subject'>): boolean => isPersonId(subject);

interface Row extends ChangeType {
  readonly corrects?: readonly OrganisationChangeName[];
}

/** Their rows of the catalogue. */
export const ORGANISATION_CHANGES: Readonly<Record<OrganisationChangeName, Row>> = PARTNER_ROWS;

/** The event that tells of it. It is no part of a contribution: a whole by itself. */
export function organisationEvent(change: OrganisationChange, { source, fhirUrl }: Origin): ChangeEvent {
  const { name, organisation, at, occasion, reference } = change;
  const subject = organisationSubject(organisation);
  const id = eventId([source, subject, name, occasion]);
  return {
    specversion: '1.0',
    id,
    source,
    type: `uk.chesil.${name}.${ORGANISATION_CHANGES[name].version}`,
    time: at,
    subject,
    dataref: `${fhirUrl}/${reference}`,
    sequence: placeAt(at),
    part: 1,
    parts: 1,
    partof: eventId([source, subject, 'parts', name, occasion]),
  };
}

/** The event with what the rules of subscriptions choose by: its name, its urgency, and the organisation as its source. */
export function organisationAnnouncement(change: OrganisationChange, origin: Origin): AnnouncementDetail {
  const { name, organisation, audience } = change;
  // Whoever asked to hear of what it takes back hears of it too.
  const names = [name, ...(ORGANISATION_CHANGES[name].corrects ?? [])];
  return {
    event: organisationEvent(change, origin),
    audience: [...new Set(audience)].sort(),
    formerly: [],
    routing: {
      eventType: names,
      urgency: [...new Set(names.map((each) => ORGANISATION_CHANGES[each].urgency))],
      section: [],
      source: [organisation],
      generalpractitioner: [],
    },
  };
}
