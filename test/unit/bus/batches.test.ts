import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, entryBytes, headOf, packCalls } from '../../../shared/bus/batches.ts';

const entry = (bytes: number): { entry: Entry } => ({
  entry: { EventBusName: 'bus', Source: 's', DetailType: 't', Detail: 'é'.repeat(bytes / 2), Time: new Date(0) },
});

describe('batches of PutEvents', () => {
  it('keep the order, lose nothing, and stay within ten entries and 256 KB', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 250_000 })), (sizes) => {
        const sent = sizes.map(entry);
        const batches = packCalls(sent.map((each) => [each]));
        expect(batches.flat()).toEqual(sent);
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(10);
          expect(batch.reduce((sum, each) => sum + entryBytes(each.entry), 0)).toBeLessThanOrEqual(256 * 1024);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('take of the first what one call takes, and tear none of it apart', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 2, max: 90_000 }), { minLength: 1, maxLength: 14 })), (lanes) => {
        const heads = lanes.map((sizes) => headOf(sizes.map(entry)));
        const calls = packCalls(heads);
        expect(calls.flat()).toEqual(heads.flat());
        for (const head of heads) expect(calls.filter((call) => head.some((each) => call.includes(each)))).toHaveLength(1);
        for (const call of calls) expect(call.length).toBeLessThanOrEqual(10);
      }),
      { numRuns: 30 },
    );
  });
});
