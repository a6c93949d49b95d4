import type { Json } from './redact.ts';

/** A contained resource that nothing points at any more is not there either (dom-3). */
export function pointedAt(resource: Json, parts: readonly Json[]): readonly Json[] {
  if (parts.length === 0) return parts;
  const pointers = new Set<string>();
  addPointers(resource, pointers);
  const kept = new Set<Json>();
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    for (const part of parts) {
      if (kept.has(part) || !pointers.has(`#${part.id}`)) continue;
      kept.add(part);
      addPointers(part, pointers);
    }
  }
  return parts.filter((part) => kept.has(part));
}

function addPointers(value: unknown, pointers: Set<string>): void {
  if (typeof value === 'string') {
    if (value.startsWith('#')) pointers.add(value);
  } else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) addPointers(one, pointers);
}
