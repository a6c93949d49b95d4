import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runAtOnce } from '../../../../shared/concurrency/steps.ts';
import { fragmentTypes, isOurs } from '../../../../shared/fhir/compartment.ts';
import { describe as describeResource } from '../../../../shared/fhir/describe.ts';
import { withoutReferences } from '../../../../shared/fhir/hidden-references.ts';
import { createEntry } from '../../../../shared/fhir/search/entry.ts';
import { sortKeys } from '../../../../shared/fhir/search/order.ts';
import { parametersOf } from '../../../../shared/fhir/search/parameters.ts';
import { answeredBody } from '../../../../shared/fhir/search/summary.ts';
import { validate } from '../../../../shared/fhir/validate/validate.ts';
import { withoutWhereabouts } from '../../../../shared/fhir/whereabouts/whereabouts.ts';
import { whereaboutsOf } from '../../../../shared/fhir/whereabouts/words.ts';
import { tellRecord } from '../../changes/told.ts';
import { searchIn } from '../../search/record.ts';
import { type Json, resourceOf } from './arbitrary-resources.ts';

/*
 * FHIR lets a list of primitives have gaps: `"given": ["Ada", null]`, with what is known instead in `_given`
 * (http://hl7.org/fhir/R4/json.html#primitive). Every reader of a resource meets them, in any list of
 * primitives of any type, and values that are only known by their extensions.
 */

const TYPES = fragmentTypes().filter((type) => !isOurs(type));
const person = { reference: `Patient/${'a'.repeat(26)}` };
const resources = fc.constantFrom(...TYPES).chain((type) => resourceOf(type, { person }));
const named = (resource: Json) => ({ ...resource, id: `${'a'.repeat(26)}.${'b'.repeat(16)}` });
const entryOf = (resource: Json) => createEntry(String(resource.resourceType), 'x', JSON.stringify(named(resource)));

/** Every text in a value that searches compare. */
const textsOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'object' && value !== null
      ? Object.values(value).map(textsOf).join('\n')
      : '';

describe('a resource with gaps', () => {
  it('is valid', () => {
    fc.assert(
      fc.property(resources, (resource) => {
        expect(validate(resource)).toEqual([]);
      }),
    );
  });

  it('is read by every search parameter and every order, and no parameter finds the word of what is not there', () => {
    fc.assert(
      fc.property(resources, (resource) => {
        const type = String(resource.resourceType);
        const entry = entryOf(resource);
        for (const parameter of parametersOf(type).values()) {
          const values = parameter.type === 'composite' ? parameter.groups(entry).flat(2) : parameter.values(entry);
          for (const value of values) expect(textsOf(value)).not.toMatch(/\b(?:null|undefined)\b/);
          for (const key of sortKeys(type, `${parameter.code},-${parameter.code}`)) key?.key(entry);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is included, and looked into by chains', () => {
    fc.assert(
      fc.property(resources, (resource) => {
        const type = String(resource.resourceType);
        const entry = entryOf(resource);
        const address = `${type}?_include=*&_include:iterate=*&_revinclude=*`;
        const { matches, companions } = searchIn({ fragments: [entry], resolve: () => undefined }, address);
        expect(matches).toEqual([entry]);
        const taken: unknown[] = [];
        runAtOnce(companions().along(entry, (one) => taken.push(one) > 0));
        expect(taken.filter((one) => one !== entry)).toEqual([]);
      }),
    );
  });

  it('is described, cut down, and shown without what must not be seen', () => {
    fc.assert(
      fc.property(resources, (resource) => {
        const type = String(resource.resourceType);
        const body = JSON.stringify(resource);
        describeResource(resource);
        for (const summary of ['true', 'text', 'data'] as const)
          JSON.parse(answeredBody({ type, body }, { type, summary, elements: undefined }));
        JSON.parse(withoutReferences(body, new Set(['x.y'])));
        JSON.parse(withoutWhereabouts(body, whereaboutsOf([body], ['Limpet Surgery'])));
      }),
      { numRuns: 500 },
    );
  });

  it('is compared with others like it, and what changed is told', () => {
    fc.assert(
      fc.property(resources, resources, (resource, other) => {
        const { tell } = tellRecord();
        const type = String(resource.resourceType);
        tell({ send: [{ ...resource, resourceType: type, id: 'one' }] });
        tell({ by: 'dch', send: [{ ...resource, resourceType: type, id: 'other' }] });
        tell({ send: [{ ...other, resourceType: String(other.resourceType), id: 'one' }] });
        tell({ send: [{ retract: 'one', type }] });
      }),
      { numRuns: 300 },
    );
  });
});
