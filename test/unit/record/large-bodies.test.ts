import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWork } from '../../../shared/concurrency/work.ts';
import { bodiesOf } from '../../../shared/record/bodies.ts';
import { decodeContribution, decodeInSteps, encodeContribution } from '../../../shared/record/codec.ts';
import type { Contribution } from '../../../shared/record/contribution.ts';
import { draftContribution } from '../../../shared/record/draft.ts';
import { emptyFold, foldContribution } from '../../../shared/record/fold.ts';
import { openNames, packNames } from '../../../shared/record/names.ts';
import { decodeSnapshot, encodeSnapshot } from '../../../shared/record/snapshot.ts';
import { draftOf, fragmentId, personId } from './histories.ts';

const subject = personId('large');
const BY = { contributor: 'uhd', client: 'client', source: 'main', requestId: 'request' };
const VERSIONS = 9_000;

const contentOf = (number: number): string => ['é ☃ 👋', 'c\nd', '"{}\\', 'a'][number % 4]!.repeat(1 + (number % 40));

/** So much that its lines are kept as bytes; some versions have no content. */
function largeContribution(): Contribution {
  const drafts = Array.from({ length: VERSIONS }, (_, number) => draftOf(fragmentId('uhd', number), contentOf(number)));
  const retracted = Array.from({ length: 300 }, (_, number) => draftOf(fragmentId('uhd', number * 30)));
  const draft = draftContribution(emptyFold(subject), BY, [...drafts, ...retracted], '2026-01-01T00:00:00.000Z');
  if (!('contribution' in draft) || draft.contribution === undefined) throw new Error('nothing was drafted');
  return draft.contribution;
}

const written = largeContribution();
const stored = { subject, sequence: 1, ...encodeContribution(written) };
const expected = foldContribution(emptyFold(subject), written);

describe('a contribution of thousands of versions', () => {
  it('reads as it was written, whether its bodies are opened one by one or all beforehand', async () => {
    const opened = decodeContribution(stored);
    await bodiesOf(opened)!.open();
    for (const read of [decodeContribution(stored), opened]) {
      expect(read.bodies).toEqual(written.bodies);
      const { fragments } = foldContribution(emptyFold(subject), read);
      for (const [id, { body }] of expected.fragments) expect(fragments.get(id)!.body).toBe(body);
    }
  });

  it('is decoded with turns for others', async () => {
    const work = createWork();
    expect((await work.run(decodeInSteps(stored))).fragments).toEqual(written.fragments);
    expect(work.visits).toBeGreaterThan(VERSIONS / 8);
    expect(work.pauses).toBeGreaterThan(0);
  });

  it('is the same in a snapshot', async () => {
    const { manifest, body } = encodeSnapshot(expected);
    const work = createWork();
    const fold = await work.run(decodeSnapshot(subject, { manifest, body: body! }));
    await bodiesOf(fold)!.open();
    expect([...fold.fragments.keys()]).toEqual([...expected.fragments.keys()]);
    for (const [id, { body: text }] of expected.fragments) expect(fold.fragments.get(id)!.body).toBe(text);
    expect(work.pauses).toBeGreaterThan(0);
  });

  it('that only retracts has no bodies, and tells so at once', () => {
    const drafts = Array.from({ length: 3 }, (_, number) => draftOf(fragmentId('uhd', number * 30 + 1)));
    const draft = draftContribution(expected, BY, drafts, '2026-01-02T00:00:00.000Z');
    if (!('contribution' in draft) || draft.contribution === undefined) throw new Error('nothing was drafted');
    const read = decodeContribution({ subject, sequence: 2, ...encodeContribution(draft.contribution) });
    expect(read.bodies).toEqual([undefined, undefined, undefined]);
  });
});

describe('packed names', () => {
  it('tell whether an id is among them, and only where it stands as one', () => {
    const id = fc.nat(60).map((number) => fragmentId('uhd', number));
    fc.assert(
      fc.property(fc.uniqueArray(id, { maxLength: 20 }), id, (ids, wanted) => {
        const names = openNames(packNames(ids.map((each) => ({ fragmentId: each, hash: 'A'.repeat(16) }))));
        expect(names.hasAny(new Set([wanted]))).toBe(ids.includes(wanted));
      }),
    );
    // Twice the same letter: the bytes of one id stand across two of these as well.
    const names = openNames(packNames(['a', 'b'].map((letter) => ({ fragmentId: letter.repeat(16), hash: 'A'.repeat(16) }))));
    expect(names.hasAny(new Set([`${'a'.repeat(8)}${'b'.repeat(8)}`]))).toBe(false);
    expect(names.hasAny(new Set(['not an id']))).toBe(false);
  });
});
