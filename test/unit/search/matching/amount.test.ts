import { describe, expect, it } from 'vitest';
import { find, type Resource, refusalOf } from '../record.ts';

const UCUM = 'http://unitsofmeasure.org';
const mg = { system: UCUM, code: 'mg', unit: 'milligram' };
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
const quantity = (id: string, valueQuantity: object): Resource => ({ resourceType: 'Observation', id, valueQuantity });

const observations: readonly Resource[] = [
  quantity('5.4 mg', { value: 5.4, ...mg }),
  quantity('5.44 mg', { value: 5.44, ...mg }),
  quantity('5.45 mg', { value: 5.45, ...mg }),
  quantity('0.0054 g', { value: 0.0054, system: UCUM, code: 'g', unit: 'g' }),
  quantity('6 tablets', { value: 6, unit: 'tablet' }),
  quantity('below 5', { value: 5, comparator: '<', ...mg }),
  quantity('unit only', mg),
  { resourceType: 'Observation', id: 'sampled', valueSampledData: { origin: { value: 100, ...mg }, factor: 2, data: '1 E 5 3' } },
];

describe('a quantity', () => {
  it.each([
    ['5.4', ['5.4 mg', '5.44 mg']],
    ['5.40', ['5.4 mg']],
    [`5.4|${UCUM}|mg`, ['5.4 mg', '5.44 mg']],
    ['5.4||mg', ['5.4 mg', '5.44 mg']],
    ['5.4||milligram', ['5.4 mg', '5.44 mg']],
    [`5.40e-3|${UCUM}|g`, ['0.0054 g']],
    [`5.4|${UCUM}|`, ['5.4 mg', '5.44 mg']],
    [`le5.4|${UCUM}|mg`, ['5.4 mg', 'below 5']],
    ['lt5', ['0.0054 g', 'below 5']],
    ['gt5.4||mg', ['5.44 mg', '5.45 mg', 'sampled']],
    ['ge6', ['6 tablets', 'sampled']],
    ['ne5.4||mg', ['5.45 mg', 'below 5', 'sampled']],
    [`ap5.4|${UCUM}|mg`, ['5.4 mg', '5.44 mg', '5.45 mg', 'below 5']],
    ['sa6', ['sampled']],
    ['eb0.01', ['0.0054 g']],
    ['102||mg', []],
    ['ge110||mg', ['sampled']],
    ['gt110||mg', []],
  ])('value-quantity=%s finds %j', (value, ids) => {
    expect(find(observations, `Observation?value-quantity=${value}`)).toEqual(ids);
  });

  it.each(['five', '5,four', '5.4|mg|a|b', '|mg', 'gt', '1e', '--1', 'NaN', 'Infinity', '0x10'])('%s is refused', (value) => {
    expect(refusalOf(`Observation?value-quantity=${value}`)).toEqual(['bad-parameter Observation?value-quantity']);
  });
});

describe('a number', () => {
  const risks: readonly Resource[] = [0.5, 0.8, 0.85, 0.849].map((probabilityDecimal) => ({
    resourceType: 'RiskAssessment',
    id: String(probabilityDecimal),
    prediction: [{ probabilityDecimal }],
  }));
  const range: Resource = {
    resourceType: 'RiskAssessment',
    id: 'range',
    prediction: [{ probabilityRange: { low: { value: 0.7 }, high: { value: 0.9 } } }],
  };

  it.each([
    ['gt0.8', ['0.85', '0.849', 'range']],
    ['0.8', ['0.8', '0.849']],
    ['0.80', ['0.8']],
    ['8e-1', ['0.8', '0.849']],
    ['lt0.8', ['0.5', 'range']],
    ['sa0.6', ['0.8', '0.85', '0.849', 'range']],
    ['0.5,0.850', ['0.5', '0.85']],
  ])('probability=%s finds %j', (value, ids) => {
    expect(find([...risks, range], `RiskAssessment?probability=${value}`)).toEqual(ids);
  });
});

describe('a composite', () => {
  const pressures: readonly Resource[] = [
    {
      resourceType: 'Observation',
      id: 'low',
      component: [
        { code: loinc('8480-6'), valueQuantity: { value: 55 } },
        { code: loinc('8462-4'), valueQuantity: { value: 40 } },
      ],
    },
    {
      resourceType: 'Observation',
      id: 'normal',
      component: [
        { code: loinc('8480-6'), valueQuantity: { value: 120 } },
        { code: loinc('8462-4'), valueQuantity: { value: 55 } },
      ],
    },
    {
      resourceType: 'Observation',
      id: 'plain',
      code: loinc('2823-3'),
      valueQuantity: { value: 5.8, system: UCUM, code: 'mmol/L' },
    },
    { resourceType: 'Observation', id: 'dated', code: loinc('11778-8'), valueDateTime: '2024-03-14' },
  ];

  it.each([
    ['component-code-value-quantity=http://loinc.org|8480-6$lt60', ['low']],
    ['component-code-value-quantity=8480-6$lt60,8462-4$lt60', ['low', 'normal']],
    ['combo-code-value-quantity=2823-3$gt5.4,8480-6$120', ['normal', 'plain']],
    [`code-value-quantity=http://loinc.org|2823-3$gt5.4|${UCUM}|mmol/L`, ['plain']],
    ['code-value-quantity=2823-3$gt5.4||mg', []],
    ['code-value-date=11778-8$ge2024', ['dated']],
    ['code-value-quantity:missing=false', ['plain']],
  ])('Observation?%s finds %j', (query, ids) => {
    expect(find(pressures, `Observation?${query}`)).toEqual(ids);
  });

  it('of a Group compares what stands together', () => {
    const group: Resource = {
      resourceType: 'Group',
      id: 'mixed',
      characteristic: [
        { code: { text: 'g', coding: [{ code: 'gender' }] }, valueCodeableConcept: { coding: [{ code: 'mixed' }] } },
        { code: { coding: [{ code: 'owner' }] }, valueBoolean: true },
      ],
    };
    expect(find([group], 'Group?characteristic-value=gender$mixed')).toEqual(['mixed']);
    expect(find([group], 'Group?characteristic-value=owner$mixed')).toEqual([]);
    expect(find([group], 'Group?characteristic-value=owner$true')).toEqual(['mixed']);
  });

  it('of a DocumentReference is read in the order that the definitions mean', () => {
    const replacing: Resource = {
      resourceType: 'DocumentReference',
      id: 'new',
      relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/old' } }],
    };
    expect(find([replacing], 'DocumentReference?relationship=replaces$DocumentReference/old')).toEqual(['new']);
    expect(find([replacing], 'DocumentReference?relationship=appends$DocumentReference/old')).toEqual([]);
  });

  it.each(['code-value-quantity=2823-3', 'code-value-quantity=2823-3$5$6', 'code-value-quantity=2823-3$high'])(
    'Observation?%s is refused',
    (query) => {
      expect(refusalOf(`Observation?${query}`)).toEqual(['bad-parameter Observation?code-value-quantity']);
    },
  );
});
