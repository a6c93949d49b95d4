import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Draft, draftContribution, type FragmentDraft } from '../../../shared/record/draft.ts';
import { emptyFold, type Fold, foldContribution } from '../../../shared/record/fold.ts';
import { draftOf, draftOfSent, fragmentId, history, naiveFold, OWNERS, personId, plain, submission } from './histories.ts';

const subject = personId('drafted');
const id = fragmentId('uhd', 1);
const NOW = '2026-02-01T09:00:00.000Z';
const LATER = '2026-02-01T09:05:00.000Z';

const by = (contributor: string) => ({ contributor, client: 'client', source: 'main', requestId: 'request' });

const draft = (fold: Fold, drafts: readonly FragmentDraft[], now = NOW, contributor = 'uhd'): Draft =>
  draftContribution(fold, by(contributor), drafts, now);

/** The fold after drafts that must be accepted. */
function told(fold: Fold, drafts: readonly FragmentDraft[], now = NOW): Fold {
  const drafted = draft(fold, drafts, now);
  if ('problems' in drafted || drafted.contribution === undefined) throw new Error('the drafts were not accepted');
  return foldContribution(fold, drafted.contribution);
}

const statuses = (drafted: Draft) =>
  'problems' in drafted ? drafted.problems : drafted.outcomes.map(({ status, version }) => [status, version]);

describe('a draft', () => {
  const created = told(emptyFold(subject), [draftOf(id, 'first')]);

  test('of something new is version 1, stamped with its id, version and time', () => {
    const { body } = created.fragments.get(id)!;
    expect(body).toBe(
      `{"resourceType":"Observation","id":"${subject}.${id}","meta":{"versionId":"1","lastUpdated":"${NOW}","tag":[{"system":"urn:chesil:organisation","code":"uhd"}]},"status":"final","valueString":"first"}`,
    );
  });

  test('without meta and elements is still an object', () => {
    const bare = told(emptyFold(subject), [{ ...draftOf(id), content: { meta: {}, rest: '{}' } }]);
    expect(JSON.parse(bare.fragments.get(id)!.body!)).toEqual({
      resourceType: 'Observation',
      id: `${subject}.${id}`,
      meta: { versionId: '1', lastUpdated: NOW },
    });
  });

  test('that says what stands changes nothing and is not contributed', () => {
    const again = draft(created, [draftOf(id, 'first', { sourceVersion: '7' })], LATER);
    expect(again).toEqual({ outcomes: [{ fragmentId: id, status: 'unchanged', version: 1, recordedAt: NOW }] });
  });

  test('that says something else is the next version', () => {
    expect(statuses(draft(created, [draftOf(id, 'second')]))).toEqual([['updated', 2]]);
  });

  test('of somebody else than the owner is refused', () => {
    expect(statuses(draft(created, [draftOf(id, 'second')], NOW, 'dch'))).toEqual([{ index: 0, problem: 'not-owner' }]);
  });

  test('must meet the version that it asks for, even if it says what stands', () => {
    expect(statuses(draft(created, [draftOf(id, 'second', { ifMatch: 1 })]))).toEqual([['updated', 2]]);
    expect(statuses(draft(created, [draftOf(id, 'first', { ifMatch: 2 })]))).toEqual([{ index: 0, problem: 'version-conflict' }]);
    expect(statuses(draft(created, [draftOf(fragmentId('uhd', 9), 'x', { ifMatch: 1 })]))).toEqual([
      { index: 0, problem: 'version-conflict' },
    ]);
  });

  test('with an older source time or version is late: in the history, never current', () => {
    const timed = told(emptyFold(subject), [draftOf(id, 'discharged', { sourceTime: '2026-01-02T10:00:00+00:00' })]);
    const late = draft(timed, [draftOf(id, 'admitted', { sourceTime: '2026-01-02T09:30:00Z' })], LATER);
    expect(statuses(late)).toEqual([['late', 2]]);
    const fold = foldContribution(timed, 'contribution' in late ? late.contribution! : never());
    expect(fold.fragments.get(id)!.version).toBe(1);
    expect(statuses(draft(fold, [draftOf(id, 'coded', { sourceTime: '2026-01-02T10:30:00Z' })]))).toEqual([['updated', 3]]);
    const counted = told(emptyFold(subject), [draftOf(id, 'x', { sourceVersion: '10' })]);
    expect(statuses(draft(counted, [draftOf(id, 'y', { sourceVersion: '9' })]))).toEqual([['late', 2]]);
  });

  test('without a time stands on the one before it, so that nothing older overtakes a correction', () => {
    const timed = told(emptyFold(subject), [draftOf(id, 'sent', { sourceTime: '2026-01-03T10:00:00Z' })]);
    const corrected = told(timed, [draftOf(id, 'corrected')]);
    expect(statuses(draft(corrected, [draftOf(id, 'delayed', { sourceTime: '2026-01-01T10:00:00Z' })]))).toEqual([['late', 3]]);
    expect(statuses(draft(corrected, [draftOf(id, 'newer', { sourceTime: '2026-01-04T10:00:00Z' })]))).toEqual([['updated', 3]]);
  });

  test('that says what stands under a later source version is kept, so that what came between cannot overtake it', () => {
    const counted = told(emptyFold(subject), [draftOf(id, 'active', { sourceVersion: '1' })]);
    const again = told(counted, [draftOf(id, 'active', { sourceVersion: '3' })]);
    expect(statuses(draft(again, [draftOf(id, 'inactive', { sourceVersion: '2' })]))).toEqual([['late', 3]]);
    expect(statuses(draft(again, [draftOf(id, 'active', { sourceVersion: '3' })]))).toEqual([['unchanged', 2]]);
  });

  test('with the source version that stands but another content is refused: its source is wrong', () => {
    const counted = told(emptyFold(subject), [draftOf(id, 'x', { sourceVersion: 'a1' })]);
    expect(statuses(draft(counted, [draftOf(id, 'y', { sourceVersion: 'a1' })]))).toEqual([
      { index: 0, problem: 'same-version-other-body' },
    ]);
  });

  test('of a retraction keeps what was told of the fragment, and can be taken back', () => {
    const labelled = told(emptyFold(subject), [
      draftOf(id, 'x', { labels: ['urn:label|R'], sourceTime: '2026-01-02T10:00:00Z' }),
    ]);
    const bare: FragmentDraft = { fragmentId: id, type: 'Observation', section: 'other', codes: [], labels: [] };
    const retracted = told(labelled, [bare], LATER);
    expect(retracted.fragments.get(id)).toMatchObject({
      action: 'retracted',
      version: 2,
      section: 'findings',
      labels: ['urn:label|R'],
    });
    expect(retracted.fragments.get(id)!.body).toBeUndefined();
    expect(statuses(draft(retracted, [bare]))).toEqual([['unchanged', 2]]);
    expect(statuses(draft(retracted, [draftOf(id, 'old', { sourceTime: '2026-01-01T10:00:00Z' })]))).toEqual([['late', 3]]);
    expect(statuses(draft(retracted, [draftOf(id, 'x', { sourceTime: '2026-01-02T10:00:00Z' })]))).toEqual([['late', 3]]);
    expect(statuses(draft(retracted, [draftOf(id, 'x')]))).toEqual([['updated', 3]]);
    expect(statuses(draft(retracted, [draftOf(fragmentId('uhd', 2))]))).toEqual([{ index: 0, problem: 'not-found' }]);
  });

  test('follows another one of the same fragment in the same submission', () => {
    expect(statuses(draft(created, [draftOf(id, 'a'), draftOf(id, 'a'), draftOf(id), draftOf(id, 'b')]))).toEqual([
      ['updated', 2],
      ['unchanged', 2],
      ['retracted', 3],
      ['updated', 4],
    ]);
  });

  test('that is refused names its place, and nothing of the submission is contributed', () => {
    const drafted = draft(created, [draftOf(id, 'z'), draftOf(fragmentId('uhd', 5)), draftOf(id, 'y', { ifMatch: 9 })]);
    expect(drafted).toEqual({
      problems: [
        { index: 1, problem: 'not-found' },
        { index: 2, problem: 'version-conflict' },
      ],
    });
  });

  test('is always recorded after the one that it follows', () => {
    const next = new Date(Date.parse(NOW) + 1).toISOString();
    for (const now of [NOW, '2020-01-01T00:00:00.000Z']) expect(told(created, [draftOf(id, 'b')], now).recordedAt).toBe(next);
  });
});

describe('any history', () => {
  test('sent again as it stands changes nothing', () => {
    fc.assert(
      fc.property(history, (log) => {
        const fold = log.reduce(foldContribution, emptyFold(personId('history')));
        for (const owner of OWNERS) {
          const standing = [...fold.fragments.values()].filter(
            (fragment) => fragment.owner === owner && fragment.body !== undefined,
          );
          const drafts = standing.map((fragment) => {
            const { resourceType, id: _, meta, ...rest } = JSON.parse(fragment.body!);
            return draftOf(fragment.fragmentId, undefined, {
              type: resourceType,
              content: { meta: { tag: meta.tag }, rest: JSON.stringify(rest) },
            });
          });
          expect(draftContribution(fold, by(owner), drafts, LATER)).not.toHaveProperty('contribution');
        }
      }),
    );
  });

  test('gives each fragment the versions 1, 2, 3 … and one owner', () => {
    fc.assert(
      fc.property(fc.array(submission, { maxLength: 20 }), (submissions) => {
        let fold = emptyFold(subject);
        const seen = new Map<string, number>();
        for (const { owner, drafts } of submissions) {
          const drafted = draft(
            fold,
            drafts.map((each) => draftOfSent(owner, each)),
            NOW,
            owner,
          );
          if (!('contribution' in drafted) || drafted.contribution === undefined) continue;
          for (const version of drafted.contribution.fragments) {
            expect(version.version).toBe((seen.get(version.fragmentId) ?? 0) + 1);
            seen.set(version.fragmentId, version.version);
          }
          fold = foldContribution(fold, drafted.contribution);
        }
        for (const owner of OWNERS) {
          const own = [...fold.fragments.values()].filter((fragment) => fragment.owner === owner);
          expect(own.every(({ fragmentId: each }) => [0, 1, 2, 3, 4].some((number) => fragmentId(owner, number) === each))).toBe(
            true,
          );
        }
      }),
    );
  });
});

const never = (): never => {
  throw new Error('unreachable');
};

test('the naive model of an empty log is an empty fold', () => {
  expect(naiveFold(subject, [])).toEqual(plain(emptyFold(subject)));
});
