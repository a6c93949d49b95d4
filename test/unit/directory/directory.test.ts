import { describe, expect, it } from 'vitest';
import { createDirectory, type Organisation } from '../../../shared/directory/directory.ts';

const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const hospital = (told: Partial<Organisation> & { id: string }): Organisation => ({
  kind: 'trust',
  names: [],
  codes: [],
  successors: [],
  ...told,
});

const poole = hospital({
  id: 'poole',
  names: [{ value: 'Poole Hospital', to: '2020-10-01' }],
  codes: [{ value: { system: ODS, value: 'RD3' }, to: '2020-10-01' }],
  successors: [{ organisation: 'uhd', on: '2020-10-01' }],
});
const uhd = hospital({
  id: 'uhd',
  names: [{ value: 'University Hospitals Dorset', from: '2020-10-01' }],
  codes: [{ value: { system: ODS, value: 'R0D' } }],
});

describe('the directory', () => {
  const directory = createDirectory([poole, uhd]);

  it('follows a merger on the day it happens, not before', () => {
    expect(directory.current('poole', '2020-09-30T23:59:59Z')?.id).toBe('poole');
    expect(directory.current('poole', '2020-10-01T00:00:00Z')?.id).toBe('uhd');
  });

  it('lets a code that has lapsed still name whoever took over', () => {
    expect(directory.byCode({ system: ODS, value: 'rd3' }, '2026-01-01')?.id).toBe('uhd');
    expect(directory.byCode({ system: ODS, value: 'RD3' }, '2019-01-01')?.id).toBe('poole');
    expect(directory.byCode({ system: ODS, value: 'ZZZ' }, '2026-01-01')).toBeUndefined();
  });

  it('keeps the name that stood', () => {
    expect(directory.nameAt('poole', '2016-01-01')).toBe('Poole Hospital');
    expect(directory.nameAt('poole', '2026-01-01')).toBe('Poole Hospital');
  });

  it.each([
    ['twice', [uhd, uhd]],
    ['unknown successor', [poole]],
    [
      'lead back',
      [
        hospital({ id: 'a', successors: [{ organisation: 'b', on: '2020-01-01' }] }),
        hospital({ id: 'b', successors: [{ organisation: 'a', on: '2021-01-01' }] }),
      ],
    ],
  ])('refuses organisations that make no sense: %s', (words, organisations) => {
    expect(() => createDirectory(organisations)).toThrow(words);
  });
});
