import { compilePattern, InvalidEventPattern } from '../pattern/pattern.ts';
import { MOST_PATTERN_CHARACTERS } from '../rules/template-rules.ts';
import { type RunningBus, startRunningBus } from './running-bus.ts';

/** A row of a file of cases: pattern and event as JSON text, and what EventBridge says of them. */
export interface Case {
  readonly pattern: string;
  readonly event: string;
  readonly match?: boolean;
  readonly invalid?: true;
}

/** What is found of a case; `undefined` when it cannot be asked. */
export type Verdict = boolean | 'invalid' | undefined;

/** What the compiled pattern says. */
export function compiledVerdict({ pattern, event }: Case): Verdict {
  try {
    return compilePattern(pattern)(JSON.parse(event));
  } catch (error) {
    if (error instanceof InvalidEventPattern) return 'invalid';
    throw error;
  }
}

/** Rules at the same time: as many as a bus has. */
const AT_ONCE = 300;

/**
 * What a running bus says: each pattern is a rule, each event an entry whose detail it is, in the company of hundreds of others.
 * A pattern that is to be refused is put as it stands; any other beneath `detail`, where the events are.
 */
export async function runningVerdicts(cases: readonly Case[]): Promise<readonly Verdict[]> {
  const bus = await startRunningBus();
  try {
    const verdicts: Verdict[] = [];
    for (let first = 0; first < cases.length; first += AT_ONCE)
      verdicts.push(...(await chunkVerdicts(cases.slice(first, first + AT_ONCE), bus)));
    return verdicts;
  } finally {
    await bus.close();
  }
}

async function chunkVerdicts(cases: readonly Case[], bus: RunningBus): Promise<readonly Verdict[]> {
  const carried = cases.map((one, index) => ({ ...one, name: `case-${index}`, rule: ruleOf(one) }));
  const asked = carried.filter(({ rule }) => rule.length <= MOST_PATTERN_CHARACTERS);
  const taken = await Promise.all(asked.map(async (one) => ((await bus.putRule(one.name, one.rule)) ? [one] : [])));
  const ruled = taken.flat().filter(({ event }) => isObject(event));
  const ids = await bus.putEvents(ruled.map(({ event }) => event));
  const ofEvent = new Map(ids.map((id, index) => [id, ruled[index]!.name]));
  const heard = new Set((await bus.arrived()).flatMap(({ rule, event }) => (ofEvent.get(event) === rule ? [rule] : [])));
  await Promise.all(taken.flat().map(({ name }) => bus.removeRule(name)));
  const refused = new Set(asked.filter((_, index) => taken[index]!.length === 0).map(({ name }) => name));
  const answered = new Set(ruled.map(({ name }) => name));
  return carried.map(({ name }) => (refused.has(name) ? 'invalid' : answered.has(name) ? heard.has(name) : undefined));
}

const ruleOf = ({ pattern, invalid }: Case): string => (invalid ? pattern : `{"detail":${pattern.trim()}}`);

/** A detail is an object; rules of EventBridge are never asked about anything else. */
function isObject(event: string): boolean {
  const value: unknown = JSON.parse(event);
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
