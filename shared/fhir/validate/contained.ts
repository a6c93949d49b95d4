import { type Container, report, type Walk } from './walk.ts';

/** Looks ahead at what a resource contains, so that references to it can be checked wherever they stand. */
export function openContainer(resource: Readonly<Record<string, unknown>>): Container {
  const contained = new Map<string, string>();
  for (const one of Array.isArray(resource.contained) ? resource.contained : []) {
    const { id, resourceType } = (one ?? {}) as { id?: unknown; resourceType?: unknown };
    if (typeof id === 'string' && typeof resourceType === 'string') contained.set(id, resourceType);
  }
  return { contained, ids: idsOf(resource), pointedAt: new Set(), pointBack: new Set(), inside: -1 };
}

const idsOf = ({ contained }: Readonly<Record<string, unknown>>): readonly unknown[] =>
  Array.isArray(contained) ? contained.map((one) => (one as { id?: unknown } | null)?.id) : [];

/** Types that may hold the address of a contained resource, beside `Reference.reference` (dom-3). */
const ADDRESSES: ReadonlySet<string> = new Set(['uri', 'url', 'canonical']);

/** Notes a primitive that starts with `#`. */
export function notePrimitive(walk: Walk, type: string, value: string): void {
  if (walk.container !== undefined && ADDRESSES.has(type)) notePointer(walk.container, value);
}

/** Notes that something points at `#id`, or, from within a contained resource, at `#`. */
export function notePointer(container: Container, pointer: string): void {
  if (pointer !== '#') container.pointedAt.add(pointer.slice(1));
  else if (container.inside >= 0) container.pointBack.add(container.inside);
}

/** dom-3: what is contained is referred to from elsewhere in the resource, or refers to the resource. */
export function closeContainer(walk: Walk, { ids, pointedAt, pointBack }: Container): void {
  for (const [index, id] of ids.entries()) {
    const isUsed = (typeof id === 'string' && pointedAt.has(id)) || pointBack.has(index);
    if (!isUsed)
      report(
        walk,
        'invariant',
        'dom-3: A contained resource is referred to by the resource that contains it.',
        `.contained[${index}]`,
      );
  }
}
