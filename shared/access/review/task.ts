import type { Grant } from '../grants.ts';
import type { Office, TaskKind } from './task-kinds.ts';

export type { Office, TaskKind } from './task-kinds.ts';

/** What an office said of a task. Later ones stand beside earlier ones; the last counts. */
export interface Review {
  /** ISO 8601 instant, UTC. */
  readonly at: string;
  /** One of the outcomes of the task's kind. */
  readonly outcome: string;
  readonly note: string;
  /** Who answered, as `Viewer.staff`, with what the provider calls them, and for which organisation. */
  readonly staff: string;
  readonly name?: string;
  readonly organisation: string;
}

/** An entry of the audit that a finding stands on: its keys. */
export interface Evidence {
  readonly person: string;
  /** Sort key of the audit: instant and id. */
  readonly access: string;
}

/** What a task of a records office is about, by ids that name nobody. */
export interface TaskSubject {
  /** Another person: of two who may be one, or whose record holds the fragments. */
  readonly otherPerson?: string;
  /** Fragments of the asked organisation, as `Type/<logical id>`. */
  readonly fragments?: readonly string[];
  /** How many fragments there are, where the list is cut. */
  readonly fragmentCount?: number;
  /** The organisation that said what is asked about, by its internal id. */
  readonly saidBy?: string;
  /** Short name of the asked organisation's source. */
  readonly source?: string;
}

/** A question to an office of an organisation: about what somebody did with a record, or about whose record it is. */
export interface ReviewTask {
  /** FHIR id: see `taskId`. Names nobody. */
  readonly id: string;
  readonly kind: TaskKind;
  /** For whom the member of staff acted; the organisation whose office is asked. */
  readonly organisation: string;
  /** When what it is about happened: ISO 8601 instant, UTC. */
  readonly at: string;
  /** Absent where it is about how somebody looks at records, whosever they are. */
  readonly person?: string;
  /** Of a deed: as `Viewer.staff`, with what the provider calls them and the role in which they acted. Absent where a system did it. */
  readonly staff?: string;
  readonly staffName?: string;
  readonly role?: string;
  /** The reason that was given, of a grant. */
  readonly reason?: Grant['reason'];
  readonly grant?: { readonly id: string; readonly until: string };
  /** The rule that found it, of a finding. */
  readonly rule?: string;
  readonly evidence: readonly Evidence[];
  /** Of a task of a records office. */
  readonly about?: TaskSubject;
  /** By when it is to be answered: ISO 8601 instant, UTC. */
  readonly dueAt?: string;
}

/** A task with what was said of it so far, oldest first. */
export interface ReviewedTask extends ReviewTask {
  readonly reviews: readonly Review[];
}

/** Parts of a task's id. */
export interface TaskName {
  readonly organisation: string;
  readonly office: Office;
  readonly at: string;
  /** 16 characters of base32. */
  readonly name: string;
}

/**
 * The id of a task: organisation, office (the privacy office goes without saying), instant, name. At most 20 + 8 + 17 + 16 characters
 * and two dots: FHIR allows 64.
 */
export const taskId = ({ organisation, office = 'privacy', at, name }: Omit<TaskName, 'office'> & Partial<TaskName>): string =>
  `${organisation}${office === 'privacy' ? '' : `.${office}`}.${new Date(at).toISOString().replace(/\D/g, '')}.${name}`;

const TASK_ID = /^([a-z][a-z0-9-]{1,19})(\.records)?\.(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})\.([a-z2-7]{16})$/;

/** Reads an id that we minted; `undefined` for any other text. */
export function parseTaskId(id: string): TaskName | undefined {
  const parts = TASK_ID.exec(id);
  if (parts === null) return undefined;
  const [, organisation = '', records, year, month, day, hours, minutes, seconds, milliseconds, name = ''] = parts;
  const at = `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${milliseconds}Z`;
  return { organisation, office: records === undefined ? 'privacy' : 'records', at, name };
}

/** The review task of a grant: whoever lets themselves in is asked why. */
export function taskOfGrant(grant: Grant, staffName: string | undefined): ReviewTask {
  const { id, kind, organisation, from, person, staff, role, reason, until } = grant;
  return {
    id: taskId({ organisation, at: from, name: id }),
    kind: kind === 'claimed' ? 'claim' : kind,
    organisation,
    at: from,
    person,
    staff,
    ...(staffName === undefined ? {} : { staffName }),
    role,
    reason,
    grant: { id, until },
    evidence: [],
  };
}
