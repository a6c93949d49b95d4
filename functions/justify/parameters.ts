import { numberOf, parseJson } from '../../shared/fhir/json.ts';
import { isRefusal, type Refusal, refuse } from '../../shared/fhir/outcomes.ts';

/** Values by name, each read by the form that the operation wants it in. */
export type ParameterValues<Form extends Forms> = {
  readonly [Name in keyof Form]?: Form[Name] extends 'number' ? number : string;
};

/** What an operation asks for, by name: text (`valueString`, `valueCode`) or a number (`valueInteger`, `valueDecimal`, …). */
export type Forms = Readonly<Record<string, 'text' | 'number'>>;

const VALUES: Readonly<Record<Forms[string], readonly string[]>> = {
  text: ['valueString', 'valueCode'],
  number: ['valueDecimal', 'valueInteger', 'valuePositiveInt', 'valueUnsignedInt'],
};

/**
 * Reads a FHIR Parameters resource (http://hl7.org/fhir/R4/parameters.html). Whoever opens a record by an operation has to mean every word: a
 * parameter that is unknown, doubled or of another type is refused, not passed over.
 */
export function readParameters<const Form extends Forms>(body: Uint8Array, forms: Form): ParameterValues<Form> | Refusal {
  if (body.byteLength === 0) return refuse('body-required');
  const resource = parseJson(body);
  if (isRefusal(resource)) return resource;
  const { resourceType, parameter } = (isObject(resource) ? resource : {}) as { resourceType?: unknown; parameter?: unknown };
  if (resourceType !== 'Parameters' || !Array.isArray(parameter)) return refuse('bad-parameters');
  const values: Record<string, string | number> = {};
  for (const [index, each] of parameter.entries()) {
    const read = isObject(each) ? heldBy(each, forms) : undefined;
    if (read === undefined || Object.hasOwn(values, read.name))
      return refuse('bad-parameters', { expression: `Parameters.parameter[${index}]` });
    values[read.name] = read.value;
  }
  return values as ParameterValues<Form>;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function heldBy(parameter: Readonly<Record<string, unknown>>, forms: Forms) {
  const { name, ...rest } = parameter;
  const form = typeof name === 'string' && Object.hasOwn(forms, name) ? forms[name] : undefined;
  const [held, ...more] = Object.keys(rest);
  if (typeof name !== 'string' || form === undefined || held === undefined || more.length > 0) return undefined;
  if (!VALUES[form].includes(held)) return undefined;
  const value = form === 'number' ? numberOf(rest[held]) : rest[held];
  if (typeof value === 'number' && held !== 'valueDecimal' && !Number.isInteger(value)) return undefined;
  return typeof value === (form === 'number' ? 'number' : 'string') ? { name, value: value as string | number } : undefined;
}
