import { describe, expect, it } from 'vitest';
import { checkSettings, loadSettings } from '../../infra/settings.ts';
import { createDirectory } from '../../shared/directory/directory.ts';

const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const demo = loadSettings('demo');

const refusal = (change: object): string => {
  try {
    checkSettings({ ...demo, ...change });
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('settings', () => {
  it('of the demo know the nine partners of the tender, and whom they have become', () => {
    const directory = createDirectory(demo.organisations);
    const today = '2026-01-01';
    const become = ['dorset-ccg', 'dch', 'dhc', 'rbch', 'poole-hospital', 'swasft', 'dorset-county', 'poole', 'bournemouth'].map(
      (id) => directory.current(id, today)?.id,
    );
    expect(become).toEqual(['dorset-icb', 'dch', 'dhc', 'uhd', 'uhd', 'swasft', 'dorset-council', 'bcp', 'bcp']);
    expect(directory.byCode({ system: ODS, value: 'RDZ' }, '2019-06-01')?.id).toBe('rbch');
    expect(directory.byCode({ system: ODS, value: 'RDZ' }, today)?.id).toBe('uhd');
    expect(directory.byCode({ system: ODS, value: 'RA4' }, today)?.id).toBe('somerset');
    expect(directory.nameAt('hiow-healthcare', '2024-09-30')).toBe('Southern Health NHS Foundation Trust');
    expect(directory.nameAt('hiow-healthcare', '2024-10-01')).toBe('Hampshire and Isle of Wight Healthcare NHS Foundation Trust');
  });

  it('fill in what may be left out', () => {
    expect(demo).toMatchObject({
      region: 'eu-west-2',
      requireApiKey: false,
      throttle: { requestsPerSecond: 2_000, burst: 4_000 },
    });
    expect(demo.clients[0]?.plan).toEqual({ requestsPerSecond: 100, burst: 200, requestsPerDay: 2_000_000 });
  });

  it('name the deployments there are when asked for another', () => {
    expect(() => loadSettings('nowhere')).toThrow('there is no deployment "nowhere"; infra/settings.ts names: demo');
    expect(() => loadSettings('toString')).toThrow('there is no deployment "toString"');
  });

  const uhd = { name: 'uhd', organisation: 'uhd', scopes: ['system/*.rs'] };
  it.each([
    ['a region that is none', { region: 'London' }, 'region: an AWS region'],
    ['a misspelt setting', { trottle: {} }, '(all): Unrecognized key: "trottle"'],
    [
      'a scope with its letters in another order',
      { clients: [{ ...uhd, scopes: ['system/*.sr'] }] },
      'clients[0].scopes[0]: a SMART v2 system scope',
    ],
    [
      'a scope without letters',
      { clients: [{ ...uhd, scopes: ['system/*.'] }] },
      'clients[0].scopes[0]: a SMART v2 system scope',
    ],
    ['a user scope', { clients: [{ ...uhd, scopes: ['user/*.rs'] }] }, 'clients[0].scopes[0]: a SMART v2 system scope'],
    [
      'a client of nobody',
      { clients: [{ ...uhd, organisation: 'nobody' }] },
      'clients[0].organisation: no organisation has this id',
    ],
    ['a client named twice', { clients: [uhd, uhd] }, 'clients[1].name: is also that of clients[0]'],
    [
      'a plan without a rate',
      { clients: [{ ...uhd, plan: { burst: 1, requestsPerDay: 1 } }] },
      'clients[0].plan.requestsPerSecond: ',
    ],
    [
      'a privacy office of an unknown organisation',
      { privacyOffices: [{ organisation: 'nobody' }] },
      'privacyOffices[0].organisation: no organisation has this id',
    ],
    [
      'two privacy offices of one organisation',
      { privacyOffices: [{ organisation: 'uhd' }, { organisation: 'uhd' }] },
      'privacyOffices[1].organisation: is also that of privacyOffices[0]',
    ],
    [
      'a records office of an unknown organisation',
      { recordsOffices: [{ organisation: 'nobody' }] },
      'recordsOffices[0].organisation: no organisation has this id',
    ],
    [
      'claims that are settled at once',
      { assertions: { uncontestedDays: 0 } },
      'assertions.uncontestedDays: Too small: expected number to be >=1',
    ],
    ['an unknown lead of oversight', { oversight: { lead: 'nobody' } }, 'oversight.lead: no organisation has this id'],
    [
      'an unknown successor',
      { organisations: [{ ...demo.organisations[0], successors: [{ organisation: 'nobody', on: '2020-01-01' }] }] },
      'organisations[0].successors[0].organisation: no organisation has this id',
    ],
    [
      'a day that is none',
      { organisations: [{ ...demo.organisations[0], names: [{ value: 'A', from: 'today' }] }] },
      'organisations[0].names[0].from: a day such as 2020-10-01',
    ],
  ])('refuse %s and name its path', (_, change, message) => {
    expect(refusal(change)).toContain(`\n  ${message}`);
  });

  it('refuse successors that lead in a circle', () => {
    const organisation = (id: string, successor: string) => ({
      id,
      kind: 'trust',
      names: [{ value: id }],
      codes: [],
      successors: [{ organisation: successor, on: '2020-01-01' }],
    });
    const change = {
      organisations: [organisation('one', 'two'), organisation('two', 'one')],
      clients: [{ name: 'one', organisation: 'one', scopes: ['system/*.rs'] }],
      sources: [],
      subscribers: [],
      feeds: [],
      providers: [],
      apps: [],
      privacyOffices: [],
      recordsOffices: [],
      oversight: { lead: 'one' },
    };
    expect(refusal(change)).toContain('organisations: the successors of an organisation lead back to it');
  });
});
