import { describe, expect, it } from 'vitest';
import { createSources, type Source } from '../../../shared/directory/sources.ts';

const laboratory: Source = {
  organisation: 'uhd',
  name: 'laboratory',
  tracesNhsNumbers: false,
  patientIdentifiers: ['https://uhd.example/lab-numbers'],
  stableIds: false,
  base: 'https://lab.uhd.example/fhir',
};

describe('the sources of a deployment', () => {
  const sources = createSources([laboratory]);

  it('are found by organisation and name', () => {
    expect(sources.byName('uhd', 'laboratory')).toEqual(laboratory);
  });

  it.each([
    ['another organisation has it', 'dch', 'laboratory'],
    ['nobody has it', 'uhd', 'main'],
    ['the two names run together', 'uhd/laboratory', ''],
  ])('have the defaults where they are not described: %s', (_, organisation, name) => {
    expect(sources.byName(organisation, name)).toEqual({
      ...{ organisation, name, tracesNhsNumbers: false, patientIdentifiers: [], stableIds: true },
    });
  });

  it('are described once each', () => {
    expect(() => createSources([laboratory, laboratory])).toThrow('the settings describe a source twice');
  });
});
