import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ReviewTask, taskId } from '../../../shared/access/review/task.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.engine.stop());

const rulesOf = async (name?: string) => (await world.findings(name)).map(({ rule }) => rule);
const NURSE_FAMILY = { name: [{ family: 'Nurse', given: ['Sam'] }] };
const STRANGER = { name: [{ family: 'Stranger', given: ['Sam'] }] };

describe('looks', () => {
  it('at a namesake are one finding a day, with the looks as evidence, and go to the queue of the organisation', async () => {
    await world.known('relative', NURSE_FAMILY);
    await world.known('stranger', STRANGER);
    const looks = [
      await world.looked('2026-11-24T09:00:00.000Z', 'relative'),
      await world.looked('2026-11-24T09:05:00.000Z', 'relative', { interaction: 'read' }),
    ];
    await world.looked('2026-11-24T09:10:00.000Z', 'stranger');
    await world.review('2026-11-24T12:00:00.000Z');
    expect(await world.findings('relative')).toEqual([
      {
        id: expect.stringMatching(/^hhft\.20261124090000000\.[a-z2-7]{16}$/),
        kind: 'finding',
        rule: 'same-surname',
        organisation: 'hhft',
        at: '2026-11-24T09:00:00.000Z',
        person: world.person('relative'),
        staff: 'hampshire|nurse',
        staffName: 'Nia Nurse',
        role: 'clinician',
        evidence: looks.map((access) => ({ person: world.person('relative'), access })),
        reviews: [],
      },
    ]);
    expect(await rulesOf('stranger')).toEqual([]);
  });

  it('that were not looks by staff, or showed nothing, are passed over', async () => {
    await world.known('relative', NURSE_FAMILY);
    await world.looked('2026-11-24T09:00:00.000Z', 'relative', { outcome: 'refused' });
    await world.looked('2026-11-24T09:01:00.000Z', 'relative', { staff: undefined });
    await world.looked('2026-11-24T09:02:00.000Z', 'relative', { interaction: 'break-glass' });
    await world.review('2026-11-24T12:00:00.000Z');
    expect(await rulesOf('relative')).toEqual([]);
  });

  it('are looked over once they have settled, and the next run goes on where the last one was', async () => {
    await world.known('relative', NURSE_FAMILY);
    await world.looked('2026-11-24T11:59:30.000Z', 'relative');
    await world.review('2026-11-24T12:00:00.000Z');
    expect(await rulesOf('relative')).toEqual([]);
    await world.looked('2026-11-26T08:00:00.000Z', 'relative');
    await world.review('2026-11-28T12:00:00.000Z');
    expect(await world.findings('relative')).toMatchObject([
      { at: '2026-11-24T11:59:30.000Z' },
      { at: '2026-11-26T08:00:00.000Z' },
    ]);
  });

  it('are found once, however often a run breaks off and is repeated', async () => {
    await world.known('relative', NURSE_FAMILY);
    await world.looked('2026-11-24T09:00:00.000Z', 'relative');
    const { progress } = world.dependencies;
    await world.review('2026-11-24T08:00:00.000Z');
    const breaks = { ...progress, note: () => Promise.reject(new Error('gone')) };
    for (const _ of [1, 2])
      await expect(world.review('2026-11-24T12:00:00.000Z', { changed: { progress: breaks } })).rejects.toThrow();
    await world.looked('2026-11-24T10:00:00.000Z', 'relative');
    await world.review('2026-11-24T13:00:00.000Z');
    await world.review('2026-11-24T14:00:00.000Z');
    expect(await rulesOf('relative')).toEqual(['same-surname']);
  });

  it('of an organisation that cannot be reviewed keep no other from being reviewed, and the run fails', async () => {
    await world.known('relative', NURSE_FAMILY);
    await world.looked('2026-11-24T09:00:00.000Z', 'relative');
    const { looks } = world.dependencies;
    const page: typeof looks.page = (organisation, range) =>
      organisation === 'hhft' ? looks.page(organisation, range) : Promise.reject(new Error('gone'));
    const run = world.review('2026-11-24T12:00:00.000Z', { changed: { looks: { ...looks, page } } });
    await expect(run).rejects.toThrow('the audit could not be reviewed');
    expect(await rulesOf('relative')).toEqual(['same-surname']);
  });

  it('wait for the next run where there is no time left', async () => {
    await world.known('relative', NURSE_FAMILY);
    await world.looked('2026-11-24T09:00:00.000Z', 'relative');
    await world.review('2026-11-24T12:00:00.000Z', { msLeft: 10_000 });
    expect(await rulesOf('relative')).toEqual([]);
    await world.review('2026-11-24T13:00:00.000Z');
    expect(await rulesOf('relative')).toEqual(['same-surname']);
  });

  it('are looked over page by page: more than a page of them at once', async () => {
    await world.known('stranger', STRANGER);
    await world.known('relative', NURSE_FAMILY);
    for (let index = 0; index < 250; index++)
      await world.looked(
        `2026-11-24T08:00:${String(index % 60).padStart(2, '0')}.${String(index).padStart(3, '0')}Z`,
        'stranger',
      );
    await world.looked('2026-11-24T09:00:00.000Z', 'relative');
    await world.review('2026-11-24T12:00:00.000Z');
    expect(await rulesOf('relative')).toEqual(['same-surname']);
  });

  it('that a privacy officer has said to be nothing are not found again for a year', async () => {
    await world.known('relative', NURSE_FAMILY);
    await world.looked('2026-11-24T09:00:00.000Z', 'relative');
    await world.review('2026-11-24T12:00:00.000Z');
    const [finding] = await world.findings('relative');
    const said = { outcome: 'false-positive', note: 'Not related.', staff: 'hampshire|officer', organisation: 'hhft' } as const;
    await world.dependencies.tasks.review(finding!, { at: '2026-11-24T13:00:00.000Z', ...said });
    await world.looked('2026-11-25T09:00:00.000Z', 'relative');
    await world.looked('2026-11-25T09:00:00.000Z', 'relative', { staff: 'hampshire|other', name: 'Olu Nurse' });
    await world.review('2026-11-25T12:00:00.000Z');
    expect((await world.findings('relative')).map(({ staff }) => staff)).toEqual(['hampshire|nurse', 'hampshire|other']);
  });
});

describe('what privacy officers have entered', () => {
  const HOME = [{ line: ['1 Quay Street'], postalCode: 'BH15 1AA' }];
  const during = { from: '2026-11-01T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' };
  beforeEach(async () => {
    await world.known('nurse', { name: [{ family: 'Nurse', given: ['Nia'] }], address: HOME });
    await world.known('porter', { name: [{ family: 'Porter', given: ['Pat'] }] });
    await world.known('partner', {
      name: [{ family: 'Other', given: ['Ola'] }],
      address: [{ line: ['1, QUAY STREET'], postalCode: 'BH151AA' }],
    });
    const { staffRegister, watchList } = world.dependencies;
    await staffRegister.put({ person: world.person('nurse'), staff: 'hampshire|nurse', organisation: 'hhft', ...during });
    await staffRegister.put({ person: world.person('porter'), staff: 'hampshire|porter', organisation: 'hhft', ...during });
    const officer = { staff: 'hampshire|officer', organisation: 'hhft', note: 'In the newspapers.' };
    await watchList.put({ person: world.person('porter'), ...officer, from: '2026-11-24T10:00:00.000Z', until: during.until });
  });

  it('tells looks at one’s own record, one’s household and one’s colleagues, and at whoever is watched', async () => {
    for (const name of ['nurse', 'partner', 'porter']) await world.looked('2026-11-24T09:00:00.000Z', name);
    await world.review('2026-11-24T12:00:00.000Z');
    expect([await rulesOf('nurse'), await rulesOf('partner'), await rulesOf('porter')]).toEqual([
      ['own-record'],
      ['same-household'],
      ['colleague'],
    ]);
    await world.looked('2026-11-24T12:00:00.000Z', 'porter', { staff: 'hampshire|third', name: 'Tia Third' });
    await world.review('2026-11-24T13:00:00.000Z');
    expect((await rulesOf('porter')).sort()).toEqual(['colleague', 'colleague', 'watched']);
  });

  it('holds of staff who were entered twice, because they were taken for somebody else at first', async () => {
    const { staffRegister } = world.dependencies;
    const entry = { staff: 'hampshire|nurse', organisation: 'hhft', from: during.from };
    await staffRegister.put({ ...entry, person: world.person('mistaken'), until: '2026-12-31T00:00:00.000Z' });
    await world.looked('2026-11-24T09:00:00.000Z', 'partner');
    await world.review('2026-11-24T12:00:00.000Z');
    expect(await rulesOf('partner')).toEqual(['same-household']);
  });

  it('holds of persons whose records were found to be one, by the id of either', async () => {
    for (const name of ['nurse', 'porter']) {
      await world.known(`${name} again`, { name: [{ family: 'Again', given: ['Ann'] }] });
      await world.link(`${name} again`, name);
      await world.looked('2026-11-24T11:00:00.000Z', `${name} again`);
    }
    await world.review('2026-11-24T12:00:00.000Z');
    expect([await rulesOf('nurse again'), (await rulesOf('porter again')).sort()]).toEqual([
      ['own-record'],
      ['colleague', 'watched'],
    ]);
  });
});

describe('days', () => {
  const day = (number: number) => `2026-11-${String(number).padStart(2, '0')}`;

  /** So many persons, one look each, from nine o'clock on. */
  const worked = async (number: number, persons: number, staff = 'hampshire|nurse') => {
    for (let index = 0; index < persons; index++)
      await world.looked(
        `${day(number)}T09:${String(index % 60).padStart(2, '0')}:00.${String(index).padStart(3, '0')}Z`,
        `p${index}`,
        { staff },
      );
  };

  it('on which somebody looks at many more records than is usual are found when they are over', async () => {
    for (const number of [9, 10, 11, 12, 13, 16]) {
      await worked(number, 3);
      await worked(number, 4, 'hampshire|other');
    }
    await world.review('2026-11-17T00:30:00.000Z');
    await worked(17, 35);
    await world.looked('2026-11-17T10:00:00.000Z', 'p1', { staff: 'hampshire|other' });
    await world.review('2026-11-17T23:00:00.000Z');
    expect(await world.findings()).toEqual([]);
    await world.review('2026-11-18T00:30:00.000Z');
    await world.review('2026-11-18T01:30:00.000Z');
    const found = await world.findings();
    expect(found).toMatchObject([{ rule: 'unusual-volume', staff: 'hampshire|nurse', at: '2026-11-17T09:00:00.000Z' }]);
    expect(found[0]!.evidence).toHaveLength(20);
  });

  it('on which somebody looks at night, who never does, are found, on the clock of London', async () => {
    for (const number of [2, 3, 4, 5, 6, 9, 10, 11, 12, 13]) await worked(number, 1);
    await world.review('2026-11-14T00:30:00.000Z');
    await world.looked('2026-11-14T03:15:00.000Z', 'p1');
    await world.review('2026-11-15T06:00:00.000Z');
    expect(await rulesOf()).toEqual(['unusual-hour']);
  });
});

describe('what should have come', () => {
  it('is a review of a broken glass within 72 hours', async () => {
    await world.granted('break-glass', 'one', '2026-11-20T10:00:00.000Z', '2026-11-20T14:00:00.000Z');
    const reviewed = await world.granted('break-glass', 'two', '2026-11-20T10:00:00.000Z', '2026-11-20T14:00:00.000Z');
    const said = { outcome: 'justified', note: 'Asked the ward.', staff: 'hampshire|officer', organisation: 'hhft' } as const;
    await world.dependencies.tasks.review(reviewed, { at: '2026-11-21T10:00:00.000Z', ...said });
    await world.review('2026-11-21T12:00:00.000Z');
    expect(await rulesOf('one')).toEqual([]);
    await world.review('2026-11-24T12:00:00.000Z');
    expect([await rulesOf('one'), await rulesOf('two')]).toEqual([['unreviewed-break-glass'], []]);
  });

  it('is an answer of a records office by the instant at which a question is due', async () => {
    const question = async (name: string) => {
      const at = '2026-11-20T10:00:00.000Z';
      const task: ReviewTask = {
        id: taskId({ organisation: 'hhft', office: 'records', at, name: world.person(name).slice(0, 16) }),
        ...{ kind: 'number-corrected', organisation: 'hhft', at, person: world.person(name), evidence: [] },
        dueAt: '2026-11-21T10:00:00.000Z',
      };
      await world.dependencies.tasks.raise(task);
      return task;
    };
    await question('one');
    const said = { outcome: 'corrected', note: 'All sent again.', staff: 'hampshire|records', organisation: 'hhft' };
    await world.dependencies.tasks.review(await question('two'), { at: '2026-11-21T09:59:59.999Z', ...said });
    await world.review('2026-11-21T12:00:00.000Z');
    expect(await rulesOf('one')).toEqual([]);
    await world.review('2026-11-22T12:00:00.000Z');
    await world.review('2026-11-23T12:00:00.000Z');
    expect([await rulesOf('one'), await rulesOf('two')]).toEqual([['unanswered-question'], []]);
  });

  it('is a trace of the care that somebody claimed to give', async () => {
    const from = new Date(Date.now() - 24 * 3_600_000).toISOString();
    const until = new Date().toISOString();
    await world.known('cared', STRANGER, 'hhft');
    await world.known('elsewhere', STRANGER, 'uhd');
    for (const name of ['cared', 'elsewhere']) await world.granted('claimed', name, from, until);
    const later = (days: number) => new Date(Date.now() + days * 24 * 3_600_000).toISOString();
    await world.review(later(0));
    await world.review(later(9));
    expect([await rulesOf('cared'), await rulesOf('elsewhere')]).toEqual([[], ['claim-without-follow-up']]);
  });
});
