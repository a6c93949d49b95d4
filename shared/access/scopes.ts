import type { Viewer } from './viewer.ts';

/** Create, read, update, delete, search: the letters of SMART App Launch 2.0, section 3.1 (scopes for requesting FHIR resources). */
export type Permission = 'c' | 'r' | 'u' | 'd' | 's';

/** Whose behalf a scope is about: `system/` for partners' systems, `user/` for staff, `patient/` for people and those who act for them. */
export type ScopeContext = 'system' | 'user' | 'patient';

/** A scope for FHIR resources, understood. */
export interface Scope {
  readonly context: ScopeContext;
  /** `*`: every type. */
  readonly type: string;
  readonly permissions: string;
  /** Which of the resources, as a FHIR search: `category=vital-signs` (SMART App Launch 2.0, section 3.1.1, finer-grained scopes). */
  readonly query?: string;
}

const SCOPE = /^(system|user|patient)\/([A-Za-z]+|\*)\.(c?r?u?d?s?)(?:\?(.*))?$/;

/** Reads a scope; `undefined` for one that is not about FHIR resources (`openid`), or is of another form. */
export function parseScope(text: string): Scope | undefined {
  const [, context, type, permissions, query] = SCOPE.exec(text) ?? [];
  if (context === undefined || type === undefined || !permissions) return undefined;
  return { context: context as ScopeContext, type, permissions, ...(query === undefined ? {} : { query }) };
}

/** The kind of scopes that counts for a viewer: any other in the same token opens nothing. */
export const contextOf = ({ role }: Viewer): ScopeContext =>
  role === 'system' ? 'system' : role === 'person' || role === 'proxy' ? 'patient' : 'user';

/** The scopes of a token that count for its holder. */
export function scopesOf(caller: Viewer & { readonly scopes: readonly string[] }): readonly Scope[] {
  const context = contextOf(caller);
  return caller.scopes.flatMap((text) => {
    const scope = parseScope(text);
    return scope?.context === context ? [scope] : [];
  });
}

/**
 * Whether a system's scopes such as `system/*.cruds` or `system/Observation.rs` allow an interaction with every resource of a type.
 * A scope with a query (`system/Observation.rs?category=…`) does not: it is about some of them.
 */
export const scopesAllow = (scopes: readonly string[], type: string, permission: Permission): boolean =>
  scopes.some((text) => {
    const scope = parseScope(text);
    return scope?.context === 'system' && scope.query === undefined && isFor(scope, type, permission);
  });

/** Whether a scope is about a type and allows one of the interactions. @param permissions one letter or several */
export const isFor = (scope: Scope, type: string, permissions: string): boolean =>
  (scope.type === '*' || scope.type === type) && [...permissions].some((permission) => scope.permissions.includes(permission));
