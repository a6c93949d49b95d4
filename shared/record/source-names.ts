import type { Identity, Subject } from './identity.ts';

/**
 * What one source calls its resources. A name belongs to an organisation, to the source (one of its systems) and to a base:
 * the laboratory's `Observation/1` is not the patient system's.
 */
export interface OwnName {
  /** Short name of the source within its organisation, from the settings. */
  readonly source: string;
  /** Address that the id is relative to; absent for an id without one, and for the base that the settings declare. */
  readonly base?: string;
  /** Logical id that the source gave. */
  readonly id: string;
}

/** The source of a client whose settings name none. */
export const DEFAULT_SOURCE = 'main';

const SOURCE_NAME = /^[a-z][a-z0-9-]{1,19}$/;

/** Whether a text can be the name of a source: a slug of 2 to 20 characters. */
export const isSourceName = (text: string): boolean => SOURCE_NAME.test(text);

/** System of the identifiers under which names of a source are looked up. */
const OWN_NAME = 'urn:chesil:source-id';

const keyOf = ({ source, base = '', id }: OwnName): string => JSON.stringify(['id', source, base, id]);

/** Id of the fragment that a source calls by its own id, within its subject. */
export const ownFragmentId = (identity: Identity, owner: string, type: string, name: OwnName): string =>
  identity.fragment(owner, type, keyOf(name));

/**
 * Key of the alias item that leads from a source's own id to the subject whose partition holds the fragment. A Patient's
 * leads to the person.
 */
export const ownAlias = (identity: Identity, owner: string, type: string, name: OwnName): Subject =>
  identity.person({ system: OWN_NAME, value: JSON.stringify([type, keyOf(name)]) }, owner);
