import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressChanges } from '../../../functions/announce/audience.ts';
import { createHistory } from '../../../functions/announce/history.ts';
import type { AnnouncementDetail } from '../../../shared/changes/announcement.ts';
import { changesOf } from '../../../shared/changes/changes.ts';
import { announcementsOf, fragmentOf, takesBack } from '../../../shared/changes/envelope.ts';
import { SNOMED } from '../../../shared/fhir/systems.ts';
import type { Contribution, Ground } from '../../../shared/record/contribution.ts';
import { draftContribution, type FragmentDraft } from '../../../shared/record/draft.ts';
import { emptyFold, foldContribution } from '../../../shared/record/fold.ts';
import { createVersionNames } from '../../../shared/record/version-names.ts';
import { access, observation, patient } from './announcing.ts';

/** A practice hears the same, whatever there is that it may not see: not by what is announced, when, in how many parts, nor by what its filters let through. */

const PERSON = 'k3v5q2mzj7n4x6a2r5t7w3y4ub';
const LISTENER = 'ammonite';
const AT = '2026-11-20T09:00:00.000Z';
const NAMES = createVersionNames(Buffer.alloc(32, 8));
const ORIGIN = { source: 'urn:chesil:test', fhirUrl: 'https://record.example/fhir/R4' };
const ods = (code: string) => `https://fhir.nhs.uk/Id/ods-organization-code|${code}`;

/** A draft, or the retraction of what was drafted, with whether the practice may not see it. */
interface Told {
  readonly draft: FragmentDraft;
  readonly hidden: boolean;
}

const KEPT = ['http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R', 'urn:chesil:security|gender-recognition'];

/** Somebody lies in hospital: of two that say so, the second is no news, but to whoever may not see the first. */
const stay = (text: string): Partial<FragmentDraft> => ({
  type: 'Encounter',
  section: 'encounters',
  date: '2026-11-04T10:00:00Z',
  content: {
    meta: {},
    rest: JSON.stringify({
      status: 'in-progress',
      class: { code: 'IMP' },
      period: { start: '2026-11-04T10:00:00Z' },
      reasonCode: [{ text }],
    }),
  },
});

/** What a source knows of the person themselves. */
const person = (text: string): Partial<FragmentDraft> => ({
  type: 'Patient',
  section: 'demographics',
  content: {
    meta: {},
    rest: JSON.stringify({
      address: [{ line: [`${text} High Street`], postalCode: 'DT1 1AA' }],
      ...(text === '3' ? { deceasedBoolean: true } : {}),
    }),
  },
});

const SEEN: readonly Partial<FragmentDraft>[] = [
  {},
  { section: 'medications' },
  { section: 'safeguarding' },
  { codes: [`${SNOMED}|8098009`] },
  { labels: ['urn:chesil:security|third-party'] },
];

const seen = fc
  .record({ name: fc.constantFrom(...'bcdefgh'), text: fc.constantFrom('1', '2', '3'), gone: fc.boolean() })
  // A name is of one kind for ever: what changes its kind changes what the practice may see.
  .map(({ name, text, gone }) => ({
    ...observation(name, { text, ...(name === 'g' ? stay(text) : name === 'h' ? person(text) : SEEN['bcdef'.indexOf(name)]) }),
    ...(gone ? { content: undefined } : {}),
  }));

const grounds = fc.option(
  fc.record({ kind: fc.constantFrom('encounter', 'referral', 'caseload'), code: fc.constantFrom('RDY', 'RYF', 'X99002') }),
  { nil: undefined },
);
const hidden = fc
  .record({
    name: fc.constantFrom('w', 'x', 'y', 'z'),
    text: fc.constantFrom('1', '2', '3'),
    label: fc.constantFrom(...KEPT),
    gone: fc.boolean(),
    grounds,
  })
  .map(({ name, text, label, gone, grounds: given }) => ({
    ...observation(name, {
      text: `${text}${label}${given?.code}`,
      ...(name === 'z' ? stay(text) : name === 'w' ? person(text) : {}),
      // That a Patient is confidential hides where somebody is, and not who they are.
      labels: [name === 'w' ? KEPT[1]! : label],
    }),
    ...(given === undefined
      ? {}
      : { grounds: [{ kind: given.kind as Ground['kind'], from: '2026-11-01', names: [ods(given.code)] }] }),
    ...(gone ? { content: undefined } : {}),
  }));

const submissions = fc.array(
  fc.record({
    contributor: fc.constantFrom('uhd', 'dhc', 'swasft'),
    told: fc.array(
      fc.oneof(
        seen.map((draft) => ({ draft, hidden: false })),
        hidden.map((draft) => ({ draft, hidden: true })),
      ),
      { maxLength: 5 },
    ),
  }),
  { maxLength: 5 },
);

/** The log of a record, with what is hidden or without. Each source has names of its own. */
function logOf(
  given: readonly { readonly contributor: string; readonly told: readonly Told[] }[],
  withHidden: boolean,
): Contribution[] {
  const log: Contribution[] = [];
  let fold = emptyFold(PERSON);
  const begun = [{ contributor: 'dch', told: [{ draft: patient('X99001'), hidden: false }] }, ...given];
  for (const [day, { contributor, told }] of begun.entries()) {
    const drafts = told
      .filter((each) => withHidden || !each.hidden)
      .map(({ draft }) => ({
        ...draft,
        fragmentId: `${draft.fragmentId.slice(0, 8)}${contributor}`.padEnd(16, 'a').slice(0, 16),
      }))
      .filter(({ content, fragmentId }) => content !== undefined || fold.fragments.has(fragmentId));
    const submission = { contributor, client: contributor, source: 'main', requestId: 'r' };
    const drafted = draftContribution(fold, submission, drafts, `2026-11-${String(day + 2).padStart(2, '0')}T09:00:00.000Z`);
    if ('problems' in drafted) throw new Error('the draft has problems', { cause: drafted.problems });
    if (drafted.contribution === undefined) continue;
    log.push(drafted.contribution);
    fold = foldContribution(fold, drafted.contribution);
  }
  return log;
}

/** What the practice hears of a log. */
async function heardOf(log: readonly Contribution[]) {
  const history = createHistory({
    contributions: async function* (_, after = 0) {
      yield* log.filter(({ sequence }) => sequence > after);
    },
  });
  const heard: AnnouncementDetail[] = [];
  let before = emptyFold(PERSON);
  for (const contribution of log) {
    const after = foldContribution(before, contribution);
    const changes = changesOf({ contribution, before, after, linked: [] });
    const back = changes.filter(takesBack).flatMap((change) => fragmentOf(change)?.fragmentId ?? []);
    const moments = back.length > 0 ? await history(contribution, new Set(back)) : [];
    const addressed = addressChanges(changes, { before, after, linked: [] }, moments, access, AT);
    heard.push(...announcementsOf(addressed, ORIGIN, NAMES).map(({ detail }) => detail));
    before = after;
  }
  return heard.filter(({ audience }) => audience.includes(LISTENER));
}

/** All that the practice, and the rules of its subscriptions, get to know. */
const comparable = (heard: readonly AnnouncementDetail[]) =>
  heard.map(({ audience: _audience, formerly, ...told }) => ({ ...told, formerly: formerly.includes(LISTENER) }));

describe('what may not be seen', () => {
  it('changes nothing of what is heard of the rest', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(submissions, async (given) => {
        const [whole, visible] = [logOf(given, true), logOf(given, false)];
        const [one, other] = [await heardOf(whole), await heardOf(visible)];
        expect(comparable(one)).toEqual(comparable(other));
        compared += one.length;
      }),
      { numRuns: 400 },
    );
    expect(compared).toBeGreaterThan(500);
  });
});
