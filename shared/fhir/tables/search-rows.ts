import type { Definitions } from './definitions.ts';
import type { SearchParameterRow } from './search-parameters.ts';

/** A reference to any type is spelt out in the definitions as a list of all types. */
const MOST_TARGETS = 100;

/** Search parameters by base type (`Resource` holds those of every type), each with the part of its expression that is about that type. */
export function searchParameterRows({ searchParameters, structures }: Definitions): Record<string, SearchParameterRow[]> {
  const known = new Set(structures.filter(({ kind }) => kind === 'resource').map(({ type }) => type));
  const byDefinition = new Map(searchParameters.map((parameter) => [parameter.url, parameter]));
  const rows: Record<string, SearchParameterRow[]> = {};
  for (const parameter of searchParameters) {
    for (const base of parameter.base) {
      const expression = expressionFor(base, parameter.expression);
      if (!known.has(base) || expression === undefined) continue;
      rows[base] ??= [];
      rows[base].push(rowOf(parameter, base, expression, byDefinition));
    }
  }
  return Object.fromEntries(
    Object.keys(rows)
      .sort()
      .map((base) => [base, rows[base]!.sort((a, b) => (a.code < b.code ? -1 : 1))]),
  );
}

function rowOf(
  parameter: fhir4.SearchParameter,
  base: string,
  expression: string,
  byDefinition: ReadonlyMap<string, fhir4.SearchParameter>,
): SearchParameterRow {
  const component = parameter.component?.map((part) => {
    const definition = byDefinition.get(part.definition);
    if (definition === undefined)
      throw new Error(`${base}.${parameter.code} is composed of ${part.definition}, which is not there`);
    return { code: definition.code, type: definition.type, expression: spelt(part.expression) };
  });
  return {
    code: parameter.code,
    type: parameter.type,
    expression,
    ...(parameter.target === undefined || parameter.target.length > MOST_TARGETS ? {} : { target: parameter.target }),
    ...(component === undefined ? {} : { component }),
  };
}

/**
 * Of a union over several types (`AllergyIntolerance.code | Condition.code`), the alternatives that start at this one. A few slips of
 * the published definitions are set right: paths without their type (InsurancePlan), and `DateTime` for `dateTime`.
 */
function expressionFor(base: string, expression: string | undefined): string | undefined {
  const own = alternativesOf(spelt(expression ?? ''))
    .map((part) => (/^[a-z]/.test(part) ? `${base}.${part}` : part))
    .filter((part) => /^\(*(\w+)/.exec(part)?.[1] === base);
  return own.length === 0 ? undefined : own.join(' | ');
}

const spelt = (expression: string): string => expression.replaceAll('ofType(DateTime)', 'ofType(dateTime)');

function alternativesOf(expression: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of expression) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === '|' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
