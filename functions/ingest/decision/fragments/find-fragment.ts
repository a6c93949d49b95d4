import type { Condition } from '../../../../shared/fhir/interactions.ts';
import type { Issue, OutcomeCode } from '../../../../shared/fhir/outcomes.ts';
import type { Fragment } from '../../../../shared/record/fold.ts';
import { logicalId, parseLogicalId, type Subject } from '../../../../shared/record/identity.ts';
import type { ContentNames } from '../names/content-name.ts';
import { type FragmentName, fragmentIdOf, namelessFragmentId } from '../names/fragment-name.ts';
import { identifierOfToken, tokenOf } from '../names/identifiers.ts';
import type { Operation } from '../names/operation.ts';
import { foldOf, type Located, locate, locateIdentifier, type World } from './record-lookup.ts';

/** What an operation is to do with which fragment. */
export type FoundFragment =
  | {
      readonly located: Located;
      /** Whether the address was an id of ours: the body's version and time are then ours as well, and say nothing of the source's. */
      readonly addressed: boolean;
      /** A conditional create that found what it was not to create: the fragment is the answer. */
      readonly existing?: Fragment;
      /** What the answer says beside what was done. */
      readonly notes?: readonly Issue[];
    }
  | { readonly issues: readonly Issue[] };

const problem = (code: OutcomeCode, { at }: Operation, diagnostics?: string): FoundFragment => ({
  issues: [{ code, expression: at, ...(diagnostics === undefined ? {} : { diagnostics }) }],
});

/** Addresses of the contributor's own fragments, for its own answer. */
const addressesOf = (type: string, located: readonly Located[]): string =>
  located.map(({ subject, fragmentId }) => `${type}/${logicalId(subject, fragmentId)}`).join(', ');

/**
 * Finds the fragment of an operation, or names the one that it will create.
 * @param group the subject of the operation, and those who are linked with it.
 */
export function findFragment(world: World, operation: Operation, group: readonly Subject[], names: ContentNames): FoundFragment {
  const { id, condition, ifNoneExist, kind } = operation.interaction;
  const ours = id === undefined ? undefined : parseLogicalId(id);
  if (ours !== undefined) return findLogicalId(world, operation, ours);
  if (id !== undefined && kind !== 'update') {
    const located = operation.name.kind === 'own-id' ? locateNamed(world, operation, operation.name, group) : undefined;
    return located === undefined ? problem('not-found', operation) : { located, addressed: false };
  }
  const searched = condition ?? ifNoneExist;
  if (searched !== undefined) return findCondition(world, operation, group, searched, names);
  return byName(world, operation, group, names);
}

function findLogicalId(world: World, operation: Operation, ours: { subject: Subject; fragmentId?: string }): FoundFragment {
  const { kind, type } = operation.interaction;
  if (ours.fragmentId === undefined)
    return kind === 'create' || type !== 'Patient' ? problem('not-found', operation) : problem('not-allowed', operation, FOLDED);
  const current = foldOf(world, ours.subject)?.fragments.get(ours.fragmentId);
  if (current === undefined || current.type !== type) return problem('not-found', operation);
  if (current.owner !== world.owner) return problem(world.sees(current) ? 'not-owner' : 'not-found', operation);
  return { located: { subject: ours.subject, fragmentId: ours.fragmentId, current }, addressed: true };
}

/** `Patient/<personId>` is folded from what everybody contributed: nobody owns it. */
const FOLDED = 'This id is the person, folded from every contributor. Write your own Patient: by its own id, or create it.';

function findCondition(
  world: World,
  operation: Operation,
  group: readonly Subject[],
  { identifier }: Condition,
  names: ContentNames,
): FoundFragment {
  const { kind, type, resource } = operation.interaction;
  const matches = locateIdentifier(world, group, type, identifier);
  if (matches.length > 1) return problem('several-matches', operation, addressesOf(type, matches));
  const [match] = matches;
  if (match === undefined) return withoutMatch(world, operation, group, { identifier }, names);
  if (kind === 'create') return { located: match, addressed: false, existing: match.current! };
  if (kind === 'update' && namesAnother(world, operation, match)) {
    const isOurs = typeof resource?.id === 'string' && parseLogicalId(resource.id) !== undefined;
    return problem('condition-names-another', operation, isOurs ? undefined : addressesOf(type, [match]));
  }
  return { located: match, addressed: false };
}

/** Whether the resource has an own id that is not that of the fragment which its condition found, or has none where that has one. */
function namesAnother(world: World, { name, interaction }: Operation, { subject, fragmentId }: Located): boolean {
  const { type, resource } = interaction;
  const ours = typeof resource?.id === 'string' ? parseLogicalId(resource.id) : undefined;
  if (ours !== undefined) return ours.subject !== subject || ours.fragmentId !== fragmentId;
  if (name.kind !== 'own-id') return false;
  return fragmentIdOf(world.identity, { owner: world.owner, source: world.source.name, type }, name) !== fragmentId;
}

/** The resource goes by its own name; one without a name, or a retraction, by the identifier of the condition. */
function withoutMatch(
  world: World,
  operation: Operation,
  group: readonly Subject[],
  { identifier }: Condition,
  names: ContentNames,
): FoundFragment {
  const { kind } = operation.interaction;
  if (kind === 'create' || (kind === 'update' && operation.name.kind !== 'nameless'))
    return byName(world, operation, group, names);
  const named: Named = { kind: 'identifiers', tokens: [tokenOf(identifier)] };
  const known = locateNamed(world, operation, named, group);
  if (kind === 'update') return { located: known ?? newAt(world, operation, named, group), addressed: false };
  return known === undefined ? problem('not-found', operation) : { located: known, addressed: false };
}

type Named = Exclude<FragmentName, { kind: 'nameless' }>;

function locateNamed(world: World, { interaction: { type } }: Operation, name: Named, group: readonly Subject[]) {
  const fragmentId = fragmentIdOf(world.identity, { owner: world.owner, source: world.source.name, type }, name);
  return locate(world, group, type, fragmentId);
}

function newAt(world: World, { interaction: { type } }: Operation, name: Named, group: readonly Subject[]): Located {
  const fragmentId = fragmentIdOf(world.identity, { owner: world.owner, source: world.source.name, type }, name);
  return { subject: group[0]!, fragmentId, current: undefined };
}

/** By the source's own id, else by its identifiers, else by its content in a bundle, else as something new. */
function byName(world: World, operation: Operation, group: readonly Subject[], names: ContentNames): FoundFragment {
  const { interaction, name, patientNumbers, fallbackSource } = operation;
  const { type } = interaction;
  const under = { owner: world.owner, source: world.source.name, type };
  if (name.kind === 'nameless') {
    // A Patient without a name is a person of its own each time: its content is no name of anybody.
    const content = type === 'Patient' ? undefined : names.get(operation);
    const stand = content === undefined ? { request: fallbackSource } : { content };
    const fragmentId = namelessFragmentId(world.identity, under, stand);
    const located = locate(world, group, type, fragmentId) ?? { subject: group[0]!, fragmentId, current: undefined };
    return { located, addressed: false };
  }
  // A Patient without an id of its own may have been sent under any of its patient numbers.
  const others: Named[] =
    name.kind === 'own-id' ? [] : patientNumbers.map((one) => ({ kind: 'identifiers', tokens: [tokenOf(one)] }));
  for (const one of [name, ...others]) {
    const located = locateNamed(world, operation, one, group);
    if (located !== undefined) return { located, addressed: false };
  }
  const located = newAt(world, operation, name, group);
  return { located, addressed: false, ...standsElsewhere(world, operation, group) };
}

/** What is created although one of its identifiers stands on another fragment, under another code: its source may have meant that one. */
function standsElsewhere(world: World, { name, interaction, at }: Operation, group: readonly Subject[]): { notes?: Issue[] } {
  if (interaction.kind !== 'create' || name.kind !== 'identifiers' || interaction.type === 'Patient') return {};
  const holders = name.tokens.flatMap((token) => locateIdentifier(world, group, interaction.type, identifierOfToken(token)));
  const others = new Map(holders.map((one) => [one.fragmentId, one]));
  if (others.size === 0) return {};
  const diagnostics = addressesOf(interaction.type, [...others.values()].slice(0, MAX_NAMED));
  return { notes: [{ code: 'identifier-stands-elsewhere', expression: `${at}.identifier`, diagnostics }] };
}

/** Addresses that one note names. */
const MAX_NAMED = 20;
