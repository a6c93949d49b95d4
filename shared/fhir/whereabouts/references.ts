import { isKnownType } from '../compartment.ts';
import { NHS_NUMBER } from '../systems.ts';
import { PLACES } from './rules.ts';

type Json = Record<string, unknown>;

/** Of an address on whatever server. */
const TYPED = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

const LITERAL = /^([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/**
 * A reference without what tells where: nothing of one to a place; of others, no address on another server and no identifier but an NHS number.
 * @param targets what the element may point at; absent: anything
 * @param containedTypes types of the contained resources that stay, by id
 * @returns nothing for a place
 */
export function redactReference(
  reference: Readonly<Json>,
  targets: ReadonlySet<string> | undefined,
  containedTypes: ReadonlyMap<string, string>,
): Json | undefined {
  const address = typeof reference.reference === 'string' ? reference.reference : undefined;
  const named = typeOf(address, containedTypes) ?? nameOfType(reference.type);
  // What the element cannot point at is no type, whatever the address looks like.
  const type = named !== undefined && (targets?.has(named) ?? true) ? named : undefined;
  if (named !== undefined && PLACES.has(named)) return undefined;
  if (type === undefined && mayBePlace(targets)) return undefined;
  const kept: Json = { ...reference };
  if (address !== undefined && !isNear(address, containedTypes)) {
    delete kept.reference;
    // Without its address it is still no place.
    if (type !== undefined) kept.type = type;
  }
  if (!isNumbered(reference.identifier)) delete kept.identifier;
  return kept;
}

/** What makes a reference more than the name of a type. */
const POINTERS = ['reference', 'identifier', 'display', '_display', 'extension'];

/** Whether a reference says anything of what it points at. */
export const points = (reference: Readonly<Json>): boolean => POINTERS.some((name) => name in reference);

/** What has no type, in an element where places may stand, is taken for one. */
const mayBePlace = (targets: ReadonlySet<string> | undefined): boolean =>
  targets === undefined || [...targets].some((target) => PLACES.has(target));

const nameOfType = (type: unknown): string | undefined => (typeof type === 'string' && isKnownType(type) ? type : undefined);

function typeOf(address: string | undefined, containedTypes: ReadonlyMap<string, string>): string | undefined {
  if (address === undefined) return undefined;
  if (address.startsWith('#')) return containedTypes.get(address.slice(1));
  const place = address.split(/[/?]/).find((part) => PLACES.has(part));
  return place ?? nameOfType(TYPED.exec(address)?.[1]);
}

/** Within this resource, or within the record. */
const isNear = (address: string, containedTypes: ReadonlyMap<string, string>): boolean =>
  LITERAL.test(address) || address === '#' || address.startsWith('urn:uuid:') || containedTypes.has(address.slice(1));

const isNumbered = (identifier: unknown): boolean => (identifier as { system?: unknown } | undefined)?.system === NHS_NUMBER;
