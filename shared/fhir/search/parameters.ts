import { parseLogicalId } from '../../record/identity.ts';
import { isPersonBound, subjectElements } from '../compartment.ts';
import { type SearchParameterRow, searchParametersOf } from '../tables/search-parameters.ts';
import type { Json, SearchEntry } from './entry.ts';
import { type Values, valueReader } from './matching/values.ts';
import { compileExpression, type Reading } from './paths/expression.ts';

/** Types of parameter that have values of their own. */
export type ParameterType = keyof Values;

interface Described {
  readonly code: string;
  /** Whether it says whom a fragment is about, so that its value can choose the record. */
  readonly person: boolean;
}

/** A parameter that compares values of one type. */
export interface SimpleParameter<T extends ParameterType = ParameterType> extends Described {
  readonly type: T;
  /** Types that a reference may point at; `undefined`: any. */
  readonly targets: readonly string[] | undefined;
  /** The values that stand in a resource; read once. */
  values(entry: SearchEntry): readonly Values[T][];
}

/** A parameter made of several, which must all match in the same element. */
export interface CompositeParameter extends Described {
  readonly type: 'composite';
  readonly components: readonly ParameterType[];
  /** For each element, for each component: the values that stand there; read once. */
  groups(entry: SearchEntry): readonly (readonly (readonly Values[ParameterType][])[])[];
}

/** A search parameter of one resource type, compiled. */
export type Parameter = SimpleParameter | CompositeParameter;

/** In the tables and not here: where something is on a map, and what sounds alike. */
const UNSUPPORTED: ReadonlySet<string> = new Set(['near', 'phonetic']);

const parametersByType = new Map<string, ReadonlyMap<string, Parameter>>();

/** Every parameter that searches of a resource type understand, by code. Compiled when a type is first searched. */
export function parametersOf(type: string): ReadonlyMap<string, Parameter> {
  let parameters = parametersByType.get(type);
  if (parameters === undefined) {
    const rows = searchParametersOf(type).filter(({ code }) => !UNSUPPORTED.has(code));
    const compiled = rows.map((row) => compileParameter(type, row));
    if (isPersonBound(type) && type !== 'Patient' && !compiled.some(({ person }) => person)) compiled.push(PATIENT);
    parameters = new Map(compiled.map((parameter) => [parameter.code, parameter]));
    parametersByType.set(type, parameters);
  }
  return parameters;
}

/**
 * `patient` of the types that R4 gives no element for a person (`Medication`, `Binary`): they are part of the record that they came to,
 * and whose that is stands in their id.
 */
const PATIENT: SimpleParameter<'reference'> = {
  code: 'patient',
  type: 'reference',
  person: true,
  targets: ['Patient'],
  values: ({ id }) => {
    const subject = parseLogicalId(id)?.subject;
    return subject === undefined ? [] : [{ text: `Patient/${subject}`, type: 'Patient', id: subject, identifier: undefined }];
  },
};

/** @throws when the expression cannot be understood, or selects nothing that can be compared */
function compileParameter(type: string, row: SearchParameterRow): Parameter {
  const described = { code: row.code, person: namesPerson(type, row) };
  const readings = compileExpression(type, row.expression);
  if (row.component !== undefined) return { ...described, ...compileComposite(readings, row.component) };
  const parameterType = row.type as ParameterType;
  return {
    ...described,
    type: parameterType,
    targets: row.target,
    values: remembered(rootReader(readings, parameterType, `${type}.${row.code}`)),
  };
}

/** Reads once for each entry; the entry keeps what was read. */
function remembered<V>(read: (resource: Json) => V): (entry: SearchEntry) => V {
  return (entry) => {
    let values = entry.indexed.get(read) as V | undefined;
    if (values === undefined) {
      values = read(entry.resource());
      entry.indexed.set(read, values);
    }
    return values;
  };
}

const rootReader = (readings: readonly Reading[], type: ParameterType, name: string) => {
  const read = contextReader(readings, type);
  if (read === undefined) throw new TypeError(`${name} selects nothing that a parameter of type ${type} compares`);
  return (resource: Json) => read(resource, resource);
};

type ContextReader = (context: unknown, resource: Json) => readonly Values[ParameterType][];

function contextReader(readings: readonly Reading[], type: ParameterType): ContextReader | undefined {
  const readers = readings.flatMap(({ read, type: dataType, system }) => {
    const value = valueReader(type, dataType);
    return value === undefined ? [] : [{ read, value, system }];
  });
  if (readers.length === 0) return undefined;
  return (context, resource) =>
    readers.flatMap(({ read, value, system }) => read(context, resource).flatMap((each) => value(each, system)));
}

function compileComposite(readings: readonly Reading[], parts: NonNullable<SearchParameterRow['component']>) {
  const components = parts.map((part) => componentType(readings, part));
  const groups = readings.map(({ type, read }) => ({
    read,
    parts: parts.map(({ expression }, index) => contextReader(compileExpression(type, expression), components[index]!)),
  }));
  return {
    type: 'composite' as const,
    components,
    groups: remembered((resource: Json) =>
      groups.flatMap((group) =>
        group.read(resource, resource).map((element) => group.parts.map((part) => part?.(element, resource) ?? [])),
      ),
    ),
  };
}

const TYPES: readonly ParameterType[] = ['token', 'reference', 'quantity', 'date', 'string', 'number', 'uri'];

/** The definitions of `DocumentReference.relationship` name its parts the wrong way round; what they select tells which is which. */
function componentType(
  readings: readonly Reading[],
  { type, expression, code }: { readonly type: string; readonly expression: string; readonly code: string },
): ParameterType {
  const candidates = [type as ParameterType, ...TYPES];
  const found = candidates.find((candidate) =>
    readings.some((reading) => contextReader(compileExpression(reading.type, expression), candidate) !== undefined),
  );
  if (found === undefined) throw new TypeError(`the component ${code} selects nothing that can be compared`);
  return found;
}

function namesPerson(type: string, { type: parameterType, expression, target }: SearchParameterRow): boolean {
  if (parameterType !== 'reference' || !isPersonBound(type)) return false;
  if (target !== undefined && !target.includes('Patient')) return false;
  const paths = expression.replaceAll('.where(resolve() is Patient)', '').split(' | ');
  return subjectElements(type).some((element) => paths.includes(`${type}.${element}`));
}
