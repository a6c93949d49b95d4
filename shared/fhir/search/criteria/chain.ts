import type { Steps } from '../../../concurrency/steps.ts';
import { fragmentTypes, isKnownType } from '../../compartment.ts';
import { isRefusal } from '../../outcomes.ts';
import type { SearchEntry } from '../entry.ts';
import type { Pointer } from '../matching/values.ts';
import type { Parameter, SimpleParameter } from '../parameters.ts';
import type { Criterion, Search } from '../plan.ts';
import { pointedAt } from '../reference-targets.ts';
import { type CompileLink, type CriterionOptions, isCriterion, noModifier, type Unread, unreadable } from './options.ts';

/** A chain, taken apart: `subject:Patient.name` has the modifier `Patient` and goes on with `name`. */
export interface Chain {
  readonly parameter: Parameter;
  readonly modifier: string;
  readonly rest: string;
  readonly value: string;
}

/** `encounter.status`, `subject:Patient.name`: what the reference points at, in the record or contained, meets the condition. */
export function compileChain(
  { parameter, modifier, rest, value }: Chain,
  options: CriterionOptions,
  depth: number,
  compile: CompileLink,
): Criterion | Unread {
  if (parameter.type !== 'reference') return unreadable(options, 'Only a reference can be followed.');
  if (modifier !== '' && !isKnownType(modifier)) return noModifier(options);
  const targets = modifier === '' ? (parameter.targets ?? fragmentTypes()) : [modifier];
  const compiled = targets.map((target) => [target, linkTo(target, rest, value, options, depth + 1, compile)] as const);
  const byTarget = new Map(compiled.filter((each): each is readonly [string, Criterion] => isCriterion(each[1])));
  if (byTarget.size === 0) return compiled.map(([, unread]) => unread).find(isRefusal) ?? 'unknown';
  return chainOf(parameter as SimpleParameter<'reference'>, byTarget, options);
}

function linkTo(type: string, name: string, value: string, options: CriterionOptions, depth: number, compile: CompileLink) {
  const key = `${type} ${name}`;
  let compiled = options.chained.get(key);
  if (compiled === undefined) {
    compiled = compile(type, name, value, depth);
    options.chained.set(key, compiled);
  }
  return compiled;
}

/** What a reference leads to, with the condition that it has to meet. */
interface Link {
  readonly criterion: Criterion;
  readonly target: SearchEntry;
}

function chainOf(
  { values }: SimpleParameter<'reference'>,
  byTarget: ReadonlyMap<string, Criterion>,
  { at }: CriterionOptions,
): Criterion {
  const linkOf = (pointer: Pointer, entry: SearchEntry, search: Search): Link | undefined => {
    const target = pointedAt(pointer, entry, search);
    const criterion = target && byTarget.get(target.type);
    return criterion && { criterion, target: target! };
  };
  function* settle(entry: SearchEntry, search: Search): Steps<void> {
    for (const pointer of values(entry)) {
      yield 1;
      const link = linkOf(pointer, entry, search);
      if (link === undefined || metOf(link.criterion, search).has(link.target)) continue;
      if (link.criterion.settle !== undefined) yield* link.criterion.settle(link.target, search);
      meets(link, search);
    }
  }
  return {
    at,
    weight: 1,
    settle,
    test: (entry, search) =>
      values(entry).some((pointer) => {
        const link = linkOf(pointer, entry, search);
        return link !== undefined && meets(link, search);
      }),
  };
}

/** Many references lead to the same resource: it is tested once a search. */
function meets({ criterion, target }: Link, search: Search): boolean {
  const met = metOf(criterion, search);
  let isMet = met.get(target);
  if (isMet === undefined) {
    isMet = criterion.test(target, search);
    met.set(target, isMet);
  }
  return isMet;
}

function metOf(criterion: Criterion, { met }: Search): Map<SearchEntry, boolean> {
  let known = met.get(criterion);
  if (known === undefined) {
    known = new Map();
    met.set(criterion, known);
  }
  return known;
}
