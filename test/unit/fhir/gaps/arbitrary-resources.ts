import fc from 'fast-check';
import { codeSet, type ElementRow, type ElementType, structureOf } from '../../../../shared/fhir/tables/tables.ts';
import { PRIMITIVES } from '../../../../shared/fhir/validate/primitives.ts';
import { validate } from '../../../../shared/fhir/validate/validate.ts';

/** Valid R4 resources of any type, made from the tables of structure, with gaps in lists of primitives. */

export type Json = Record<string, unknown>;

export interface MakerOptions {
  /** The Reference that stands wherever one may point at a Patient. */
  readonly person: Json;
}

/** Draws numbers of a fast-check run: `choose(n)` is one of 0 to n - 1. */
type Choose = (options: number) => number;

const ABSENT: Json = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
};
const MAX_DEPTH = 4;
const NARRATIVE: Json = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">In short</div>' };

const SAMPLES: Readonly<Record<string, readonly unknown[]>> = {
  boolean: [true, false],
  integer: [0, -3, 7],
  unsignedInt: [0, 3],
  positiveInt: [1, 4],
  decimal: [1.5, 20],
  string: ['Limpet', '1 Shingle Bank', 'BH19 1AA'],
  markdown: ['*Limpet*'],
  xhtml: [NARRATIVE.div],
  uri: ['https://chesil.example/a', 'urn:oid:1.2.3'],
  url: ['https://chesil.example/b'],
  canonical: ['https://chesil.example/c|1', 'https://chesil.example/d'],
  base64Binary: ['JVBERi0xLjQK'],
  code: ['limpet', 'en-GB'],
  id: ['limpet'],
  oid: ['urn:oid:1.2.3'],
  uuid: ['urn:uuid:7d0f6a3e-9d2b-4a52-8d3c-0b8f64f1a111'],
  time: ['08:30:00'],
  date: ['2019', '2024-05', '2026-03-01'],
  dateTime: ['2019', '2026-03-01', '2026-03-01T10:00:00Z'],
  instant: ['2026-03-01T10:00:00.000+00:00'],
};
const OF_FORM: Readonly<Record<string, readonly string[]>> = { mimetypes: ['text/plain'], currencies: ['GBP'] };

const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';
const TEXT: Json = { text: 'Limpet' };

/** Values for rules that need several elements to agree, by type or path of a nested element. */
const GIVEN: Readonly<Record<string, Json>> = {
  AllergyIntolerance: {
    clinicalStatus: { coding: [{ system: `${TERMINOLOGY}/allergyintolerance-clinical`, code: 'active' }] },
    verificationStatus: { coding: [{ system: `${TERMINOLOGY}/allergyintolerance-verification`, code: 'confirmed' }] },
  },
  'Appointment.participant': { type: [TEXT] },
  AppointmentResponse: { participantType: [TEXT] },
  Consent: { policyRule: TEXT },
  EventDefinition: { trigger: [{ type: 'named-event', name: 'limpet' }] },
  'ImmunizationRecommendation.recommendation': { targetDisease: TEXT },
  InsurancePlan: { name: 'Limpet' },
  Linkage: { item: [1, 2].map(() => ({ type: 'source', resource: { display: 'Limpet' } })) },
  MolecularSequence: { coordinateSystem: 0 },
  Organization: { name: 'Limpet' },
};

/** Elements that would make the resource another one, or that need what a single resource has not. */
const LEFT_OUT: ReadonlySet<string> = new Set(['contained', 'extension', 'modifierExtension', 'implicitRules']);

/**
 * A valid resource of a type.
 * @param type any type of R4 that is a fragment
 */
export const resourceOf = (type: string, { person }: MakerOptions): fc.Arbitrary<Json> =>
  fc
    .array(fc.nat(0xffff), { minLength: 64, maxLength: 64 })
    .map((numbers) => {
      let drawn = 0;
      // A linear congruence over what was drawn: as many choices as it takes, all of them from the run's seed.
      const choose: Choose = (options) => {
        const number = (numbers[drawn % numbers.length]! * 31 + drawn * 7919) >>> 0;
        drawn++;
        return number % options;
      };
      return repaired({ resourceType: type, ...objectOf(type, choose, 0, person) });
    })
    .filter((resource) => validate(resource).length === 0);

/** Takes away elements that break a rule, required ones apart, until nothing does. */
function repaired(resource: Json): Json {
  const required = new Set(structureOf(String(resource.resourceType))!.elements.flatMap((one) => (one.required ? one.name : [])));
  let left = resource;
  for (let round = 0; round < 40; round++) {
    const [problem] = validate(left);
    if (problem === undefined) return left;
    const named = /^\w+\.(\w+)/.exec(problem.expression ?? '')?.[1]?.replace(/^_/, '');
    const optional = Object.keys(left).filter((name) => !isAmong(name, required) && name !== 'resourceType');
    const broken = optional.filter((name) => named !== undefined && isAmong(name, new Set([named])));
    const gone = broken.length > 0 ? broken : [optional[round % Math.max(1, optional.length)]];
    left = Object.fromEntries(Object.entries(left).filter(([name]) => !gone.includes(name)));
  }
  return left;
}

/** Whether a property is of one of these elements: `_status` and `onsetDateTime` are of `status` and `onset`. */
const isAmong = (property: string, elements: ReadonlySet<string>): boolean =>
  [...elements].some((element) => new RegExp(`^_?${element}([A-Z].*)?$`).test(property));

function objectOf(type: string, choose: Choose, depth: number, person: Json): Json {
  const object: Json = {};
  const row = structureOf(type === 'SimpleQuantity' ? 'Quantity' : type);
  if (row === undefined) return object;
  const inherited = row.base === undefined ? {} : objectOf(row.base, choose, depth, person);
  for (const element of row.elements) {
    const likely = isListOfPrimitives(element) ? 1 : depth === 0 ? 2 : 6;
    if (LEFT_OUT.has(element.name) || !(element.required || (depth < MAX_DEPTH && choose(likely) === 0))) continue;
    Object.assign(object, elementOf(element, choose, depth, person));
  }
  return { ...inherited, ...object, ...GIVEN[type] };
}

const isListOfPrimitives = ({ repeats, types }: ElementRow): boolean => repeats && types.some(({ type }) => PRIMITIVES.has(type));

function elementOf(element: ElementRow, choose: Choose, depth: number, person: Json): Json {
  const type = element.types[choose(element.types.length)]!;
  const shown = type.type === 'SimpleQuantity' ? 'Quantity' : type.type;
  const name = element.choice ? element.name + shown[0]!.toUpperCase() + shown.slice(1) : element.name;
  if (PRIMITIVES.has(type.type)) return element.repeats ? gappedList(name, type, choose) : primitive(name, type, choose);
  const value = dataOf(type, choose, depth, person);
  if (value === undefined || Object.keys(value).length === 0) return element.required ? { [name]: wrapped(element, ABSENT) } : {};
  return { [name]: wrapped(element, value) };
}

const wrapped = ({ repeats }: ElementRow, value: Json): Json | Json[] => (repeats ? [value] : value);

/** `id` has no extensions (http://hl7.org/fhir/R4/json.html#primitive). */
const primitive = (name: string, type: ElementType, choose: Choose): Json =>
  name !== 'id' && name !== 'url' && choose(8) === 0 ? { [`_${name}`]: ABSENT } : { [name]: sampleOf(type, choose) };

/** Values and gaps, each gap with what stands in its place (http://hl7.org/fhir/R4/json.html#primitive). */
function gappedList(name: string, type: ElementType, choose: Choose): Json {
  const values = Array.from({ length: 1 + choose(3) }, () => (choose(2) === 0 ? null : sampleOf(type, choose)));
  if (values.every((value) => value !== null)) return { [name]: [...new Set(values)] };
  const besides = values.map((value) => (value === null ? ABSENT : null));
  return choose(2) === 0 && values.every((value) => value === null)
    ? { [`_${name}`]: besides }
    : { [name]: values, [`_${name}`]: besides };
}

function sampleOf({ type, codes }: ElementType, choose: Choose): unknown {
  const allowed = codes === undefined ? [] : [...(OF_FORM[codes] ?? codeSet(codes).codes)];
  const samples = allowed.length > 0 ? allowed : (SAMPLES[type] ?? ['limpet']);
  return samples[choose(samples.length)];
}

function dataOf({ type, targets, codes }: ElementType, choose: Choose, depth: number, person: Json): Json | undefined {
  if (type === 'Resource' || type === 'Extension') return undefined;
  if (type === 'Reference') return targets === undefined || targets.includes('Patient') ? person : { display: 'Somebody' };
  if (type === 'Narrative') return NARRATIVE;
  if (codes !== undefined) return codedOf(type, codes, choose);
  return objectOf(type, choose, depth + 1, person);
}

function codedOf(type: string, codes: string, choose: Choose): Json {
  const tokens = [...codeSet(codes).tokens];
  const [system, code] = (tokens[choose(Math.max(1, tokens.length))] ?? 'https://chesil.example|limpet').split('|');
  return type === 'CodeableConcept' ? { coding: [{ system, code }] } : { system, code };
}
