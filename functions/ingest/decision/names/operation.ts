import type { Interaction } from '../../../../shared/fhir/interactions.ts';
import { normaliseNhsNumber } from '../../../../shared/fhir/nhs-number.ts';
import type { ReferenceSlot, ReferenceTarget } from '../../../../shared/fhir/references.ts';
import { NHS_NUMBER } from '../../../../shared/fhir/systems.ts';
import { type Identifier, isPersonId, parseLogicalId } from '../../../../shared/record/identity.ts';
import type { FragmentName } from './fragment-name.ts';
import { identifierOfToken, tokenOf } from './identifiers.ts';

/** What the settings say of the source that sends a request. */
export interface SendingSource {
  readonly name: string;
  /** Systems of identifiers that name its patients. */
  readonly patientIdentifiers: ReadonlySet<string>;
  /** Whether its resource ids stay the same from one extract to the next. */
  readonly stableIds: boolean;
  /** Whether it traces NHS numbers, and so may say that one replaces another. */
  readonly tracesNhsNumbers: boolean;
  /** Address of its own server, under which an id is the same as without one. */
  readonly base?: string;
}

/** How the names in a request are read: by its source, by the address of this server, and on which day. */
export interface NameReading {
  readonly source: SendingSource;
  /** Without a slash at its end. */
  readonly fhirUrl: string;
  /** ISO 8601 instant. */
  readonly now: string;
}

/** Where a reference points: also one that carries an identifier and no address, and one under the address of another server. */
export type Target =
  | Exclude<ReferenceTarget, { kind: 'literal' | 'contained' }>
  | {
      readonly kind: 'literal';
      readonly type: string;
      readonly id: string;
      readonly version?: string;
      /** Address of the server that the id belongs to; absent for this server's ids and the source's own. */
      readonly base?: string;
      /** Whether it was written as an address on another server, where it may lead although nothing of it is here. */
      readonly foreign?: boolean;
    }
  | { readonly kind: 'contained'; readonly isPatient: boolean; readonly identifiers: readonly Identifier[] }
  | { readonly kind: 'logical'; readonly identifier: Identifier };

/** A reference of an operation's resource. */
export interface Slot extends ReferenceSlot {
  readonly target: Target;
  /** Whether it stands in an element that names whom the resource is about, and in which (0: the one that decides first). */
  readonly subjectRank?: number;
  /** Whether it can only mean a person: an unknown one is then a problem. */
  readonly meansPerson: boolean;
}

/** Everything that names a resource, or that it names, read without knowing the record. */
export interface ReadResource {
  readonly slots: readonly Slot[];
  readonly name: FragmentName;
  /** Where other entries of its bundle find it by `Type/id`, whether or not its source's ids can be relied on. */
  readonly address?: Address;
  /** Of a Patient: the patient numbers of its organisation, the best first. */
  readonly patientNumbers: readonly Identifier[];
  /** Every identifier, as tokens. */
  readonly tokens: readonly string[];
}

/** One write of a request, with everything that can be said about it without knowing the record. */
export interface Operation extends ReadResource {
  /** Position among the writes of its request. */
  readonly index: number;
  /** Expression of its resource in what was sent. */
  readonly at: string;
  readonly interaction: Interaction;
  readonly fullUrl?: string;
  /** Whether it is an entry of a bundle. */
  readonly inBundle: boolean;
  /** Names the fragment when the source gives no name at all, and the person of a Patient without a name. */
  readonly fallbackSource: string;
}

/** Where a resource is, by `Type/id`. */
export interface Address {
  readonly type: string;
  readonly id: string;
  /** Absent for this server, and for the base that the source's settings declare. */
  readonly base?: string;
}

/** `Type/id`, under the address of another server `https://…/Type/id`. */
export const addressKey = ({ type, id, base }: Address): string => `${base === undefined ? '' : `${base}/`}${type}/${id}`;

/** The key of an identifier that may name a person: an NHS number as ten digits, however it was written. */
export function identifierKey({ system, value }: Identifier): string {
  return tokenOf({ system, value: (system === NHS_NUMBER ? normaliseNhsNumber(value) : undefined) ?? value });
}

/**
 * The keys under which the person that a target names is looked up, the strongest first; none when it names no person by itself
 * (another type, an entry of the bundle).
 */
export function personKeys(target: Target): readonly string[] {
  switch (target.kind) {
    case 'logical':
      return [identifierKey(target.identifier)];
    case 'contained':
      return target.identifiers.map(identifierKey);
    case 'conditional':
      return target.type === 'Patient' ? [identifierKey(target.identifier)] : [];
    case 'literal': {
      if (target.type === 'Patient') return [addressKey(target)];
      const subject = parseLogicalId(target.id)?.subject;
      return subject !== undefined && isPersonId(subject) ? [`Patient/${subject}`] : [];
    }
    default:
      return [];
  }
}

/** The names by which other entries of a bundle can refer to this one: its `fullUrl`, and `Type/id` under its base. */
export function namesOf({ fullUrl, address }: Operation): string[] {
  return [...(fullUrl === undefined ? [] : [fullUrl]), ...(address === undefined ? [] : [addressKey(address)])];
}

/** Entries of a request by the names under which others refer to them. */
export type Entries = ReadonlyMap<string, Operation>;

const conditionName = (type: string, token: string) => `${type}?${token}`;

/** Identifiers by which a conditional reference finds an entry. What only describes a Patient finds none. */
const findingTokens = ({ interaction: { type }, tokens, patientNumbers }: Operation): readonly string[] =>
  type === 'Patient'
    ? [...patientNumbers.map(tokenOf), ...tokens.filter((token) => identifierOfToken(token).system === NHS_NUMBER)]
    : tokens;

/** @returns each entry by its `fullUrl` and `Type/id`, and by those of its identifiers that no other entry has. */
export function indexOperations(operations: readonly Operation[]): Entries {
  const index = new Map<string, Operation>();
  const shared = new Set<string>();
  for (const operation of operations) {
    if (operation.interaction.resource === undefined) continue;
    for (const name of namesOf(operation)) if (!index.has(name)) index.set(name, operation);
    for (const token of new Set(findingTokens(operation))) {
      const name = conditionName(operation.interaction.type, token);
      if (index.has(name)) shared.add(name);
      else index.set(name, operation);
    }
  }
  for (const name of shared) index.delete(name);
  return index;
}

/** The entry of the same request that a reference points at. */
export function entryOf({ given, property, target }: Slot, entries: Entries): Operation | undefined {
  const text = given[property];
  const byUrl = typeof text === 'string' && text.includes(':') ? entries.get(text) : undefined;
  if (byUrl !== undefined) return byUrl;
  if (target.kind === 'literal') return entries.get(addressKey(target));
  return target.kind === 'conditional' ? entries.get(conditionName(target.type, tokenOf(target.identifier))) : undefined;
}
