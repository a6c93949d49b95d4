import fc from 'fast-check';
import { fragmentTypes } from '../../../shared/fhir/compartment.ts';
import { type Shape, shapeOf } from '../../../shared/fhir/validate/compile.ts';
import { VALID } from '../fhir/valid-resources.ts';

type Json = Record<string, unknown>;

/** Every text in a resource but the names of people, who may be called like towns. */
export function textsOf(value: unknown, name = ''): string[] {
  if (name === 'family' || name === 'given') return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap((one) => textsOf(one, name));
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, one]) => textsOf(one, key)) : [];
}

/** Resources, some of them valid, in some of whose texts somebody has said where the person is. */
export function resourcesThatTell(known: readonly Json[], telling: readonly string[]): fc.Arbitrary<Json> {
  const written = [...known, ...Object.values(VALID).filter(({ resourceType }) => resourceType !== 'Bundle')];
  return fc.oneof(
    fc
      .tuple(fc.constantFrom(...written), fc.infiniteStream(fc.integer({ min: 0, max: 11 })), fc.constantFrom(...telling))
      .map(([resource, choices, text]) => said(resource, choices, text) as Json),
    fc
      .tuple(fc.constantFrom(...fragmentTypes()), fc.infiniteStream(fc.nat(1000)), fc.constantFrom(...telling))
      .map(([type, choices, text]) => ({ ...grown(shapeOf(type), choices, text, 3), resourceType: type })),
  );
}

/** Elements whose text is free: nobody writes a street into a date. */
const FREE = /^(text|display|description|title|value|valueString|comment|name|line|city|family|div|note|patientInstruction)$/;

function said(value: unknown, choices: Iterator<number>, text: string, name = ''): unknown {
  if (typeof value === 'string') return FREE.test(name) && choices.next().value === 0 ? `${value} ${text}` : value;
  if (Array.isArray(value)) return value.map((one) => said(one, choices, text, name));
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, said(one, choices, text, key)]));
}

/** Something of a type, by its table: most of its elements at the top, fewer below. */
function grown(shape: Shape, choices: Iterator<number>, text: string, depth: number): Json {
  const object: Json = {};
  for (const property of shape.properties.values()) {
    if (choices.next().value % (6 - depth) > 1) continue;
    const { name, primitive, repeats, type, codes } = property;
    if (type === 'Resource' || name === 'resourceType' || (depth === 0 && primitive === undefined)) continue;
    const value =
      primitive === undefined
        ? grown(shapeOf(type), choices, text, depth - 1)
        : leaf(codes === undefined ? type : 'bound', choices, text);
    object[name] = repeats ? [value] : value;
  }
  return object;
}

function leaf(type: string, choices: Iterator<number>, text: string): unknown {
  if (type === 'boolean') return true;
  if (/Int|integer|decimal/.test(type)) return 1;
  if (/date|instant|time/i.test(type)) return '2026-01-01';
  const turn = choices.next().value % 4;
  if (/^(id|uuid|bound)$/.test(type)) return 'one';
  if (/uri|url|canonical/.test(type))
    return turn === 0 ? 'http://snomed.info/sct' : `https://${text.replaceAll(' ', '-')}.example`;
  return turn === 0 ? 'something else' : text;
}
