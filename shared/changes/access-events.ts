import type { ReviewTask, TaskKind } from '../access/review/task.ts';
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

/** What privacy offices hear of, by the kind of task that it asks them to do. */
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
};

/**
 * What a privacy office receives: CloudEvents 1.0 with a reference to the task, and the organisation. No person, no member of staff, no reason: whoever reads
 * the queue of an office may be no officer.
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
  /** For whom the member of staff acted. */
  readonly organisation: string;
}

/** An event with the organisations whose privacy offices hear it, which never reaches them. */
export interface AccessAnnouncement {
  readonly name: string;
  readonly detail: { readonly event: AccessEvent; readonly audience: readonly string[] };
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
  return { name, detail: { event, audience: [...new Set([organisation, lead])].sort() } };
}
