import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNhsNumber, normaliseNhsNumber } from '../../../shared/fhir/nhs-number.ts';

describe('an NHS number', () => {
  it.each(['9000000009', '9000000025', '9000000033', '9990000018', '9990000026'])('may be %s', (number) => {
    expect(isNhsNumber(number)).toBe(true);
  });

  it.each([
    ['9000000000', 'another check digit'],
    ['0000000000', 'ten equal digits'],
    ['1111111111', 'ten equal digits'],
    ['999000001', 'nine digits'],
    ['99900000180', 'eleven digits'],
    ['999 000 0018', 'spaces'],
    ['９９９０００００１８', 'digits of another script'],
    ['', 'nothing'],
  ])('is never %s (%s)', (number) => {
    expect(isNhsNumber(number)).toBe(false);
  });

  it('is found in what people write', () => {
    for (const text of ['9990000018', '999 000 0018', '999-000-0018', ' 999\u00a0000\u00a00018 ']) {
      expect(normaliseNhsNumber(text)).toBe('9990000018');
    }
    for (const text of ['99 90 00 00 18', '999 000 0019', 'x9990000018', '']) expect(normaliseNhsNumber(text)).toBeUndefined();
  });

  it('has at most one check digit for any nine digits, and a slip of one digit breaks it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{9}$/), fc.nat(9), fc.integer({ min: 1, max: 9 }), (nine, at, by) => {
        const valid = [...'0123456789'].map((digit) => nine + digit).filter(isNhsNumber);
        expect(valid.length).toBeLessThanOrEqual(1);
        for (const number of valid) {
          const slip = String((Number(number[at]) + by) % 10);
          expect(isNhsNumber(number.slice(0, at) + slip + number.slice(at + 1))).toBe(false);
        }
      }),
    );
  });
});
