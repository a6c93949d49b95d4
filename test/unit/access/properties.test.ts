import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markingsOf } from '../../../shared/access/markings.ts';
import { RELATIONSHIPS } from '../../../shared/access/relationships.ts';
import { ROLES, type Role } from '../../../shared/access/roles.ts';
import { systemViewer, type Viewer } from '../../../shared/access/viewer.ts';
import { SECTIONS } from '../../../shared/fhir/sections.ts';
import type { GroundKind } from '../../../shared/record/contribution.ts';
import type { Fragment } from '../../../shared/record/fold.ts';
import { MARKED } from './marked.ts';
import { codeOf, directory, fragment, giving, grantOf, NOW, newAccess, recordOf, SOMEBODY_ELSE, viewerIn } from './people.ts';

/** What is true of every record and every viewer. */

const access = newAccess();
const roles = Object.keys(ROLES) as Role[];
const ids = ['ours', 'elsewhere', 'third', 'service', 'surgery', 'council'];
const organisations = fc.constantFrom(...ids);
const REASONS: readonly GroundKind[] = ['registered-practice', 'encounter', 'caseload', 'referral', 'appointment'];
const RESTRICTIONS: readonly GroundKind[] = ['opt-out', 'restricted', 'deceased'];
const dates = fc.constantFrom(
  undefined,
  '2026',
  '2026-10',
  '2026-11-19',
  '2026-11-20T08:59:59Z',
  '2026-11-20T09:00:00Z',
  '2019-01-01',
);

const viewers: fc.Arbitrary<Viewer> = fc
  .record({ role: fc.constantFrom(...roles), organisation: organisations, purpose: fc.constantFrom('usual', 'safeguarding') })
  .map(({ role, organisation, purpose }) => {
    const own = role === 'person' || role === 'proxy' ? {} : { organisation };
    return viewerIn(role, { ...own, ...(purpose === 'safeguarding' ? { purpose } : {}) });
  });

const plain = fc
  .record({
    owner: organisations,
    section: fc.constantFrom(...Object.keys(SECTIONS)),
    marking: fc.constantFrom(undefined, ...Object.keys(MARKED)),
  })
  .map(({ owner, section, marking }) => fragment(owner, { section, ...(marking === undefined ? {} : MARKED[marking]) }));

const given = (kinds: readonly GroundKind[]) =>
  fc
    .record({
      owner: organisations,
      kind: fc.constantFrom(...kinds),
      names: fc.array(organisations, { maxLength: 2 }),
      from: dates,
      to: dates,
    })
    .map(({ owner, kind, names, from, to }) =>
      giving(owner, kind, { names: names.map(codeOf), ...(from && { from }), ...(to && { to }) }),
    );
const reasons = given(REASONS);
const restrictions = given(RESTRICTIONS);

const optsOut = ({ grounds: [ground] = [] }: Fragment): boolean => ground?.kind === 'opt-out' && ground.to === undefined;

const fragments = fc.array(fc.oneof(plain, reasons), { minLength: 1, maxLength: 8 });

/** What of some fragments is seen in a record of them and of others. */
const seenOf = (viewer: Viewer, of: readonly Fragment[], others: readonly Fragment[] = []) => {
  const view = access.view(viewer, recordOf(...of, ...others), NOW);
  return of.filter((one) => view.sees(one));
};

describe('of every record', () => {
  it('nobody sees anything without a reason', () => {
    fc.assert(
      fc.property(viewers, fc.array(plain, { minLength: 1, maxLength: 8 }), (viewer, all) => {
        const notOurs = all.filter(({ owner }) => owner !== viewer.organisation || viewer.role !== 'system');
        const stranger = viewer.role === 'person' ? { ...viewer, person: SOMEBODY_ELSE } : viewer;
        if (notOurs.length > 0) expect(seenOf(stranger, notOurs)).toEqual([]);
      }),
    );
  });

  it('what is unrelated, and what restricts, never lets anybody see more', () => {
    fc.assert(
      fc.property(viewers, fragments, fc.oneof(plain, restrictions), (viewer, all, more) => {
        // A fragment of the viewer's own organisation is a reason for its systems.
        fc.pre(viewer.role !== 'system' || more.owner !== viewer.organisation);
        const [before, after] = [seenOf(viewer, all), seenOf(viewer, all, [more])];
        expect(before).toEqual(expect.arrayContaining(after));
      }),
    );
  });

  it('what others have taken on their word lets nobody see more', () => {
    const kinds = fc.constantFrom('claimed' as const, 'break-glass' as const);
    fc.assert(
      fc.property(viewers, viewers, fragments, kinds, (viewer, other, all, kind) => {
        const theirs = grantOf({ ...other, staff: 'provider|other' }, kind);
        const record = recordOf(...all);
        expect(access.view(viewer, record, NOW, [theirs]).decisions).toEqual(access.view(viewer, record, NOW).decisions);
      }),
    );
  });

  it('what has ended opens nothing, at the second at which it ends', () => {
    const kinds = fc.constantFrom('encounter' as const, 'caseload' as const, 'referral' as const, 'appointment' as const);
    const ends = fc.date({ min: new Date('2020-01-01'), max: new Date('2026-11-20'), noInvalidDate: true });
    fc.assert(
      fc.property(kinds, ends, plain, (kind, end, other) => {
        const to = `${end.toISOString().slice(0, 19)}Z`;
        const reason = giving('third', kind, { from: '2019', to, names: [codeOf('ours')] }, { recordedAt: NOW });
        const record = recordOf(reason, { ...other, owner: 'elsewhere', labels: [] });
        const untilMs = Date.parse(to) + RELATIONSHIPS[kind].afterDays * 86_400_000;
        const standsAt = (ms: number) => access.view(viewerIn('clinician'), record, new Date(ms).toISOString()).permitted;
        expect([standsAt(untilMs - 1), standsAt(untilMs)]).toEqual([true, false]);
      }),
    );
  });

  it('everybody who is told of a fragment could see it, and nobody else is told', () => {
    fc.assert(
      fc.property(fragments, fc.array(restrictions, { maxLength: 1 }), (all, more) => {
        const record = recordOf(...all, ...more);
        for (const one of all) {
          const sees = ids.filter((id) => access.view(systemViewer(id), record, NOW).sees(one)).sort();
          expect(access.audience(record, one, NOW)).toEqual(sees);
        }
      }),
    );
  });

  it('nobody hears of what they may not see, unless they could until then; and then of nothing sensitive, nor once it is closed', () => {
    const told = fc.record({
      formerly: fc.boolean(),
      whole: fc.boolean(),
      contributor: fc.option(organisations, { nil: undefined }),
    });
    fc.assert(
      fc.property(organisations, fragments, fc.array(restrictions, { maxLength: 2 }), told, (organisation, all, more, asked) => {
        const record = recordOf(...all, ...more);
        const view = access.view(systemViewer(organisation), record, NOW);
        const isClosed = access.isRestricted(record, NOW) || more.some(optsOut);
        for (const fragment of record.folds[0]!.fragments.values()) {
          const { whole, ...rest } = asked;
          const hears = access.hears(organisation, record, whole ? rest : { ...rest, fragment }, NOW);
          const sees = whole ? view.permitted : view.sees(fragment);
          if (!asked.formerly && hears) expect(sees).toBe(true);
          if (asked.formerly && hears && isClosed) expect(sees).toBe(true);
          if (!whole && hears && !sees) expect(markingsOf(fragment)).toEqual([]);
          const tellsWhere = access.isRestricted(record, NOW) && asked.contributor !== undefined;
          if (tellsWhere && hears) expect(asked.contributor).toBe(organisation);
          if (!asked.formerly && sees && !tellsWhere) expect(hears).toBe(true);
        }
      }),
    );
  });

  it('nobody whose organisation takes no part any more hears of anything', () => {
    fc.assert(
      fc.property(fragments, fc.boolean(), (all, closes) => {
        expect(access.hears('departed', recordOf(...all), { formerly: true, closes }, NOW)).toBe(false);
      }),
    );
  });

  it('a view adds up, and can be made again from what was noted of it alone', () => {
    fc.assert(
      fc.property(viewers, fragments, fc.array(restrictions, { maxLength: 1 }), (viewer, all, more) => {
        const record = recordOf(...all, ...more);
        const view = access.view(viewer, record, NOW);
        const counted = [...Object.values(view.shown), ...Object.values(view.withheld)].reduce((sum, count) => sum + count, 0);
        expect(counted).toBe(all.length + more.length);
        const again = access.recallView(viewer, record, view.decisions, NOW, view.saysWithheld);
        expect(again.fragments).toEqual(view.fragments);
        expect({ ...again, relationships: [] }).toMatchObject({
          permitted: view.permitted,
          shown: view.shown,
          withheld: view.withheld,
          redacts: view.redacts,
          saysWithheld: view.saysWithheld,
        });
      }),
    );
  });

  it('whether it is said that some is withheld depends on the role, and on nothing in the record', () => {
    fc.assert(
      fc.property(viewers, fragments, fragments, (viewer, one, other) => {
        const says = (all: readonly Fragment[]) => access.view(viewer, recordOf(...all), NOW).saysWithheld;
        expect(says(one)).toBe(says(other));
      }),
    );
  });

  it('those are told so whose role never sees some section, and no others', () => {
    for (const role of roles.filter((one) => !['privacy-officer', 'safety-investigator'].includes(one))) {
      const every = Object.keys(SECTIONS).map((section) => fragment('elsewhere', { section }));
      const reasonsEnough = [
        ...REASONS.map((kind) => giving('elsewhere', kind, { names: [codeOf('ours')] })),
        giving('ours', 'proxy', { names: [SOMEBODY_ELSE] }),
      ];
      const purpose = role === 'clinician' || role === 'paramedic' ? 'safeguarding' : ROLES[role].purposes[0];
      const view = access.view(viewerIn(role, { purpose }), recordOf(...every, ...reasonsEnough), NOW);
      expect([role, view.saysWithheld]).toEqual([role, every.some((one) => !view.sees(one))]);
    }
  });
});

describe('whoever is nobody here', () => {
  const all = [fragment('elsewhere'), giving('elsewhere', 'encounter', { names: [codeOf('ours')] })];

  it.each<[who: string, viewer: Viewer]>([
    ['in a role that nobody knows', { ...viewerIn('clinician'), role: 'surgeon' as Role }],
    ['in a role that is a word of JavaScript', { ...viewerIn('clinician'), role: 'constructor' as Role }],
    ['for an organisation that takes no part any more', viewerIn('clinician', { organisation: 'departed' })],
    ['a person without an id', viewerIn('person', { person: undefined })],
    ['a system of the people', systemViewer('people')],
    ['a clinician of the people', viewerIn('clinician', { organisation: 'people' })],
  ])('%s sees nothing and may do nothing', (_, viewer) => {
    expect(access.view(viewer, recordOf(...all), NOW, [grantOf(viewer, 'break-glass')])).toMatchObject({
      permitted: false,
      fragments: [],
      shown: {},
      relationships: [],
    });
    expect(access.may(viewer, 'break-glass', { at: NOW })).toBe(false);
    expect(access.may(viewer, 'replay', { at: NOW })).toBe(false);
  });

  it('learns nothing of a record that is empty', () => {
    expect(access.view(viewerIn('clinician'), { personId: 'a'.repeat(26), folds: [] }, NOW).permitted).toBe(false);
    expect(directory.current('departed', NOW)).toBeUndefined();
  });
});
