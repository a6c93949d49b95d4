import { createHmac, createSecretKey } from 'node:crypto';
import { base32Text } from './base32.ts';

/** The key of a partition of the record: a personId or an organisation id. */
export type Subject = string;

/** A business identifier: FHIR `Identifier.system` and `Identifier.value`. */
export interface Identifier {
  readonly system: string;
  readonly value: string;
}

const PERSON_ID = /^[a-z2-7]{26}$/;
const FRAGMENT_ID = /^[a-z2-7]{16}$/;
const ORGANISATION_ID = /^[a-z][a-z0-9-]{1,19}$/;

/** Names of persons and fragments, derived from a secret so that nobody can turn them back into an NHS number. */
export interface Identity {
  /**
   * The opaque id of a person: 26 characters of base32.
   * `owner` is given for an identifier that is only unique within one organisation; a national identifier has none.
   */
  person(identifier: Identifier, owner?: string): string;
  /** The id of a fragment within its subject, 16 characters of base32. `source` names it within its owner and type. */
  fragment(owner: string, type: string, source: string): string;
}

/** @param secret the deployment's identity key: at least 32 bytes. It can never change: every id is derived from it. */
export function createIdentity(secret: Uint8Array): Identity {
  if (secret.byteLength < 32) throw new RangeError('the identity key must have at least 32 bytes');
  // A key that is prepared once: preparing it costs five times what a name does.
  const key = createSecretKey(secret);
  const name = (length: number, parts: readonly string[]) => {
    const digest = createHmac('sha256', key).update(JSON.stringify(parts)).digest();
    return base32Text(digest).slice(0, length);
  };
  return {
    person: ({ system, value }, owner) =>
      name(26, owner === undefined ? ['person', system, value] : ['person', system, value, owner]),
    fragment: (owner, type, source) => name(16, ['fragment', owner, type, source]),
  };
}

/** Whether a subject is a person (else it is an organisation). */
export const isPersonId = (subject: Subject): boolean => PERSON_ID.test(subject);

/** Whether a text can be the internal id of an organisation: a slug of 2 to 20 characters, never mistaken for a personId. */
export const isOrganisationId = (text: string): boolean => ORGANISATION_ID.test(text);

/** What a FHIR logical id names: a whole person, or one fragment of a subject. */
export interface LogicalId {
  readonly subject: Subject;
  readonly fragmentId?: string;
}

/** FHIR logical id of a fragment: `<subject>.<fragmentId>`, at most 43 of the 64 characters that FHIR allows. */
export const logicalId = (subject: Subject, fragmentId: string): string => `${subject}.${fragmentId}`;

/** Reads an id that we minted; `undefined` for any other text. */
export function parseLogicalId(id: string): LogicalId | undefined {
  if (PERSON_ID.test(id)) return { subject: id };
  const dot = id.lastIndexOf('.');
  if (dot < 0) return undefined;
  const subject = id.slice(0, dot);
  const fragmentId = id.slice(dot + 1);
  if (!FRAGMENT_ID.test(fragmentId) || !(PERSON_ID.test(subject) || ORGANISATION_ID.test(subject))) return undefined;
  return { subject, fragmentId };
}
