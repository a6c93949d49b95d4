import type { ReviewTask } from '../access/review/task.ts';
import { type Office, officeOf, type TaskKind } from '../access/review/task-kinds.ts';
import type { Urgency } from './catalogue.ts';
import { eventId, type Origin } from './envelope.ts';

/** Source, on the bus, of what is told of access itself. */
export const ACCESS_EVENT_SOURCE = 'chesil.access';

/** A kind of event about access. */
export interface AccessEventType {
  readonly name: string;
  /** A change that old readers would misread takes a new version beside the old one. */
  readonly version: number;
  readonly urgency: Urgency;
  readonly meaning: string;
}

/** What offices hear of, by the kind of task. */
export const ACCESS_EVENTS: Readonly<Record<TaskKind, AccessEventType>> = {
  'break-glass': {
    name: 'break-glass-used',
    version: 1,
    urgency: 'A',
    meaning: 'A member of staff broke the glass: they opened a record to themselves in an emergency.',
  },
  claim: {
    name: 'relationship-claimed',
    version: 1,
    urgency: 'C',
    meaning: 'A member of staff claimed to care for a person whom the record does not show in their care.',
  },
  finding: {
    name: 'finding-raised',
    version: 1,
    urgency: 'C',
    meaning: 'The review of the audit found a look at a record that somebody should ask about.',
  },
  'possible-duplicate': {
    name: 'possible-duplicate-found',
    version: 1,
    urgency: 'C',
    meaning: 'A source’s Patient leads to two records, which may be of one person. Nothing was joined.',
  },
  'number-corrected': {
    name: 'number-corrected',
    version: 1,
    urgency: 'A',
    meaning: 'A source gave its patient another NHS number: what it sent under the old one is about somebody else.',
  },
  'link-without-effect': {
    name: 'link-without-effect',
    version: 1,
    urgency: 'C',
    meaning: 'Another organisation says that its patient replaces one of this organisation’s. Nothing was joined.',
  },
  'unstable-ids': {
    name: 'unstable-ids',
    version: 1,
    urgency: 'C',
    meaning: 'A source gave the same things new ids: they stand in records twice.',
  },
};

/**
 * What an office receives: CloudEvents 1.0 with a reference to the task, and the organisation. No person, no member of staff, no reason:
 * the queue of an office may be read by somebody who is no officer.
 */
export interface AccessEvent {
  readonly specversion: '1.0';
  /** The same on every retry. */
  readonly id: string;
  readonly source: string;
  /** Name and version: `uk.chesil.break-glass-used.1`. */
  readonly type: string;
  /** When it happened. */
  readonly time: string;
  /** The review task, for those who may read it. */
  readonly dataref: string;
  /** For whom the member of staff acted; the organisation that is asked. */
  readonly organisation: string;
}

/** An event with the offices that hear it, by office and organisation: those two never reach them. */
export interface AccessAnnouncement {
  readonly name: string;
  readonly detail: { readonly event: AccessEvent; readonly office: Office; readonly audience: readonly string[] };
}

/** The event that tells of a task. @param lead the organisation that oversees all others */
export function announcementOfTask(
  { id, kind, at, organisation }: ReviewTask,
  { source, fhirUrl }: Origin,
  lead: string,
): AccessAnnouncement {
  const { name, version } = ACCESS_EVENTS[kind];
  const event: AccessEvent = {
    specversion: '1.0',
    id: eventId([source, 'access', id]),
    source,
    type: `uk.chesil.${name}.${version}`,
    time: at,
    dataref: `${fhirUrl}/Task/${id}`,
    organisation,
  };
  return { name, detail: { event, office: officeOf(kind), audience: [...new Set([organisation, lead])].sort() } };
}
