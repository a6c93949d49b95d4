import { describe } from '../../../../shared/fhir/describe.ts';
import type { Known } from '../../../../shared/fhir/grounds/grounds.ts';
import type { Json } from '../../../../shared/fhir/references.ts';
import { ORGANISATION_TAG, SOURCE_ID, STATEMENT } from '../../../../shared/fhir/systems.ts';
import type { FragmentDraft } from '../../../../shared/record/draft.ts';
import type { Identity } from '../../../../shared/record/identity.ts';
import type { SourceOrder } from '../names/source-order.ts';
import { withoutNumbers } from './reference-context.ts';

/** What is written of a resource, beside the resource. */
export interface Draftable {
  readonly fragmentId: string;
  readonly type: string;
  /** Absent: the fragment is retracted. */
  readonly resource?: Json;
  /** Organisation that contributes it. */
  readonly owner: string;
  /** What its source calls a Patient: kept beside the content, for links between persons stand on it. */
  readonly ownName?: string;
  /** What the source says of when it changed: nothing where `meta` is ours, as it is under an id of ours. */
  readonly order: Pick<SourceOrder, 'sourceTime' | 'sourceVersion'>;
  /** Alias key of the own name by which it came into the record of an NHS number. */
  readonly namedBy?: string;
  readonly ifMatch?: number;
}

interface Coding {
  readonly system?: string;
  readonly code?: string;
}

/** Enough to tell the names of one organisation within one record apart. */
export const NAMED_BY_CHARACTERS = 8;

/** Tags that say whose a fragment is and what its source calls it are ours to give. */
const OUR_TAGS: ReadonlySet<unknown> = new Set([ORGANISATION_TAG, SOURCE_ID, STATEMENT]);

/** The draft of a resource whose references are resolved. @param known what can be told of whom they name. */
export function draftOf(
  { fragmentId, type, resource, owner, ownName, order, namedBy, ifMatch }: Draftable,
  known: Known,
  identity: Identity,
): FragmentDraft {
  const expected = ifMatch === undefined ? {} : { ifMatch };
  if (resource === undefined) return { fragmentId, type, section: '', codes: [], labels: [], ...expected };
  const { resourceType: _type, id: _id, meta, ...rest } = resource;
  const { versionId: _version, lastUpdated: _time, tag, ...kept } = (meta ?? {}) as Json & { tag?: readonly Coding[] };
  const tags: Coding[] = (tag ?? []).filter(({ system }) => !OUR_TAGS.has(system));
  tags.push({ system: ORGANISATION_TAG, code: owner });
  if (ownName !== undefined) tags.push({ system: SOURCE_ID, code: ownName });
  const { grounds, ...description } = describe(resource, known);
  return {
    fragmentId,
    type,
    content: { meta: { ...kept, tag: tags }, rest: JSON.stringify(rest) },
    ...description,
    ...(grounds === undefined ? {} : { grounds: withoutNumbers(grounds, identity) }),
    ...(namedBy === undefined ? {} : { namedBy: namedBy.slice(0, NAMED_BY_CHARACTERS) }),
    ...(order.sourceTime === undefined ? {} : { sourceTime: order.sourceTime }),
    ...(order.sourceVersion === undefined ? {} : { sourceVersion: order.sourceVersion }),
    ...expected,
  };
}
