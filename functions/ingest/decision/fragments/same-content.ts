import type { Json } from '../../../../shared/fhir/references.ts';
import type { FragmentDraft } from '../../../../shared/record/draft.ts';
import type { Fragment } from '../../../../shared/record/fold.ts';

/** What resolving writes into a Reference. */
const RESOLVED = ['reference', 'type', 'identifier'];

/**
 * Whether a draft and the current version say the same apart from how their references are resolved: what is referred to may have
 * arrived in between.
 */
export function sameButForReferences({ content }: FragmentDraft, current: Fragment | undefined): boolean {
  if (content === undefined || current?.body === undefined) return false;
  const { resourceType: _type, id: _id, meta: stamped, ...rest } = JSON.parse(current.body) as Json;
  const { versionId: _version, lastUpdated: _time, ...meta } = stamped as Json;
  return withoutReferences([content.meta, JSON.parse(content.rest)]) === withoutReferences([meta, rest]);
}

const withoutReferences = (value: unknown): string =>
  JSON.stringify(value, (_name, child: unknown) => (isReference(child) ? displayOf(child) : child));

/** A Reference holds nothing but these (and extensions, which count as other content). */
const isReference = (value: unknown): value is Json =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  ('reference' in value || 'identifier' in value) &&
  Object.keys(value).every((name) => name === 'display' || RESOLVED.includes(name));

const displayOf = ({ display }: Json): Json => ({ display });
