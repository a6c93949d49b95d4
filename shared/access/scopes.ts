/** Create, read, update, delete, search: the letters of SMART App Launch 2.0, section 3.1 (scopes for requesting FHIR resources). */
export type Permission = 'c' | 'r' | 'u' | 'd' | 's';

/**
 * Whether scopes such as `system/*.cruds` or `system/Observation.rs` allow an interaction with a type of resource.
 * A scope with a query (`system/Observation.rs?category=…`) allows nothing here: half of what it says cannot be honoured, and the other half alone would be too much.
 */
export function scopesAllow(scopes: readonly string[], type: string, permission: Permission): boolean {
  return scopes.some((scope) => {
    const [, scopeType, letters] = /^system\/([A-Za-z]+|\*)\.(c?r?u?d?s?)$/.exec(scope) ?? [];
    return (scopeType === '*' || scopeType === type) && letters !== undefined && letters.includes(permission);
  });
}
