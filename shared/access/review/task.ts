import type { Grant } from '../grants.ts';

/** What is put before a privacy officer: a glass that was broken, a relationship that was claimed, or what the review of the audit found. */
export type TaskKind = 'break-glass' | 'claim' | 'finding';

/** What a privacy officer can say of it. */
export const REVIEW_OUTCOMES = ['justified', 'concern', 'false-positive'] as const;
export type ReviewOutcome = (typeof REVIEW_OUTCOMES)[number];

/** What a privacy officer said of a task. Later ones stand beside earlier ones; the last counts. */
export interface Review {
  /** ISO 8601 instant, UTC. */
  readonly at: string;
  readonly outcome: ReviewOutcome;
  readonly note: string;
  /** Who reviewed, as `Viewer.staff`, with what the provider calls them, and for which organisation. */
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

/** A question to the privacy officer of an organisation about what one member of staff did. */
export interface ReviewTask {
  /** FHIR id: `<organisation>.<instant>.<name>`. Names nobody. */
  readonly id: string;
  readonly kind: TaskKind;
  /** For whom the member of staff acted, and whose privacy officer is asked. */
  readonly organisation: string;
  /** When what it is about happened: ISO 8601 instant, UTC. */
  readonly at: string;
  /** Absent where it is about how somebody looks at records, whosever they are. */
  readonly person?: string;
  /** As `Viewer.staff`, with what the provider calls them and the role in which they acted. */
  readonly staff: string;
  readonly staffName?: string;
  readonly role: string;
  /** The reason that was given, of a grant. */
  readonly reason?: Grant['reason'];
  readonly grant?: { readonly id: string; readonly until: string };
  /** The rule that found it, of a finding. */
  readonly rule?: string;
  readonly evidence: readonly Evidence[];
}

/** A task with what was said of it so far, oldest first. */
export interface ReviewedTask extends ReviewTask {
  readonly reviews: readonly Review[];
}

/** Parts of a task's id. */
export interface TaskName {
  readonly organisation: string;
  readonly at: string;
  /** 16 characters of base32. */
  readonly name: string;
}

/** At most 20 + 17 + 16 characters and two dots: FHIR allows 64. */
export const taskId = ({ organisation, at, name }: TaskName): string =>
  `${organisation}.${new Date(at).toISOString().replace(/\D/g, '')}.${name}`;

const TASK_ID = /^([a-z][a-z0-9-]{1,19})\.(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})\.([a-z2-7]{16})$/;

/** Reads an id that we minted; `undefined` for any other text. */
export function parseTaskId(id: string): TaskName | undefined {
  const parts = TASK_ID.exec(id);
  if (parts === null) return undefined;
  const [, organisation = '', year, month, day, hours, minutes, seconds, milliseconds, name = ''] = parts;
  return { organisation, at: `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${milliseconds}Z`, name };
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
