import { type Input, refuseCall, type ServiceRefusal } from '../../endpoint/service.ts';
import { busName } from '../entries.ts';
import { compileIndexedPattern, InvalidEventPattern } from '../pattern/pattern.ts';
import { MOST_PATTERN_CHARACTERS } from './template-rules.ts';

/** Names a rule on its bus. */
export interface RuleName {
  readonly bus: string;
  readonly name: string;
}

/** A rule as `PutRule` describes it. */
export interface RuleDefinition extends RuleName {
  readonly pattern: string;
  readonly description?: string;
  readonly state: 'ENABLED' | 'DISABLED';
}

const PARAMETERS = ['Name', 'EventBusName', 'EventPattern', 'Description', 'State', 'Tags'];
const MOST_DESCRIPTION_CHARACTERS = 512;

/** Reads the parameters of `PutRule` (EventBridge API reference). Schedules at run time are not played. */
export function readDefinition(input: Input): RuleDefinition | ServiceRefusal {
  const named = readRuleName(input);
  if ('refused' in named) return named;
  const { EventPattern, Description, State = 'ENABLED', Tags } = input;
  const unknown = Object.keys(input).find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) return invalid(`The parameter ${unknown} is not played on one machine.`);
  if (Tags !== undefined && !Array.isArray(Tags)) return invalid('Parameter Tags is not valid.');
  if (typeof EventPattern !== 'string') return invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  if (State !== 'ENABLED' && State !== 'DISABLED') return outOfBounds('state', 'Member must satisfy enum value set');
  if (Description !== undefined && String(Description).length > MOST_DESCRIPTION_CHARACTERS)
    return outOfBounds('description', `Member must have length less than or equal to ${MOST_DESCRIPTION_CHARACTERS}`);
  const problem = problemOf(EventPattern);
  if (problem !== undefined) return problem;
  return {
    ...named,
    pattern: EventPattern,
    state: State,
    ...(Description === undefined ? {} : { description: String(Description) }),
  };
}

/** Reads which rule a call is about: `Name`, or `Rule` in calls about targets. */
export function readRuleName({ Name, Rule, EventBusName }: Input): RuleName | ServiceRefusal {
  const name = Name ?? Rule;
  if (typeof name !== 'string' || !/^[.\-_A-Za-z0-9]{1,64}$/.test(name))
    return outOfBounds(
      'name',
      'Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+ and have at most 64 characters',
    );
  return { bus: busName(String(EventBusName ?? 'default')), name };
}

function problemOf(pattern: string): ServiceRefusal | undefined {
  if (pattern.length > MOST_PATTERN_CHARACTERS)
    return refuseCall('LimitExceededException', `The event pattern is longer than ${MOST_PATTERN_CHARACTERS} characters.`);
  try {
    compileIndexedPattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidEventPattern) return refuseCall(error.code, error.message);
    throw error;
  }
}

export const invalid = (text: string): ServiceRefusal => refuseCall('ValidationException', text);

const outOfBounds = (parameter: string, constraint: string): ServiceRefusal =>
  invalid(`1 validation error detected: Value at '${parameter}' failed to satisfy constraint: ${constraint}`);
