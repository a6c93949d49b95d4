import { type Refusal, refuse } from '../outcomes.ts';
import { callsOf, OFFERED_OPERATIONS, operationsOn } from './operations.ts';

/**
 * Refuses what is not supported, and says what is: of an operation how it is called or which there are instead, of
 * another interaction that this method does not work at such an address. Depends on the address alone, and so tells
 * nothing of what is there.
 * @param path segments below the FHIR base
 */
export function refuseUnsupported(method: string, path: readonly string[]): Refusal {
  const operation = path.find((segment) => segment.startsWith('$'));
  return refuse('not-allowed', {
    diagnostics: operation === undefined ? aboutInteraction(method, path) : aboutOperation(operation, path),
  });
}

/** What was sent is repeated only where it looks like a name of ours: nothing else may come back. */
const TYPE = /^[A-Z][A-Za-z]{1,63}$/;
const OPERATION = /^\$[a-z][a-z-]{0,39}$/;
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

function aboutOperation(operation: string, [type = '']: readonly string[]): string {
  const known = OFFERED_OPERATIONS.filter(({ name }) => `$${name}` === operation);
  if (known.length > 0) return `${operation} is called otherwise: ${known.flatMap(callsOf).join('; ')}.`;
  const offered = operationsOn(TYPE.test(type) ? type : undefined).map(({ name }) => `$${name}`);
  const named = OPERATION.test(operation) ? `There is no operation ${operation} here.` : 'There is no such operation here.';
  return offered.length === 0 ? named : `${named} There are: ${offered.join(', ')}.`;
}

function aboutInteraction(method: string, path: readonly string[]): string {
  const [type = '', ...rest] = path;
  const names = [TYPE.test(type) ? type : '{type}', ...rest.map((segment, index) => placeOf(segment, index))];
  const place = path.length === 0 ? 'the base address' : names.join('/');
  return METHODS.has(method) ? `${method} is not supported at ${place}.` : `This method is not supported at ${place}.`;
}

const placeOf = (segment: string, index: number): string =>
  /^_[a-z]{1,20}$/.test(segment) || TYPE.test(segment) ? segment : index === 0 ? '{id}' : '{…}';
