import fc from 'fast-check';
import { type Operation, applyPatch as reference } from 'rfc6902';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../shared/fhir/json.ts';
import { applyPatch, isPatchProblem, parsePatch } from '../../../shared/fhir/patch.ts';

type Document = Record<string, unknown>;

/** Reads and applies; the name of the problem when there is one. */
function patch(document: Document, operations: unknown): unknown {
  const parsed = parsePatch(operations);
  if (isPatchProblem(parsed)) return parsed.problem;
  const patched = applyPatch(structuredClone(document), parsed);
  return isPatchProblem(patched) ? patched.problem : patched;
}

describe('JSON Patch', () => {
  it.each<[string, Document, unknown, unknown]>([
    ['adds a member', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
    ['adds into a list', { a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    ['adds at the end', { a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    [
      'removes',
      { a: [1, 2], b: 1 },
      [
        { op: 'remove', path: '/a/0' },
        { op: 'remove', path: '/b' },
      ],
      { a: [2] },
    ],
    ['replaces', { a: { b: 1 } }, [{ op: 'replace', path: '/a/b', value: [2] }], { a: { b: [2] } }],
    ['moves', { a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
    [
      'copies',
      { a: { b: [1] } },
      [
        { op: 'copy', from: '/a', path: '/c' },
        { op: 'add', path: '/c/b/0', value: 0 },
      ],
      { a: { b: [1] }, c: { b: [0, 1] } },
    ],
    [
      'tests numbers by value and objects in any order',
      { a: { x: 1, y: 2 } },
      [{ op: 'test', path: '/a', value: { y: 2.0, x: 1 } }],
      { a: { x: 1, y: 2 } },
    ],
    [
      'reads escaped names',
      { 'a/b': 1, 'c~d': 2 },
      [
        { op: 'remove', path: '/a~1b' },
        { op: 'remove', path: '/c~0d' },
      ],
      {},
    ],
    ['fails on a test that does not hold', { a: 1 }, [{ op: 'test', path: '/a', value: '1' }], 'patch-failed'],
    ['fails past the end of a list', { a: [] }, [{ op: 'add', path: '/a/1', value: 1 }], 'patch-failed'],
    ['fails on what is not there', {}, [{ op: 'replace', path: '/a', value: 1 }], 'patch-failed'],
    ['fails on an index with a leading zero', { a: [1] }, [{ op: 'remove', path: '/a/00' }], 'patch-failed'],
    ['moves nothing into itself', { a: { b: {} } }, [{ op: 'move', from: '/a', path: '/a/b/c' }], 'patch-failed'],
    ['is a list', {}, { op: 'remove', path: '/a' }, 'bad-patch'],
    ['knows six operations', {}, [{ op: 'merge', path: '/a', value: 1 }], 'bad-patch'],
    ['needs a value', {}, [{ op: 'add', path: '/a' }], 'bad-patch'],
    ['needs a pointer', {}, [{ op: 'add', path: 'a', value: 1 }], 'bad-patch'],
    ['reaches no prototype', {}, [{ op: 'add', path: '/constructor/prototype/x', value: 1 }], 'bad-patch'],
    ['changes no id', {}, [{ op: 'remove', path: '/id' }], 'immutable-element'],
    ['changes no type, not by moving it either', {}, [{ op: 'move', from: '/resourceType', path: '/a' }], 'immutable-element'],
    ['replaces no whole resource', {}, [{ op: 'replace', path: '', value: {} }], 'immutable-element'],
  ])('%s', (_case, document, operations, expected) => {
    expect(patch(document, operations)).toEqual(expected);
  });

  it('keeps decimals as they were written, wherever they are moved', () => {
    const document = parseJson(Buffer.from('{"valueQuantity":{"value":5.50}}')) as Document;
    const operations = parseJson(
      Buffer.from(
        '[{"op":"test","path":"/valueQuantity/value","value":5.5},{"op":"copy","from":"/valueQuantity","path":"/copy"},{"op":"add","path":"/low","value":1.0}]',
      ),
    );
    const parsed = parsePatch(operations);
    if (isPatchProblem(parsed)) throw new Error(parsed.problem);
    expect(JSON.stringify(applyPatch(document, parsed))).toBe('{"valueQuantity":{"value":5.50},"copy":{"value":5.50},"low":1.0}');
  });

  it('agrees with the reference library on whatever that library applies', () => {
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.integer(),
        fc.constantFrom('x', 'y', true, null),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('node'), { maxKeys: 3 }),
      ),
    })).node;
    const document = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { minKeys: 1 });
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c', '0', '1', '2', '-'), { minLength: 1, maxLength: 3 })
      .map((tokens) => `/${tokens.join('/')}`);
    const operation = fc.oneof(
      fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path, value }),
      fc.record({ op: fc.constant('remove'), path }),
      fc.record({ op: fc.constantFrom('move', 'copy'), path, from: path }),
    );
    fc.assert(
      fc.property(document, fc.array(operation, { minLength: 1, maxLength: 4 }), (before, operations) => {
        const ours = patch(before as Document, operations);
        // The library is laxer: it takes `-` for an element that is there, and moves a value into itself; or it throws.
        if (ours === 'patch-failed') return;
        const theirs = structuredClone(before);
        const failed = reference(theirs, structuredClone(operations) as Operation[]).some((error) => error !== null);
        expect(failed).toBe(false);
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 2_000 },
    );
  });
});
