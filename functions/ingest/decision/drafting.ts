import { describe } from '../../../shared/fhir/describe.ts';
import type { Known } from '../../../shared/fhir/grounds/grounds.ts';
import type { Json } from '../../../shared/fhir/references.ts';
import { ORGANISATION_TAG, SOURCE_ID } from '../../../shared/fhir/systems.ts';
import type { FragmentDraft } from '../../../shared/record/draft.ts';
import type { Identity } from '../../../shared/record/identity.ts';
import { withoutNumbers } from './known.ts';

/** What is written of a resource, beside the resource. */
export interface Draftable {
  readonly fragmentId: string;
  readonly type: string;
  /** Absent: the fragment is retracted. */
  readonly resource?: Json;
  /** Organisation that contributes it. */
  readonly owner: string;
  readonly sourceId?: string;
  /** Whether `meta` came from the source: only then do its version and time order what arrives. */
  readonly fromSource: boolean;
  readonly ifMatch?: number;
}

interface Coding {
  readonly system?: string;
  readonly code?: string;
}

/** Tags that say whose a fragment is and what its source calls it are ours to give. */
const OUR_TAGS: ReadonlySet<unknown> = new Set([ORGANISATION_TAG, SOURCE_ID]);

/** The draft of a resource whose references are resolved. @param known what can be told of whom they name. */
export function draftOf(
  { fragmentId, type, resource, owner, sourceId, fromSource, ifMatch }: Draftable,
  known: Known,
  identity: Identity,
): FragmentDraft {
  const expected = ifMatch === undefined ? {} : { ifMatch };
  if (resource === undefined) return { fragmentId, type, section: '', codes: [], labels: [], ...expected };
  const { resourceType: _type, id: _id, meta, ...rest } = resource;
  const { versionId, lastUpdated, tag, ...kept } = (meta ?? {}) as Json & { tag?: readonly Coding[] };
  const tags: Coding[] = (tag ?? []).filter(({ system }) => !OUR_TAGS.has(system));
  tags.push({ system: ORGANISATION_TAG, code: owner });
  if (sourceId !== undefined) tags.push({ system: SOURCE_ID, code: sourceId });
  const source = {
    ...(typeof lastUpdated === 'string' ? { sourceTime: lastUpdated } : {}),
    ...(typeof versionId === 'string' ? { sourceVersion: versionId } : {}),
  };
  const { grounds, ...description } = describe(resource, known);
  return {
    fragmentId,
    type,
    content: { meta: { ...kept, tag: tags }, rest: JSON.stringify(rest) },
    ...description,
    ...(grounds === undefined ? {} : { grounds: withoutNumbers(grounds, identity) }),
    ...(fromSource ? source : {}),
    ...expected,
  };
}
