import { describe, expect, it } from 'vitest';
import { checkSettings, loadSettings } from '../../infra/settings.ts';

const demo = loadSettings('demo');
const uhd = { name: 'uhd', organisation: 'uhd', scopes: ['system/*.rs'] };

const refusal = (change: object): string => {
  try {
    checkSettings({ ...demo, clients: [uhd], ...change });
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('settings of sources', () => {
  it('fill in what may be left out', () => {
    const { sources, clients } = checkSettings({ ...demo, clients: [uhd], sources: [{ organisation: 'uhd' }] });
    expect(sources).toEqual([
      { organisation: 'uhd', name: 'main', tracesNhsNumbers: false, patientIdentifiers: [], stableIds: true },
    ]);
    expect(clients[0]).toMatchObject({ source: 'main' });
  });

  it.each<[string, object]>([
    ['none at all', { sources: [] }],
    [
      'a client whose source nobody describes, of an organisation that describes none',
      {
        sources: [{ organisation: 'dch', name: 'pas' }],
        clients: [{ ...uhd, source: 'laboratory' }],
      },
    ],
    [
      'two systems of one organisation',
      {
        sources: [{ organisation: 'uhd' }, { organisation: 'uhd', name: 'laboratory', stableIds: false }],
        clients: [uhd, { ...uhd, name: 'uhd-laboratory', source: 'laboratory' }],
      },
    ],
    [
      'systems of one name in two organisations',
      {
        sources: [{ organisation: 'uhd' }, { organisation: 'dch' }],
      },
    ],
    [
      'a source without a client: what it sent is still in the record',
      {
        sources: [{ organisation: 'uhd' }, { organisation: 'uhd', name: 'retired' }],
      },
    ],
    ['a base', { sources: [{ organisation: 'uhd', base: 'https://fhir.uhd.example/r4' }] }],
    [
      'URNs as systems',
      { sources: [{ organisation: 'uhd', patientIdentifiers: ['urn:oid:2.16.840.1', 'https://uhd.example/mrn'] }] },
    ],
  ])('take %s', (_, change) => {
    expect(refusal(change)).toBe('accepted');
  });

  it.each<[string, object, string]>([
    [
      'of an unknown organisation',
      { sources: [{ organisation: 'nobody' }] },
      'sources[0].organisation: no organisation has this id',
    ],
    [
      'described twice',
      { sources: [{ organisation: 'uhd' }, { organisation: 'uhd', name: 'main' }] },
      'sources[1].name: is also that of sources[0], of the same organisation',
    ],
    [
      'with a name that is no slug',
      { sources: [{ organisation: 'uhd', name: 'The Laboratory' }] },
      'sources[0].name: a slug of 2 to 20 characters such as laboratory',
    ],
    [
      'with more than twenty systems of patient numbers',
      {
        sources: [{ organisation: 'uhd', patientIdentifiers: Array.from({ length: 21 }, (_, n) => `https://uhd.example/${n}`) }],
      },
      'sources[0].patientIdentifiers: at most 20 systems',
    ],
    [
      'with a system that is none',
      { sources: [{ organisation: 'uhd', patientIdentifiers: ['MRN'] }] },
      'sources[0].patientIdentifiers[0]: the system of an identifier',
    ],
    [
      'with a system twice',
      { sources: [{ organisation: 'uhd', patientIdentifiers: ['https://uhd.example/mrn', 'https://uhd.example/mrn'] }] },
      'sources[0].patientIdentifiers[1]: is patientIdentifiers[0] again',
    ],
    [
      'for which the NHS number is a number of its own patients',
      { sources: [{ organisation: 'uhd', patientIdentifiers: ['https://fhir.nhs.uk/Id/nhs-number'] }] },
      'sources[0].patientIdentifiers[0]: is the NHS number',
    ],
    ['whose base is relative', { sources: [{ organisation: 'uhd', base: '/fhir' }] }, 'sources[0].base: https://'],
    [
      'whose base ends in a slash',
      { sources: [{ organisation: 'uhd', base: 'https://uhd.example/fhir/' }] },
      'sources[0].base: https://',
    ],
    [
      'whose base has a query',
      { sources: [{ organisation: 'uhd', base: 'https://uhd.example/fhir?a=b' }] },
      'sources[0].base: https://',
    ],
    [
      'that a client misspells, where its organisation describes some',
      { sources: [{ organisation: 'uhd' }], clients: [{ ...uhd, source: 'labratory' }] },
      'clients[0].source: "labratory" is none of the sources that its organisation describes',
    ],
    [
      'that a client leaves out, where its organisation describes others',
      { sources: [{ organisation: 'uhd', name: 'laboratory' }] },
      'clients[0].source: "main" is none of the sources that its organisation describes',
    ],
  ])('refuse a source %s', (_, change, message) => {
    expect(refusal(change)).toContain(`\n  ${message}`);
  });
});
