import fc from 'fast-check';
import type { Contribution, PersonLink } from '../../../shared/record/contribution.ts';
import { draftContribution, type FragmentDraft } from '../../../shared/record/draft.ts';
import { emptyFold, type Fold, foldContribution } from '../../../shared/record/fold.ts';
import { createIdentity } from '../../../shared/record/identity.ts';

/** Made-up names, drafts and whole histories for the tests of the record and of its store. */
export const identity = createIdentity(Buffer.alloc(64, 'a key for tests only '));

export const personId = (name: string): string => identity.person({ system: 'urn:test', value: name });

export const fragmentId = (owner: string, number: number): string => identity.fragment(owner, 'Observation', `local-${number}`);

const TAG = { tag: [{ system: 'urn:chesil:organisation', code: 'uhd' }] };

/** @param content becomes `valueString`; absent for a retraction. */
export const draftOf = (id: string, content?: string, more: Partial<FragmentDraft> = {}): FragmentDraft => ({
  fragmentId: id,
  type: 'Observation',
  section: 'findings',
  date: '2024-03',
  codes: ['http://snomed.info/sct|364075005'],
  labels: [],
  ...(content === undefined ? {} : { content: { meta: TAG, rest: JSON.stringify({ status: 'final', valueString: content }) } }),
  ...more,
});

/** A draft by numbers, so that a history made of few of them meets itself often. */
export interface Sent {
  readonly fragment: number;
  readonly content: string | undefined;
  readonly sourceVersion: number | undefined;
}

export const sent: fc.Arbitrary<Sent> = fc.record({
  fragment: fc.nat(4),
  content: fc.option(fc.constantFrom('a', 'b', 'é ☃ 👋', 'c\nd', '"{}\\'), { nil: undefined, freq: 5 }),
  sourceVersion: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined, freq: 2 }),
});

export const draftOfSent = (owner: string, { fragment, content, sourceVersion }: Sent): FragmentDraft =>
  draftOf(fragmentId(owner, fragment), content, sourceVersion === undefined ? {} : { sourceVersion: String(sourceVersion) });

export const OWNERS = ['uhd', 'dch', 'dhc'] as const;

/** What one organisation sends at once. */
export const submission = fc.record({
  owner: fc.constantFrom(...OWNERS),
  drafts: fc.array(sent, { minLength: 1, maxLength: 4 }),
});

/** A log of one subject, in which refused submissions left nothing. */
export const history: fc.Arbitrary<readonly Contribution[]> = fc
  .array(
    fc.record({
      submission,
      source: fc.constantFrom('main', 'laboratory'),
      link: fc.option(linking(), { nil: undefined, freq: 6 }),
      seconds: fc.integer({ min: -5, max: 60 }),
    }),
    { maxLength: 25 },
  )
  .map((steps) => {
    const log: Contribution[] = [];
    let fold: Fold = emptyFold(personId('history'));
    let time = Date.parse('2026-01-01T00:00:00.000Z');
    for (const { submission: sentNow, source, link, seconds } of steps) {
      time += seconds * 1000;
      const drafts = sentNow.drafts.map((each) => draftOfSent(sentNow.owner, each));
      const by = { contributor: sentNow.owner, client: 'client', source, requestId: `request-${log.length}` };
      const draft = draftContribution(fold, by, drafts, new Date(time).toISOString(), link);
      if (!('contribution' in draft) || draft.contribution === undefined) continue;
      fold = foldContribution(fold, draft.contribution);
      log.push(draft.contribution);
    }
    return log;
  });

function linking(): fc.Arbitrary<PersonLink> {
  const other = fc.constantFrom('other', 'third').map(personId);
  return fc.record({ kind: fc.constantFrom('link' as const, 'unlink' as const), person: other, survivor: other });
}

/** Everything that a fold says, as plain data. */
export const plain = (fold: Fold) => ({
  subject: fold.subject,
  sequence: fold.sequence,
  recordedAt: fold.recordedAt,
  fragments: [...fold.fragments.values()].map((fragment) => ({ ...fragment })),
  lastVersions: Object.fromEntries(fold.lastVersions),
  contributors: [...fold.contributors].sort(),
  links: [...fold.links.values()].sort((a, b) => (a.person < b.person ? -1 : 1)),
});

/** The fold as the design tells it, written as plainly as can be. */
export function naiveFold(subject: string, log: readonly Contribution[]): ReturnType<typeof plain> {
  const current = log.flatMap(({ fragments }) => fragments.filter(({ action }) => action !== 'late'));
  // Each at the place of its last version.
  const ids = [...new Set(current.map(({ fragmentId: id }) => id).toReversed())].toReversed();
  const versionsOf = (id: string) =>
    log.flatMap(({ fragments, bodies, contributor, source, sequence, recordedAt }) =>
      fragments.flatMap((version, index) =>
        version.fragmentId === id
          ? [{ ...version, subject, owner: contributor, source, sequence, recordedAt, body: bodies[index] }]
          : [],
      ),
    );
  const others = [...new Set(log.flatMap(({ link }) => (link === undefined ? [] : [link.person])))].sort();
  const lastLink = (person: string) => {
    const { link, contributor } = log.findLast((one) => one.link?.person === person)!;
    return { ...link!, author: contributor };
  };
  return {
    subject,
    sequence: log.length,
    recordedAt: log.at(-1)?.recordedAt,
    fragments: ids.map((id) => versionsOf(id).findLast(({ action }) => action !== 'late')!),
    lastVersions: Object.fromEntries(ids.map((id) => [id, versionsOf(id).length])),
    contributors: [...new Set(log.filter(({ fragments }) => fragments.length > 0).map(({ contributor }) => contributor))].sort(),
    links: others.map(lastLink).filter(({ kind }) => kind === 'link'),
  };
}
