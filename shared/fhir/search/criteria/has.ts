import { runAtOnce, type Steps } from '../../../concurrency/steps.ts';
import { isKnownType } from '../../compartment.ts';
import type { SearchEntry } from '../entry.ts';
import { parametersOf, type SimpleParameter } from '../parameters.ts';
import type { Criterion, Search } from '../plan.ts';
import { keyOf } from '../reference-targets.ts';
import { type CompileLink, type CriterionOptions, isCriterion, type Unread } from './options.ts';

/**
 * `_has:Observation:patient:code`: something of that type that meets the condition points here
 * (http://hl7.org/fhir/R4/search.html#has).
 * @param rest the name behind `_has:`
 */
export function compileHas(
  rest: string,
  value: string,
  { at }: CriterionOptions,
  depth: number,
  compile: CompileLink,
): Criterion | Unread {
  const [source = '', code = '', ...conditions] = rest.split(':');
  const parameter = isKnownType(source) ? parametersOf(source).get(code) : undefined;
  if (parameter?.type !== 'reference' || conditions.length === 0) return 'unknown';
  const condition = compile(source, conditions.join(':'), value, depth + 1);
  return isCriterion(condition) ? hasOf({ source, condition, ...(parameter as SimpleParameter<'reference'>) }, at) : condition;
}

/** What has to point here: the type, by which reference, and the condition that it meets. */
interface Pointing extends Pick<SimpleParameter<'reference'>, 'values'> {
  readonly source: string;
  readonly condition: Criterion;
}

function hasOf(pointing: Pointing, at: string): Criterion {
  function* settle(_entry: SearchEntry, search: Search): Steps<void> {
    const { condition } = pointing;
    if (!search.found.has(condition)) search.found.set(condition, yield* findPointedAt(pointing, search));
  }
  return {
    at,
    weight: 1,
    settle,
    test: (entry, search) => {
      runAtOnce(settle(entry, search));
      return search.found.get(pointing.condition)!.has(keyOf(entry.type, entry.id, search));
    },
  };
}

/** Keys of everything that is pointed at: one pass through the record, whatever is then asked for. */
function* findPointedAt({ source, condition, values }: Pointing, search: Search): Steps<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const entry of search.fragments) {
    if (entry.type !== source) continue;
    yield condition.weight;
    if (condition.settle !== undefined) yield* condition.settle(entry, search);
    if (!condition.test(entry, search)) continue;
    for (const { type, id } of values(entry)) {
      yield 1;
      found.add(keyOf(type, id, search));
    }
  }
  return found;
}
