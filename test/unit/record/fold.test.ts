import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runAtOnce } from '../../../shared/concurrency/steps.ts';
import { emptyFold, foldContribution, foldContributions } from '../../../shared/record/fold.ts';
import { decodeSnapshot, encodeSnapshot } from '../../../shared/record/snapshot.ts';
import { history, naiveFold, personId, plain } from './histories.ts';

const subject = personId('history');

describe('the fold of a log', () => {
  test('agrees with a naive model at every sequence number, and leaves the fold before it alone', () => {
    fc.assert(
      fc.property(history, (log) => {
        const folds = [emptyFold(subject)];
        for (const contribution of log) folds.push(foldContribution(folds.at(-1)!, contribution));
        folds.forEach((fold, sequence) => {
          expect(plain(fold)).toEqual(naiveFold(subject, log.slice(0, sequence)));
        });
      }),
    );
  });

  test('is the same folded at once, one by one, or on top of a snapshot taken anywhere', () => {
    fc.assert(
      fc.property(history, fc.nat(), (log, anywhere) => {
        const at = anywhere % (log.length + 1);
        const whole = foldContributions(emptyFold(subject), log);
        const before = foldContributions(emptyFold(subject), log.slice(0, at));
        const stored = runAtOnce(decodeSnapshot(subject, encodeSnapshot(before)));
        expect(plain(stored)).toEqual(plain(before));
        expect(plain(foldContributions(stored, log.slice(at)))).toEqual(plain(whole));
      }),
    );
  });

  test('refuses a gap, a repetition and a contribution of somebody else', () => {
    const [first, second] = fc.sample(
      history.filter((log) => log.length > 1),
      1,
    )[0]!;
    const empty = emptyFold(subject);
    const one = foldContribution(empty, first!);
    expect(() => foldContribution(empty, second!)).toThrow('missing');
    expect(() => foldContribution(one, first!)).toThrow('missing');
    expect(() => foldContribution(emptyFold(personId('else')), first!)).toThrow('another subject');
  });
});
