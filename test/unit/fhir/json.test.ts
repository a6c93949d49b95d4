import { describe, expect, it } from 'vitest';
import { numberOf, parseJson } from '../../../shared/fhir/json.ts';
import { isRefusal } from '../../../shared/fhir/outcomes.ts';

const read = (text: string) => parseJson(Buffer.from(text));
const codeOf = (value: unknown) => (isRefusal(value) ? value.issues[0].code : value);

describe('JSON that somebody sent', () => {
  it.each([
    ['', 'not-json'],
    ['{', 'not-json'],
    ['<Patient/>', 'not-json'],
    ['{"a":1}{"b":2}', 'not-json'],
    ['{"a":01.50}', 'not-json'],
    ['{"a":1.}', 'not-json'],
    ['{1.50:2}', 'not-json'],
    ['{"a":"\u0007"}', 'not-json'],
    ['{"a":NaN}', 'not-json'],
    [`${'['.repeat(50_000)}`, 'too-deep'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'too-deep'],
    [`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, 'too-deep'],
    ['{"a":"\\ud83d"}', 'bad-text'],
    ['{"a":"\\ude00\\ud83d"}', 'bad-text'],
    ['{"a":"\\ud83d\\u0041"}', 'bad-text'],
    ['{"\\ud83d":1}', 'bad-text'],
    ['{"a":"\\u0000"}', 'bad-text'],
    ['{"a":"\\b"}', 'bad-text'],
    ['{"refused":true,"issues":[{"code":"gone"}]}', 'unknown-element'],
  ])('is refused: %.60s', (text, code) => {
    expect(codeOf(read(text))).toBe(code);
  });

  it('is refused when it is not UTF-8', () => {
    expect(codeOf(parseJson(Buffer.from('{"a":"é"}', 'latin1')))).toBe('not-json');
    expect(codeOf(parseJson(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])))).toBe('not-json');
  });

  it('may be anything else', () => {
    expect(read('\ufeff{"a":[1,true,null,"\\ud83d\\ude00\\n\\\\"]}')).toEqual({ a: [1, true, null, '\u{1f600}\n\\'] });
    expect(read(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeInstanceOf(Array);
    expect(read('"[[{{"')).toBe('[[{{');
  });

  it('keeps a decimal as it was written', () => {
    const text = '{"a":1.0,"b":[120.50,1e3,-0,0.1,12345678901234567890,1.5],"é":{"c":-2.00}}';
    const value = read(text) as { a: unknown; b: unknown[] };
    expect(JSON.stringify(value)).toBe(text);
    expect(value.b[3]).toBe(0.1);
    expect([value.a, value.b[0], value.b[5], 'x', undefined].map(numberOf)).toEqual([1, 120.5, 1.5, undefined, undefined]);
  });

  it('does not reach prototypes', () => {
    const value = read('{"__proto__":{"a":1.0},"b":{"__proto__":2.50}}') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__', 'b']);
    expect(value.a).toBeUndefined();
    expect(Object.getPrototypeOf(value.b)).toBe(Object.prototype);
  });
});
