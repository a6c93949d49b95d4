import type { Fragment } from '../../record/fold.ts';
import { type Identifier, logicalId } from '../../record/identity.ts';
import type { TRUST_ORDER } from './rules.ts';

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** What is known of the organisation that a Patient fragment came from. */
export interface Contributor {
  readonly trust: (typeof TRUST_ORDER)[number];
  /** Whether the source is not to be named: what is shown of it was stripped of whatever names it. */
  readonly isHidden?: boolean;
  /** The name that stood when the fragment was recorded. */
  readonly name?: string;
  /** ODS or GSS code. */
  readonly code?: Identifier;
}

/** One contributor's own Patient, current and not retracted. */
export interface PatientSource {
  readonly fragment: Fragment;
  readonly resource: Json;
  readonly contributor: Contributor;
}

/** FHIR logical id of a contributor's own Patient. */
export const sourceId = ({ fragment }: PatientSource): string => logicalId(fragment.subject, fragment.fragmentId);

/** When a source last said so: by its own clock if it tells, else when it came here. Milliseconds since 1970. */
export const freshnessMs = ({ fragment }: PatientSource): number => Date.parse(fragment.sourceTime ?? fragment.recordedAt);
