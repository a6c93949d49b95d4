import { numberOf, parseJson } from '../../shared/fhir/json.ts';
import { isRefusal, type Refusal, refuse } from '../../shared/fhir/outcomes.ts';

/** What an operation asks for, by name. */
export type Forms = Readonly<Record<string, Form>>;

/** Text (`valueString`, `valueCode`), a number (`valueInteger`, `valueDecimal`, …) or an Identifier (`valueIdentifier`). */
type Form = 'text' | 'number' | 'identifier';

/** What is read of a FHIR Identifier. */
export interface IdentifierValue {
  readonly system: string;
  readonly value: string;
}

interface ValueOf {
  readonly text: string;
  readonly number: number;
  readonly identifier: IdentifierValue;
}

/** Values by name, each read by the form that the operation wants it in. */
export type ParameterValues<Wanted extends Forms> = { readonly [Name in keyof Wanted]?: ValueOf[Wanted[Name]] };

const ELEMENTS: Readonly<Record<Form, readonly string[]>> = {
  text: ['valueString', 'valueCode'],
  number: ['valueDecimal', 'valueInteger', 'valuePositiveInt', 'valueUnsignedInt'],
  identifier: ['valueIdentifier'],
};

/**
 * Reads a FHIR Parameters resource (http://hl7.org/fhir/R4/parameters.html). Whoever opens a record by an operation has to mean every word: a
 * parameter that is unknown, doubled or of another type is refused, not passed over.
 */
export function readParameters<const Wanted extends Forms>(body: Uint8Array, forms: Wanted): ParameterValues<Wanted> | Refusal {
  if (body.byteLength === 0) return refuse('body-required');
  const resource = parseJson(body);
  if (isRefusal(resource)) return resource;
  const { resourceType, parameter } = (isObject(resource) ? resource : {}) as { resourceType?: unknown; parameter?: unknown };
  if (resourceType !== 'Parameters' || !Array.isArray(parameter)) return refuse('bad-parameters');
  const values: Record<string, ValueOf[Form]> = {};
  for (const [index, each] of parameter.entries()) {
    const read = isObject(each) ? heldBy(each, forms) : undefined;
    if (read === undefined || Object.hasOwn(values, read.name))
      return refuse('bad-parameters', { expression: `Parameters.parameter[${index}]` });
    values[read.name] = read.value;
  }
  return values as ParameterValues<Wanted>;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function heldBy(parameter: Readonly<Record<string, unknown>>, forms: Forms) {
  const { name, ...rest } = parameter;
  const form = typeof name === 'string' && Object.hasOwn(forms, name) ? forms[name] : undefined;
  const [held, ...more] = Object.keys(rest);
  if (typeof name !== 'string' || form === undefined || held === undefined || more.length > 0) return undefined;
  if (!ELEMENTS[form].includes(held)) return undefined;
  const value = READ[form](rest[held], held);
  return value === undefined ? undefined : { name, value };
}

/** Each reads one value; `undefined` where it is of another type. */
const READ: { readonly [Each in Form]: (value: unknown, element: string) => ValueOf[Each] | undefined } = {
  text: (value) => (typeof value === 'string' ? value : undefined),
  number: (value, element) => {
    const number = numberOf(value);
    if (typeof number !== 'number') return undefined;
    return element === 'valueDecimal' || Number.isInteger(number) ? number : undefined;
  },
  identifier: (value) => {
    if (!isObject(value)) return undefined;
    const { system, value: text } = value;
    return typeof system === 'string' && typeof text === 'string' ? { system, value: text } : undefined;
  },
};
