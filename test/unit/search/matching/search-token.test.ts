import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCondition } from '../../../../shared/fhir/interactions.ts';
import { parseReference } from '../../../../shared/fhir/references.ts';
import { readIdentifierToken, readSearchToken } from '../../../../shared/fhir/search/matching/search-token.ts';
import { NHS_NUMBER } from '../../../../shared/fhir/systems.ts';
import { find, type Resource } from '../record.ts';

const escaped = (text: string) => text.replaceAll(/[\\|,$]/g, '\\$&');

describe('a token that is searched for', () => {
  it.each([
    ['code', { system: undefined, code: 'code' }],
    ['s|code', { system: 's', code: 'code' }],
    ['|code', { system: '', code: 'code' }],
    ['s|', { system: 's', code: '' }],
    ['s|p\\|q', { system: 's', code: 'p|q' }],
    ['s\\|t|p', { system: 's|t', code: 'p' }],
    ['s|a\\,b\\$c\\\\d', { system: 's', code: 'a,b$c\\d' }],
    ['s|\\\\', { system: 's', code: '\\' }],
    ['s|p|q', undefined],
    ['', undefined],
    ['|', undefined],
  ])('%s', (text, expected) => {
    expect(readSearchToken(text)).toEqual(expected);
  });

  it.each([
    ['a list', 's|1,s|2'],
    ['a bar that is not escaped', 's|p|q'],
    ['no system', '|p'],
    ['no value', 's|'],
    ['a bare value', 'p'],
  ])('names no one identifier: %s', (_, text) => {
    expect(readIdentifierToken(text)).toBeUndefined();
  });
});

describe('an identifier', () => {
  const part = fc.string({ minLength: 1, unit: fc.constantFrom('a', 'B', '7', '|', ',', '$', '\\', '/', ':', ' ', 'é') });
  const named = fc
    .record({ system: part, value: part })
    .filter(({ value, system }) => value.trim() !== '' && system.trim() !== '');

  it('is the same in a condition, in a conditional reference and in a search, whatever it holds', () => {
    fc.assert(
      fc.property(named, ({ system, value }) => {
        const text = `${escaped(system)}|${escaped(value)}`;
        const query = `identifier=${encodeURIComponent(text)}`;
        expect(parseCondition([['identifier', text]])).toEqual({ identifier: { system, value } });
        expect(parseReference(`Practitioner?${query}`, 'https://chesil.example/fhir/R4')).toMatchObject({
          kind: 'conditional',
          identifier: { system, value },
        });
        const resources = [
          { resourceType: 'Condition', id: 'one', identifier: [{ system, value }] },
          { resourceType: 'Condition', id: 'other', identifier: [{ system: `${system}x`, value }] },
          { resourceType: 'Condition', id: 'third', identifier: [{ system, value: `${value}x` }] },
        ] as unknown as readonly Resource[];
        expect(find(resources, `Condition?${query}`)).toEqual(['one']);
      }),
    );
  });
});

describe('an NHS number in a query', () => {
  const resources = [
    {
      resourceType: 'Patient',
      id: 'ada',
      identifier: [
        { type: { coding: [{ system: 'http://t', code: 'NH' }] }, system: NHS_NUMBER, value: '9996500004' },
        { system: 'https://uhd.example/mrn', value: '999 000 0018' },
      ],
    },
  ] as unknown as readonly Resource[];
  const written = [
    '9996500004',
    '999 650 0004',
    '999-650-0004',
    '999\u00a0650\u00a00004',
    '999\u2011650\u20110004',
    ' 9996500004 ',
  ];

  it.each(written)('is read as people write it: "%s"', (number) => {
    for (const query of [`identifier=${NHS_NUMBER}|`, 'identifier=', 'identifier:of-type=http://t|NH|'])
      expect(find(resources, `Patient?${query}${encodeURIComponent(number)}`)).toEqual(['ada']);
    expect(readIdentifierToken(`${NHS_NUMBER}|${number}`)).toEqual({ system: NHS_NUMBER, value: '9996500004' });
  });

  it.each(['9996500005', '999 650 0005', '0000000000', '9999999999', '99 95 00 00 04'])(
    'finds nobody where it is none: %s',
    (number) => {
      expect(find(resources, `Patient?identifier:of-type=http://t|NH|${encodeURIComponent(number)}`)).toEqual([]);
      expect(readIdentifierToken(`${NHS_NUMBER}|${number}`)).toEqual({ system: NHS_NUMBER, value: number });
    },
  );

  it('leaves the numbers of other systems as they are', () => {
    const mrn = 'https://uhd.example/mrn';
    expect(find(resources, `Patient?identifier=${mrn}|${encodeURIComponent('999 000 0018')}`)).toEqual(['ada']);
    expect(find(resources, `Patient?identifier=${mrn}|9990000018`)).toEqual([]);
    expect(readIdentifierToken(`${mrn}|999 000 0018`)).toEqual({ system: mrn, value: '999 000 0018' });
  });
});
