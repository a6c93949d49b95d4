import type { Condition } from '../../../shared/fhir/interactions.ts';
import type { Issue, OutcomeCode } from '../../../shared/fhir/outcomes.ts';
import type { Fragment } from '../../../shared/record/fold.ts';
import { parseLogicalId, type Subject } from '../../../shared/record/identity.ts';
import { foldOf, type Located, locate, locateIdentifier, locateSourceId, sourceIdOf, type World } from './finding.ts';
import type { Operation } from './operation.ts';
import { sourceOf } from './source-identity.ts';

/** What an operation is to do with which fragment. */
export type Placed =
  | {
      readonly located: Located;
      /** The source's own id, where the fragment is not named by it: kept beside the content. */
      readonly sourceId?: string;
      /** Whether the address was an id of ours: the body's version and time are then ours as well, and say nothing of the source's. */
      readonly addressed: boolean;
      /** A conditional create that found what it was not to create: the fragment is the answer. */
      readonly found?: Fragment;
    }
  | { readonly issues: readonly Issue[] };

const problem = (code: OutcomeCode, { at }: Operation): Placed => ({ issues: [{ code, expression: at }] });

/**
 * Finds the fragment of an operation, or names the one that it will create.
 * @param group the subject of the operation, and those who are linked with it.
 * @param shared names that more than one entry of the request claims: they name none of them.
 */
export function locateOperation(
  world: World,
  operation: Operation,
  group: readonly Subject[],
  shared: ReadonlySet<string>,
): Placed {
  const { id, condition, ifNoneExist, kind, type } = operation.interaction;
  if (id !== undefined) {
    const ours = parseLogicalId(id);
    if (ours !== undefined) return locateLogicalId(world, operation, ours);
    const known = locateSourceId(world, group, type, id);
    if (kind !== 'update' && known === undefined) return problem('not-found', operation);
    return withSourceId(world, operation, known ?? locateByName(world, operation, group, shared));
  }
  const searched = condition ?? ifNoneExist;
  if (searched !== undefined) return locateCondition(world, operation, group, searched, shared);
  return withSourceId(world, operation, locateByName(world, operation, group, shared));
}

function locateLogicalId(world: World, operation: Operation, ours: { subject: Subject; fragmentId?: string }): Placed {
  const { kind, type } = operation.interaction;
  if (ours.fragmentId === undefined)
    return kind === 'create' || type !== 'Patient' ? problem('not-found', operation) : foldedPerson(operation);
  const current = foldOf(world, ours.subject)?.fragments.get(ours.fragmentId);
  if (current === undefined || current.type !== type) return problem('not-found', operation);
  if (current.owner !== world.owner) return problem(world.sees(current) ? 'not-owner' : 'not-found', operation);
  const sourceId = current.body === undefined ? undefined : sourceIdOf(current.body);
  const located = { subject: ours.subject, fragmentId: ours.fragmentId, current };
  return { located, addressed: true, ...(sourceId === undefined ? {} : { sourceId }) };
}

/** `Patient/<personId>` is folded from what everybody contributed: nobody owns it. */
const foldedPerson = ({ at }: Operation): Placed => ({
  issues: [
    {
      code: 'not-allowed',
      expression: at,
      diagnostics: 'This id is the person, folded from every contributor. Write your own Patient: by its own id, or create it.',
    },
  ],
});

function locateCondition(
  world: World,
  operation: Operation,
  group: readonly Subject[],
  { identifier }: Condition,
  shared: ReadonlySet<string>,
): Placed {
  const { kind, type } = operation.interaction;
  const matches = locateIdentifier(world, group, type, identifier);
  if (matches.length > 1) return problem('several-matches', operation);
  const [match] = matches;
  if (kind === 'create') {
    if (match?.current !== undefined) return { located: match, addressed: false, found: match.current };
    return withSourceId(world, operation, locateByName(world, operation, group, shared));
  }
  if (match !== undefined) return withSourceId(world, operation, match);
  const fragmentId = world.identity.fragment(world.owner, type, sourceOf(identifier));
  const retracted = locate(world, group, type, fragmentId);
  if (kind !== 'update') return retracted ? { located: retracted, addressed: false } : problem('not-found', operation);
  return withSourceId(world, operation, retracted ?? { subject: group[0]!, fragmentId, current: undefined });
}

/**
 * By the name that the source gives: its best business identifier, else its own id, else the `urn:uuid` of the entry, else what stands in for
 * one. A fragment that is known by one of these already keeps its id, whatever names it has gained since.
 */
function locateByName(world: World, operation: Operation, group: readonly Subject[], shared: ReadonlySet<string>): Located {
  const { type, id, resource } = operation.interaction;
  const named = (source: string) => world.identity.fragment(world.owner, type, source);
  const identifiers = operation.identifiers.map(sourceOf).filter((source) => !shared.has(`${type} ${source}`));
  // What a person is called by changes as they are registered; a result's further identifiers are too often shared with others.
  for (const source of type === 'Patient' ? identifiers : identifiers.slice(0, 1)) {
    const known = locate(world, group, type, named(source));
    if (known !== undefined) return known;
  }
  const sourceId = id ?? (typeof resource?.id === 'string' ? resource.id : undefined);
  const known = sourceId === undefined ? undefined : locateSourceId(world, group, type, sourceId);
  if (known !== undefined) return known;
  const uuid = operation.fullUrl?.startsWith('urn:') ? operation.fullUrl : undefined;
  const fragmentId = named(identifiers[0] ?? sourceId ?? uuid ?? operation.fallbackSource);
  const subject = group[0]!;
  return locate(world, group, type, fragmentId) ?? { subject, fragmentId, current: undefined };
}

function withSourceId(world: World, { interaction: { type, id, resource } }: Operation, located: Located): Placed {
  const sourceId = id ?? (typeof resource?.id === 'string' ? resource.id : undefined);
  // A Patient's is always kept: by it a person without an NHS number can be told from one with.
  const derivable =
    sourceId === undefined || (type !== 'Patient' && world.identity.fragment(world.owner, type, sourceId) === located.fragmentId);
  return { located, addressed: false, ...(derivable ? {} : { sourceId }) };
}

/**
 * Business identifiers that several entries of one request claim although their source calls them by different ids: such an identifier names a
 * group (a claim, a specimen), and none of them.
 */
export function sharedNames(operations: readonly Operation[]): ReadonlySet<string> {
  const claimed = new Map<string, Operation>();
  const shared = new Set<string>();
  for (const operation of operations) {
    const [identifier] = operation.identifiers;
    if (identifier === undefined) continue;
    const name = `${operation.interaction.type} ${sourceOf(identifier)}`;
    const other = claimed.get(name);
    if (other === undefined) claimed.set(name, operation);
    else if (differ(other, operation)) shared.add(name);
  }
  return shared;
}

const ownName = ({ interaction: { id, resource }, fullUrl }: Operation) => id ?? resource?.id ?? fullUrl;

const differ = (one: Operation, other: Operation): boolean => {
  const [a, b] = [ownName(one), ownName(other)];
  return a !== undefined && b !== undefined && a !== b;
};
