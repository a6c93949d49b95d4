import { createHash } from 'node:crypto';
import { base32Text } from '../../record/base32.ts';
import { type Evidence, type ReviewTask, taskId } from './task.ts';

/** What a rule has found. */
export interface Finding {
  readonly rule: string;
  readonly organisation: string;
  /** Absent where it is about a system, or about something that nobody did. */
  readonly staff?: string;
  readonly staffName?: string;
  readonly role?: string;
  readonly person?: string;
  /** When it happened: ISO 8601 instant, UTC. */
  readonly at: string;
  /** What makes it one finding, beside rule, staff and person: a day, a grant. */
  readonly occasion: string;
  readonly evidence: readonly Evidence[];
}

/** Enough to begin with: the audit itself holds all. */
const MAX_EVIDENCE = 20;

/** The task of a finding. Its name is derived from what was found, so that finding it again is known to be that. */
export function taskOfFinding({ occasion, evidence, ...found }: Finding): ReviewTask {
  const { rule, organisation, staff = '', person = '', at } = found;
  const digest = createHash('sha256')
    .update(JSON.stringify([rule, staff, person, occasion]))
    .digest();
  return {
    id: taskId({ organisation, at, name: base32Text(digest.subarray(0, 10)) }),
    kind: 'finding',
    ...found,
    evidence: evidence.slice(0, MAX_EVIDENCE),
  };
}
