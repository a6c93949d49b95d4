import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../shared/fhir/outcomes.ts';
import { type Cursor, openCursor, sealCursor } from '../../../shared/fhir/search/cursor.ts';
import { PERSON } from './record.ts';

const key = randomBytes(32);
const holder = { organisation: 'uhd', client: 'ward-list' };
const cursor: Cursor = {
  path: 'Observation',
  query: [
    ['patient.identifier', 'https://fhir.nhs.uk/Id/nhs-number|9990000018'],
    ['code', 'http://loinc.org|8302-2'],
    ['_count', '50'],
  ],
  sequences: { [PERSON]: 42 },
  at: '2026-11-22T10:00:00.000Z',
  offset: 50,
};

const refused = (text: string, who = holder) => {
  const opened = openCursor(key, text, who);
  return isRefusal(opened) && opened.issues[0].code === 'bad-cursor';
};

describe('a page address', () => {
  it('opens for whom it was sealed', () => {
    expect(openCursor(key, sealCursor(key, cursor, holder), holder)).toEqual(cursor);
  });

  it('fits an address, and shows neither NHS number nor person', () => {
    const text = sealCursor(key, cursor, holder);
    expect(text).toMatch(/^[\w-]{60,700}$/);
    for (const secret of ['9990000018', PERSON, 'loinc']) {
      expect(text).not.toContain(secret);
      expect(Buffer.from(text, 'base64url').toString('latin1')).not.toContain(secret);
    }
  });

  it('is as long whatever the numbers in it, for they count what is withheld', () => {
    const { length } = sealCursor(key, cursor, holder);
    for (const sequences of [{ [PERSON]: 7 }, { [PERSON]: 123_456 }, { [PERSON]: 3, ['b'.repeat(26)]: 100 }])
      for (const offset of [1, 99_999]) expect(sealCursor(key, { ...cursor, sequences, offset }, holder)).toHaveLength(length);
  });

  it('is the same for the same page and holder, so that an answer can be made again, and another for anything else', () => {
    const text = sealCursor(key, cursor, holder);
    expect(sealCursor(key, cursor, holder)).toBe(text);
    expect(sealCursor(key, { ...cursor, offset: cursor.offset + 1 }, holder)).not.toBe(text);
    expect(sealCursor(key, cursor, { ...holder, client: 'mobile' })).not.toBe(text);
  });

  it.each([
    ['another organisation', { ...holder, organisation: 'dch' }],
    ['another client of the same organisation', { ...holder, client: 'mobile' }],
    ['another member of staff at the same client', { ...holder, staff: 'cis2|555' }],
    ['somebody else at the same client', { ...holder, person: PERSON }],
    ['names that only look the same when they are joined', { organisation: 'uhdward', client: '-list' }],
  ])('does not open for %s', (_, other) => {
    expect(refused(sealCursor(key, cursor, holder), other)).toBe(true);
  });

  it('does not open with the key of another deployment', () => {
    expect(isRefusal(openCursor(randomBytes(32), sealCursor(key, cursor, holder), holder))).toBe(true);
  });

  it('is refused when any bit of it was changed', () => {
    const sealed = Buffer.from(sealCursor(key, cursor, holder), 'base64url');
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const changed = Buffer.from(sealed);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expect(refused(changed.toString('base64url'))).toBe(true);
      }),
    );
  });

  it('is refused when it was cut, lengthened or made up', () => {
    const text = sealCursor(key, cursor, holder);
    for (let length = 0; length < text.length; length += 7) expect(refused(text.slice(0, length))).toBe(true);
    for (const made of [`${text}A`, `${text}==`, ` ${text}`, `${text}%`, 'A'.repeat(200)]) expect(refused(made)).toBe(true);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        expect(refused(any)).toBe(true);
      }),
    );
  });

  it('brings back any cursor', () => {
    const any = fc.record({
      path: fc.string(),
      query: fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }))),
      sequences: fc.dictionary(fc.stringMatching(/^[a-z2-7]{26}$/), fc.nat(), { noNullPrototype: true }),
      at: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      offset: fc.nat(),
    });
    fc.assert(
      fc.property(any, (each) => {
        expect(openCursor(key, sealCursor(key, each, holder), holder)).toEqual(each);
      }),
    );
  });
});
