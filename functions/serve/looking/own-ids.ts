import { isDirectoryType } from '../../../shared/fhir/compartment.ts';
import type { OwnAddress } from '../../../shared/fhir/search/plan.ts';
import type { Caller } from '../../../shared/lambda/http.ts';
import type { Fragment, PersonRecord } from '../../../shared/record/fold.ts';
import { type LogicalId, parseLogicalId, type Subject } from '../../../shared/record/identity.ts';
import { ownAlias, ownFragmentId } from '../../../shared/record/source-names.ts';
import type { ServeDependencies } from '../context.ts';

/**
 * Reads by the ids that a source gives its own resources. They are names of one system: nobody else's requests are read by
 * them, and what they lead to is shown or withheld as if it had been asked for by our id.
 */

/** What an address names. */
export interface AddressedId extends LogicalId {
  /** Whether its source's own id led there. Its fragment may then be in any partition of the person. */
  readonly isOwn: boolean;
}

/** FHIR `id` (http://hl7.org/fhir/R4/datatypes.html#id). */
const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/**
 * Fragment ids by type and the caller's own id.
 * @returns `undefined` for people and staff, and for a source whose ids do not last
 */
export function ownFragmentIds(
  { identity, sources }: Pick<ServeDependencies, 'identity' | 'sources'>,
  { role, organisation, source }: Caller,
): ((type: string, id: string) => string) | undefined {
  if (role !== 'system' || !sources.byName(organisation, source).stableIds) return undefined;
  return (type, id) => ownFragmentId(identity, organisation, type, { source, id });
}

/** The subject in whose record a source's own resource is kept; `undefined` where none is known by that id. */
export async function findOwnSubject(
  { identity, store }: Pick<ServeDependencies, 'identity' | 'store'>,
  { organisation, source }: Caller,
  { type, id }: OwnAddress,
): Promise<Subject | undefined> {
  return isDirectoryType(type) ? organisation : store.alias(ownAlias(identity, organisation, type, { source, id }));
}

/**
 * Reads the id in an address: one of ours, else one that the caller's own system gave. Only the latter is looked up.
 * @returns `undefined` for any other
 */
export async function readAddress(
  dependencies: Pick<ServeDependencies, 'identity' | 'sources' | 'store'>,
  caller: Caller,
  { type, id }: OwnAddress,
): Promise<AddressedId | undefined> {
  const ours = parseLogicalId(id);
  if (ours !== undefined) return { ...ours, isOwn: false };
  const fragmentId = ID.test(id) ? ownFragmentIds(dependencies, caller)?.(type, id) : undefined;
  const subject = fragmentId === undefined ? undefined : await findOwnSubject(dependencies, caller, { type, id });
  return subject === undefined || fragmentId === undefined ? undefined : { subject, fragmentId, isOwn: true };
}

/**
 * The partition of the record in which a fragment is. An id of ours says it; a Patient that its source knows by its own id may
 * be in that of a person who is linked. A current version comes before a retracted one.
 */
export function locateFragment({ folds }: PersonRecord, { subject, fragmentId = '', isOwn }: AddressedId): Required<LogicalId> {
  if (!isOwn) return { subject, fragmentId };
  const named = folds.filter((fold) => fold.subject === subject);
  const found = [...named, ...folds].flatMap(({ fragments }) => fragments.get(fragmentId) ?? []);
  const current = found.find(({ action }: Fragment) => action !== 'retracted') ?? found[0];
  return { subject: current?.subject ?? subject, fragmentId };
}
