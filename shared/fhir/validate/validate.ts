import { isKnownType } from '../compartment.ts';
import type { Issue } from '../outcomes.ts';
import { checkResource } from './elements.ts';
import { startWalk } from './walk.ts';

/**
 * Checks a resource against FHIR R4: which elements there are, how often, of which type; the form of every primitive and whether a date
 * exists; codes of required bindings; what references point at; contained resources and extensions of primitives; the invariants of
 * `invariants/`; NHS numbers by their check digit. Profiles are not checked. Finds everything that is wrong, up to a thousand problems, in
 * time proportional to the size of what was sent; never throws, whatever it is given.
 *
 * @param resource parsed JSON, best of `parseJson`, which keeps decimals as they were written.
 * @param at FHIRPath expression of where the resource stands (`Bundle.entry[3].resource`); by default its type.
 * @returns the problems, each with its expression; none when the resource is valid. Nothing in them is a value that was sent.
 */
export function validate(resource: unknown, at?: string): Issue[] {
  const walk = startWalk(at ?? rootOf(resource));
  checkResource(walk, resource);
  return walk.problems;
}

function rootOf(resource: unknown): string {
  const type = (resource as { resourceType?: unknown } | null | undefined)?.resourceType;
  return typeof type === 'string' && isKnownType(type) ? type : 'Resource';
}
