import { numberOf, parseJson } from '../json.ts';
import { isRefusal, type Refusal, refuse } from '../outcomes.ts';
import { isJsonContent } from './media.ts';
import type { Query } from './query-parameters.ts';

/** A request of an operation that changes nothing, as far as its parameters go. */
export interface OperationRequest {
  readonly query: Query;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/**
 * The parameters of an operation that is called by POST: those of the address, then those of a Parameters resource in
 * the body, as an address would bear them (http://hl7.org/fhir/R4/operations.html#executing). A body may be absent.
 * @returns a refusal `media-type`, `not-json` or `bad-parameters`, with the parameter that has no simple value
 */
export function postedParameters({ query, headers, body }: OperationRequest): Query | Refusal {
  if (body.byteLength === 0) return query;
  if (!isJsonContent(headers['content-type'])) return refuse('media-type');
  const resource = parseJson(body);
  if (isRefusal(resource)) return resource;
  const { resourceType, parameter = [] } = (isObject(resource) ? resource : {}) as Record<string, unknown>;
  if (resourceType !== 'Parameters' || !Array.isArray(parameter)) return refuse('bad-parameters');
  const read = parameter.map(simpleParameter);
  const wrong = read.indexOf(undefined);
  if (wrong >= 0) return refuse('bad-parameters', { expression: `Parameters.parameter[${wrong}]` });
  return [...query, ...(read as Query)];
}

/** Value types whose JSON is what an address would hold. */
const TEXTS: ReadonlySet<string> = new Set(
  'Canonical Code Date DateTime Id Instant Oid String Time Uri Url Uuid'.split(' ').map((type) => `value${type}`),
);
const NUMBERS: ReadonlySet<string> = new Set('Decimal Integer PositiveInt UnsignedInt'.split(' ').map((type) => `value${type}`));

function simpleParameter(parameter: unknown): readonly [string, string] | undefined {
  if (!isObject(parameter) || typeof parameter.name !== 'string') return undefined;
  const [held = '', ...more] = Object.keys(parameter).filter((name) => name !== 'name' && name !== 'id');
  const value = parameter[held];
  if (more.length > 0) return undefined;
  if (TEXTS.has(held)) return typeof value === 'string' ? [parameter.name, value] : undefined;
  if (held === 'valueBoolean') return typeof value === 'boolean' ? [parameter.name, String(value)] : undefined;
  const number = NUMBERS.has(held) ? numberOf(value) : undefined;
  return number === undefined ? undefined : [parameter.name, String(number)];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
