import { isFor, type Scope, scopesOf } from '../../../shared/access/scopes.ts';
import { filterInSteps, type Steps } from '../../../shared/concurrency/steps.ts';
import { isCriterion } from '../../../shared/fhir/search/criteria/options.ts';
import { alternatives, compileCriterion } from '../../../shared/fhir/search/criteria.ts';
import { entryOf } from '../../../shared/fhir/search/entry.ts';
import type { Criterion, Search } from '../../../shared/fhir/search/plan.ts';
import type { Caller } from '../../../shared/lambda/http.ts';
import { type Fragment, isRetracted } from '../../../shared/record/fold.ts';

/**
 * Which interaction each type has to be allowed for: one letter of SMART v2, or several any of which will do. `name` tells one rule from another.
 */
export interface Asked {
  readonly name: string;
  permissionsFor(type: string): string;
}

/** To read. */
export const TO_READ: Asked = { name: 'r', permissionsFor: () => 'r' };

/** To search a type; what it refers to, and what refers to it, may also be what can only be read. */
export const toSearch = (searched: string): Asked => ({
  name: `s ${searched}`,
  permissionsFor: (type) => (type === searched ? 's' : 'rs'),
});

/** How far the scopes of a token reach: what they do not cover is not there for its holder, whichever the door. */
export interface Reach {
  /** Whether a type, or some of it, may be had. */
  reaches(type: string, permissions: string): boolean;
  /** Whether all of a type may be had. */
  reachesWhole(type: string, permissions: string): boolean;
  /** Whether anything at all may be had. */
  reachesAny(permissions: string): boolean;
  covers(fragment: Fragment, asked: Asked): boolean;
  /** Of a list what is covered: the list itself where that is all, and the same new one each time where it can be remembered. */
  narrow(fragments: readonly Fragment[], asked: Asked): Steps<readonly Fragment[]>;
}

/** What the scopes say of one type. */
interface Grant {
  readonly whole: boolean;
  readonly conditions: readonly ((fragment: Fragment) => boolean)[];
}

/** @param at ISO 8601 instant that "approximately" in a scope's query is measured from */
export function createReach(caller: Caller, at: string): Reach {
  const scopes = scopesOf(caller);
  const key = [...caller.scopes].sort().join(' ');
  const grants = new Map<string, Grant>();
  const grantOf = (type: string, permissions: string): Grant => {
    const name = `${type} ${permissions}`;
    let grant = grants.get(name);
    if (grant === undefined) {
      grant = grantFor(scopes, type, permissions, at);
      grants.set(name, grant);
    }
    return grant;
  };
  const covers = (fragment: Fragment, { permissionsFor }: Asked): boolean => {
    const { whole, conditions } = grantOf(fragment.type, permissionsFor(fragment.type));
    return whole || conditions.some((condition) => condition(fragment));
  };
  return {
    reaches: (type, permissions) => scopes.some((scope) => isFor(scope, type, permissions)),
    reachesWhole: (type, permissions) => grantOf(type, permissions).whole,
    reachesAny: (permissions) => scopes.some((scope) => isFor(scope, scope.type, permissions)),
    covers,
    narrow: (fragments, asked) => narrowed(fragments, `${key} ${asked.name}`, (fragment) => covers(fragment, asked)),
  };
}

function grantFor(scopes: readonly Scope[], type: string, permissions: string, at: string): Grant {
  const granted = scopes.filter((scope) => isFor(scope, type, permissions));
  const queries = granted.flatMap(({ query }) => query ?? []);
  return {
    whole: granted.some(({ query }) => query === undefined),
    conditions: queries.flatMap((query) => conditionOf(type, query, at) ?? []),
  };
}

/**
 * What the query of a scope asks of a resource by itself. One that cannot be read, or names a parameter that the type does not have, asks for what nothing has: to leave
 * half of it out of account would open more than was granted. For the same reason it is matched in an empty record: a chain leads nowhere.
 */
function conditionOf(type: string, query: string, at: string): ((fragment: Fragment) => boolean) | undefined {
  const criteria: Criterion[] = [];
  for (const [name, value] of new URLSearchParams(query)) {
    const options = { at: type, chained: new Map(), nowMs: Date.parse(at) };
    const criterion = alternatives(value).length === 0 ? undefined : compileCriterion(type, name, value, options);
    if (criterion === undefined || !isCriterion(criterion)) return undefined;
    criteria.push(criterion);
  }
  if (criteria.length === 0) return undefined;
  return (fragment) => {
    // A retraction has nothing that could match.
    if (isRetracted(fragment)) return false;
    const nowhere: Search = { fragments: [], resolve: () => undefined, found: new Map(), met: new Map() };
    return criteria.every((criterion) => criterion.test(entryOf(fragment), nowhere));
  };
}

/** By what is narrowed: views and records are remembered, so the same list comes again, and what follows from it is remembered by it. */
const remembered = new WeakMap<readonly Fragment[], Map<string, readonly Fragment[]>>();

/** Scopes are few; somebody who has them made up shall not fill the memory. */
const MAX_REMEMBERED = 8;

function* narrowed(
  fragments: readonly Fragment[],
  key: string,
  covers: (fragment: Fragment) => boolean,
): Steps<readonly Fragment[]> {
  const known = remembered.get(fragments) ?? new Map<string, readonly Fragment[]>();
  remembered.set(fragments, known);
  const again = known.get(key);
  if (again !== undefined) return again;
  const covered = yield* filterInSteps(fragments, covers);
  const narrow = covered.length === fragments.length ? fragments : covered;
  const madeMeanwhile = known.get(key);
  if (madeMeanwhile !== undefined) return madeMeanwhile;
  if (known.size < MAX_REMEMBERED) known.set(key, narrow);
  return narrow;
}
