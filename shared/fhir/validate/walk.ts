import type { Issue, OutcomeCode } from '../outcomes.ts';

/** A problem-sized bound: whoever sends more than this is not helped by the rest. */
const MAX_PROBLEMS = 1000;
/** Deeper than any resource that `parseJson` lets in. */
const MAX_DEPTH = 100;

/** The resource that `#id` references are resolved in: the outermost one, or that of a bundle's entry. */
export interface Container {
  /** Types of the contained resources by id. */
  readonly contained: ReadonlyMap<string, string>;
  /** What `contained` holds as ids, in its order. */
  readonly ids: readonly unknown[];
  /** Ids that something in the resource points at. */
  readonly pointedAt: Set<string>;
  /** Indexes of contained resources that point at the one that contains them (`#`). */
  readonly pointBack: Set<number>;
  /** Which contained resource the walk is in; -1: none. */
  inside: number;
}

/** Where a check has got to, and what it found. Expressions are only put together for problems. */
export interface Walk {
  readonly problems: Issue[];
  /** Expression of what is checked: `Patient`, `Bundle.entry[3].resource`. */
  readonly root: string;
  readonly names: string[];
  /** Index in a list; -1: no list. */
  readonly indexes: number[];
  depth: number;
  container: Container | undefined;
}

export const startWalk = (root: string): Walk => ({
  problems: [],
  root,
  names: [],
  indexes: [],
  depth: 0,
  container: undefined,
});

/** Steps into an element. Returns false, with a problem, when that is too deep. */
export function enter(walk: Walk, name: string, index: number): boolean {
  walk.names[walk.depth] = name;
  walk.indexes[walk.depth] = index;
  walk.depth++;
  if (walk.depth <= MAX_DEPTH) return true;
  report(walk, 'too-deep');
  walk.depth--;
  return false;
}

export function leave(walk: Walk): void {
  walk.depth--;
}

/** Whether so much was found that looking further helps nobody. */
export const isFull = (walk: Walk): boolean => walk.problems.length >= MAX_PROBLEMS;

/** Notes a problem with the element that the walk is in. `diagnostics` is static text: never what was sent. */
export function report(walk: Walk, code: OutcomeCode, diagnostics?: string, below = ''): void {
  if (isFull(walk)) return;
  walk.problems.push({ code, expression: expressionOf(walk) + below, ...(diagnostics === undefined ? {} : { diagnostics }) });
}

/** Notes a problem with a property of the element that the walk is in. */
export const reportAt = (walk: Walk, name: string, index: number, code: OutcomeCode, diagnostics?: string): void =>
  report(walk, code, diagnostics, step(name, index));

const step = (name: string, index: number): string => (index < 0 ? `.${name}` : `.${name}[${index}]`);

function expressionOf(walk: Walk): string {
  let expression = walk.root;
  for (let i = 0; i < walk.depth; i++) expression += step(walk.names[i]!, walk.indexes[i]!);
  return expression;
}
