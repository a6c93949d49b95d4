import { describe, expect, test } from 'vitest';
import { emptyFold, type Fold, foldContribution } from '../../../shared/record/fold.ts';
import { linkContributions, survivorOf } from '../../../shared/record/linking.ts';
import { personId } from './histories.ts';

const [baby, child, twin] = [personId('baby'), personId('child'), personId('twin')];
const NOW = '2026-02-01T09:00:00.000Z';
const by = { contributor: 'uhd', client: 'client', source: 'main', requestId: 'request' };

const empty = () => new Map([baby, child, twin].map((person) => [person, emptyFold(person)]));

function told(folds: Map<string, Fold>, kind: 'link' | 'unlink', persons: readonly [string, string], survivor: string) {
  const next = new Map(folds);
  const contributions = linkContributions(folds, by, { kind, persons, survivor }, NOW);
  for (const contribution of contributions)
    next.set(contribution.subject, foldContribution(next.get(contribution.subject)!, contribution));
  return { folds: next, written: contributions.length };
}

describe('linking two persons', () => {
  test('is told in both records, once', () => {
    const linked = told(empty(), 'link', [baby, child], child);
    expect(linked.written).toBe(2);
    expect(linked.folds.get(baby)!.links.get(child)).toEqual({ kind: 'link', person: child, survivor: child, author: 'uhd' });
    expect(linked.folds.get(child)!.links.get(baby)).toEqual({ kind: 'link', person: baby, survivor: child, author: 'uhd' });
    expect(told(linked.folds, 'link', [child, baby], child).written).toBe(0);
  });

  test('shows the survivor; another survivor is news', () => {
    const linked = told(empty(), 'link', [baby, child], child);
    expect(survivorOf([linked.folds.get(baby)!, linked.folds.get(child)!])).toBe(child);
    const turned = told(linked.folds, 'link', [baby, child], baby);
    expect(turned.written).toBe(2);
    expect(survivorOf([turned.folds.get(baby)!, turned.folds.get(child)!])).toBe(baby);
  });

  test('is undone by unlinking, which makes nobody a contributor', () => {
    const { folds } = told(told(empty(), 'link', [baby, child], child).folds, 'unlink', [baby, child], child);
    expect(folds.get(baby)!.links.size + folds.get(child)!.links.size).toBe(0);
    expect(folds.get(baby)!.contributors.size).toBe(0);
    expect(told(folds, 'unlink', [baby, child], child).written).toBe(0);
  });

  test('in a circle still shows one person, whoever is asked first', () => {
    let { folds } = told(empty(), 'link', [baby, child], child);
    folds = told(folds, 'link', [child, twin], twin).folds;
    folds = told(folds, 'link', [twin, baby], baby).folds;
    const all = [...folds.values()];
    expect(survivorOf(all)).toBe([baby, child, twin].sort()[0]);
    expect(survivorOf(all.toReversed())).toBe(survivorOf(all));
  });

  test('with itself is refused', () => {
    expect(() => linkContributions(empty(), by, { kind: 'link', persons: [baby, baby], survivor: baby }, NOW)).toThrow('itself');
  });
});
