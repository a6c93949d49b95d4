import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, CHANGE_NAMES } from '../../../shared/changes/catalogue.ts';
import { changesOf } from '../../../shared/changes/changes.ts';
import { emptyFold, foldContribution } from '../../../shared/record/fold.ts';
import { CASES } from './cases/cases.ts';
import { allergy, encounter, medicine, observation, patient, plan, ward } from './cases/resources.ts';
import { daysAgo, lastOf, NOW, OTHER, PERSON, type Sent, type Told, tellRecord } from './told.ts';

const stories = Object.values(CASES).flatMap(({ raises, misses }) => [...Object.values(raises), ...Object.values(misses)]);
const anyStory = fc.constantFrom(...stories);

/** A message of an admission system, by its own clock. */
const adt = (hours: number, sent: Sent): Sent => ({
  ...sent,
  meta: { lastUpdated: daysAgo(1 - hours / 24), versionId: String(hours) },
});
const ADT = [
  adt(1, encounter('planned', { since: 1 })),
  adt(2, encounter('in-progress', { since: 0.9, ...ward('Ward 1') })),
  adt(3, encounter('in-progress', { since: 0.9, ...ward('Ward 2') })),
  adt(4, encounter('finished', { since: 0.9, until: 0.8, ...ward('Ward 2') })),
];

describe('detection', () => {
  it('tells nothing of what is sent again', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const { tell } = tellRecord();
        for (const each of story) tell(each);
        expect(tell(story.at(-1)!).names).toEqual([]);
      }),
    );
  });

  it('answers the same to the same step, whatever was asked before', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        expect(lastOf(...story)).toEqual(lastOf(...story));
      }),
    );
  });

  it('tells each happening of a stay at most once, in whatever order its messages arrive', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...ADT, ...ADT], { minLength: 8 }), (messages) => {
        const { tell } = tellRecord();
        const names = messages.flatMap((sent) => tell({ send: [sent] }).names);
        const clinical = names.filter((name) => CATALOGUE[name].urgency !== 'D');
        expect(new Set(clinical).size).toBe(clinical.length);
        expect(clinical.at(-1)).toBe('discharged');
      }),
    );
  });

  it('tells one admission, one move and one discharge of a stay that three systems tell, in whatever order', () => {
    const systems = [
      { by: 'uhd', id: 'spell', since: 0.9 },
      { by: 'uhd', id: 'episode', since: 0.85 },
      { by: 'gp', id: 'copy', since: 0.95 },
    ];
    const steps = ['Ward 1', 'Ward 2', undefined];
    const order = fc.shuffledSubarray(
      systems.flatMap((system) => steps.map(() => system)),
      { minLength: 9 },
    );
    fc.assert(
      fc.property(order, (turns) => {
        const { tell } = tellRecord();
        const done = new Map<string, number>();
        const names = turns.flatMap(({ by, id, since }) => {
          const step = done.get(id) ?? 0;
          done.set(id, step + 1);
          const place = steps[step];
          const sent =
            place === undefined
              ? encounter('finished', { id, since, until: 0.5 })
              : encounter('in-progress', { id, since, ...ward(place) });
          return tell({ by, send: [sent] }).names;
        });
        const clinical = names.filter((name) => CATALOGUE[name].urgency !== 'D').sort();
        expect(clinical).toEqual(['admitted', 'discharged', 'transferred']);
      }),
    );
  });

  it('is the same whether a happening comes by itself or in one contribution with many', () => {
    const alone = lastOf({ send: [encounter('in-progress')] });
    const many = Array.from({ length: 30 }, (_, index) => ({ resourceType: 'Basic', id: String(index), code: { text: 'x' } }));
    const among = lastOf({ send: [...many, encounter('in-progress')] });
    expect(among.names.filter((name) => name !== 'fragment-created')).toEqual(alone.names);
  });

  it('tells nothing clinical of a first load of what is ten years old, but for what still holds and is new', () => {
    const old = (index: number): Sent[] => [
      medicine('stopped', { id: `m${index}`, authoredOn: '2015-03-02' }),
      allergy('confirmed', { id: `a${index}`, code: { text: `a${index}` }, recordedDate: '2015' }),
      observation('final', 'HH', { id: `o${index}`, effectiveDateTime: '2014-05' }),
      encounter('finished', { id: `e${index}`, since: 3000 + index, until: 2990 + index }),
      plan('734163000', 'active', { id: `p${index}`, created: '2016' }),
      allergy('confirmed', { id: `u${index}`, code: { text: `u${index}` }, recordedDate: undefined }),
    ];
    const load: Told = { by: 'gp', send: Array.from({ length: 50 }, (_, index) => old(index)).flat() };
    expect(new Set(lastOf(load).names)).toEqual(new Set(['fragment-created']));
    // The rest of it comes in another contribution, an hour later.
    const { tell } = tellRecord();
    tell({ ...load, at: daysAgo(1 / 24) });
    expect(new Set(tell({ by: 'gp', send: old(60) }).names)).toEqual(new Set(['fragment-created']));
    expect(tell({ by: 'gp', send: [encounter('in-progress', { id: 'now' })] }).names).toEqual(['admitted']);
  });

  it('never throws, whatever the bodies hold', () => {
    const types = [
      ...new Set(
        CHANGE_NAMES.flatMap((name) =>
          CATALOGUE[name].raisedBy.flatMap((each) => (each.on === 'fragment' ? each.types.split(' ') : [])),
        ),
      ),
    ];
    const names = [
      'status',
      'class',
      'code',
      'period',
      'start',
      'end',
      'location',
      'extension',
      'url',
      'address',
      'coding',
      'meta',
      '__proto__',
      'constructor',
    ];
    const hostile = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom('in-progress', 'IMP', 'active', '2026-13-99', '9999999', '', null, true, 1e308),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 6 }),
      ),
    })).value;
    const body = fc.oneof(
      hostile.map((value) => JSON.stringify(value)),
      fc.string(),
      fc.constant(undefined),
    );
    const version = fc.record({ type: fc.constantFrom(...types, 'Patient', 'Consent'), body, next: body });
    fc.assert(
      fc.property(fc.array(version, { maxLength: 12 }), (versions) => {
        const contributionOf = (sequence: number, bodies: readonly (string | undefined)[]) => ({
          ...{
            subject: PERSON,
            sequence,
            recordedAt: NOW,
            contributor: 'uhd',
            client: 'uhd',
            source: 'main',
            requestId: 'r',
            bodies,
          },
          fragments: versions.map(({ type }, index) => ({
            fragmentId: String(index).padStart(16, 'a'),
            ...{ type, version: sequence, action: sequence === 1 ? ('created' as const) : ('updated' as const) },
            ...{ hash: '', section: 'encounters', codes: [], labels: [] },
          })),
        });
        const [first, second] = [versions.map(({ body }) => body), versions.map(({ next }) => next)];
        const before = foldContribution(emptyFold(PERSON), contributionOf(1, first));
        const contribution = contributionOf(2, second);
        const changes = changesOf({
          contribution,
          before,
          after: foldContribution(before, contribution),
          linked: [emptyFold(OTHER)],
        });
        expect(changes.length).toBeGreaterThanOrEqual(versions.length);
      }),
    );
  });

  it('tells with a retraction whatever was told of the fragment', () => {
    const retraction = { send: [{ retract: 'a1', type: 'AllergyIntolerance' }] };
    const [{ corrects } = { corrects: [] }] = lastOf({ send: [allergy('confirmed')] }, retraction).changes;
    expect(corrects).toContain('allergy-added');
    expect(corrects).toContain('fragment-created');
    expect(corrects).not.toContain('admitted');
    const [corrected] = lastOf({ send: [observation('final', 'HH')] }, { send: [observation('corrected', 'N')] }).changes;
    expect(corrected).toMatchObject({ name: 'fragment-corrected', corrects: expect.arrayContaining(['critical-result']) });
    const [died] = lastOf(
      { send: [patient({ deceasedBoolean: true })] },
      { send: [{ retract: 'person', type: 'Patient' }] },
    ).changes;
    expect(died).toMatchObject({ name: 'death-retracted', corrects: ['died', 'died-informally-notified'] });
  });
});
