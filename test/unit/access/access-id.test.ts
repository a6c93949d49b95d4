import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newAccessId, openAccessId, sealAccessId } from '../../../shared/access/access-id.ts';

const key = new Uint8Array(32).fill(7);
const base32 = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'), minLength: length, maxLength: length });
const look = fc.record({
  person: base32(26),
  at: fc
    .date({ min: new Date('2015-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  id: base32(16),
});

describe('the id of a look', () => {
  it('is a FHIR id, the same each time, and leads back to the look and to nobody else', () => {
    fc.assert(
      fc.property(look, look, (one, other) => {
        const id = sealAccessId(key, one)!;
        expect(id).toMatch(/^[A-Za-z0-9.-]{64}$/);
        expect(sealAccessId(key, one)).toBe(id);
        expect(openAccessId(key, id)).toEqual(one);
        expect(id).not.toContain(one.person);
        expect(sealAccessId(key, { ...one, id: other.id }) === id).toBe(one.id === other.id);
      }),
    );
  });

  it('cannot be made up, changed, or opened with the key of another deployment', () => {
    const id = sealAccessId(key, { person: 'a'.repeat(26), at: '2026-11-24T02:10:00.000Z', id: newAccessId() })!;
    for (let place = 0; place < id.length; place++) {
      const changed = id.slice(0, place) + (id[place] === 'A' ? 'B' : 'A') + id.slice(place + 1);
      expect(openAccessId(key, changed)).toBeUndefined();
    }
    expect(openAccessId(new Uint8Array(32).fill(8), id)).toBeUndefined();
    for (const text of ['', 'x', `${id}A`, id.slice(1), 'A'.repeat(64)]) expect(openAccessId(key, text)).toBeUndefined();
  });

  it('is not given to what is no look at a person', () => {
    expect(sealAccessId(key, { person: 'uhd', at: '2026-11-24T02:10:00.000Z', id: newAccessId() })).toBeUndefined();
  });
});
