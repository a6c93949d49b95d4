import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describe as describeFragment } from '../../../shared/fhir/describe.ts';
import { parseJson } from '../../../shared/fhir/json.ts';
import { isRefusal } from '../../../shared/fhir/outcomes.ts';
import { structureOf } from '../../../shared/fhir/tables/tables.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import { changed, placesIn } from './change.ts';
import { type Json, VALID } from './valid-resources.ts';

const resources = fc.constantFrom(...Object.values(VALID));
const places = resources.chain((resource) => fc.constantFrom(...placesIn(resource)).map((place) => ({ resource, place })));
const anything = fc.anything({ withNullPrototype: true, withSparseArray: true, withBigInt: true, maxDepth: 4 });

describe('whatever is changed in a valid resource', () => {
  it('validation answers, and says where', () => {
    fc.assert(
      fc.property(places, fc.oneof(fc.jsonValue(), anything), ({ resource, place }, value) => {
        for (const { expression } of validate(changed(resource, place, value))) {
          expect(expression).toMatch(/^[A-Z]\w+(\.\w+(\[\d+\])?)*$/);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('the resource can be described', () => {
    fc.assert(
      fc.property(places, anything, ({ resource, place }, value) => {
        const { codes, labels } = describeFragment(changed(resource, place, value));
        expect([...codes, ...labels].every((token) => token.includes('|'))).toBe(true);
      }),
    );
  });

  it('the same problems are found every time', () => {
    fc.assert(
      fc.property(places, fc.jsonValue(), ({ resource, place }, value) => {
        const faulty = changed(resource, place, value);
        expect(validate(structuredClone(faulty))).toEqual(validate(faulty));
      }),
    );
  });
});

describe('a required element that is taken away', () => {
  const cases = Object.entries(VALID).flatMap(([name, resource]) => {
    const required = structureOf(resource.resourceType as string)!.elements.filter(({ required: is }) => is);
    return required.map((element) => [name, element.name] as const);
  });

  it.each(cases)('is missed: %s %s', (name, element) => {
    const resource = structuredClone(VALID[name]) as Json;
    for (const key of Object.keys(resource))
      if (key === element || new RegExp(`^${element}[A-Z]`).test(key)) delete resource[key];
    expect(validate(resource)).toContainEqual({ code: 'required-element', expression: `${resource.resourceType}.${element}` });
  });
});

describe('JSON that somebody sent', () => {
  const decimals = fc
    .tuple(fc.constantFrom('', '-'), fc.nat(999), fc.stringMatching(/^\d{1,20}$/), fc.constantFrom('', 'e3', 'E-2', 'e+10'))
    .map(([sign, whole, fraction, exponent]) => `${sign}${whole}.${fraction}${exponent}`);

  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        const value = parseJson(Buffer.from(text));
        fc.pre(!isRefusal(value));
        expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('keeps every decimal as it was written', () => {
    fc.assert(
      fc.property(fc.array(decimals), fc.string(), (numbers, text) => {
        const json = `{"a":[${numbers.join(',')}],"b":${JSON.stringify(text)},"c":{"d":${numbers[0] ?? 1}}}`;
        const value = parseJson(Buffer.from(json));
        fc.pre(!isRefusal(value));
        expect(JSON.stringify(value)).toBe(json);
      }),
    );
  });

  it('is read or refused, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0d8e1.-tf '), maxLength: 40 }),
        (bytes, text) => {
          parseJson(bytes);
          parseJson(Buffer.from(text));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
