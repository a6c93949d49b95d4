import { describe, expect, it } from 'vitest';
import { fragmentTypes, isPersonBound } from '../../../shared/fhir/compartment.ts';
import { createEntry } from '../../../shared/fhir/search/entry.ts';
import { parametersOf } from '../../../shared/fhir/search/parameters.ts';
import { compileExpression } from '../../../shared/fhir/search/paths/expression.ts';
import { searchParametersOf } from '../../../shared/fhir/tables/search-parameters.ts';

describe('every search parameter of R4', () => {
  it.each(fragmentTypes())('compiles for %s, but for two that no search here understands', (type) => {
    const rows = searchParametersOf(type);
    const parameters = parametersOf(type);
    const left = rows.map(({ code }) => code).filter((code) => !parameters.has(code));
    expect(left.filter((code) => code !== 'phonetic' && code !== 'near')).toEqual([]);
  });

  it('reads nothing out of a resource that has nothing', () => {
    for (const type of fragmentTypes()) {
      const entry = createEntry(type, 'x', JSON.stringify({ resourceType: type }));
      for (const parameter of parametersOf(type).values()) {
        const found = parameter.type === 'composite' ? parameter.groups(entry) : parameter.values(entry);
        // A composite on the resource itself has that one group, with nothing in it; "deceased" is a question that always has an answer.
        if (parameter.code !== 'deceased') expect(found.flat(2), `${type}.${parameter.code}`).toEqual([]);
      }
    }
  });
});

describe('the parameters that name the person', () => {
  it('exist for every type that is about one', () => {
    const without = fragmentTypes()
      .filter(isPersonBound)
      .filter((type) => ![...parametersOf(type).values()].some(({ person }) => person));
    expect(without).toEqual(['Patient']);
  });

  it.each([
    ['Observation', ['patient', 'subject']],
    ['Coverage', ['beneficiary', 'patient']],
    ['Appointment', ['actor', 'patient']],
    ['Immunization', ['patient']],
    ['Medication', ['patient']],
    ['Practitioner', []],
  ])('of %s are %j', (type, codes) => {
    const found = [...parametersOf(type).values()].filter(({ person }) => person).map(({ code }) => code);
    expect(found).toEqual(codes);
  });
});

describe('an expression', () => {
  const observation = {
    resourceType: 'Observation',
    valueQuantity: { value: 5 },
    subject: { reference: '#p' },
    performer: [{ reference: 'Practitioner/1' }, { reference: 'https://elsewhere.example/Patient/2' }, { type: 'Patient' }],
    contained: [{ resourceType: 'Patient', id: 'p' }],
    component: [{ code: { text: 'a' } }, { code: { text: 'b' } }],
  };

  it.each([
    ['Observation.component.code.text', ['a', 'b']],
    ['Observation.component[1].code.text', ['b']],
    ['Observation.value.as(Quantity).value', [5]],
    ['(Observation.value as Quantity).value', [5]],
    ['(Observation.value.ofType(string)) | Observation.value.ofType(Quantity).value', [5]],
    ["Observation.component.where(code.text='b').code.text", ['b']],
    ['Observation.subject.where(resolve() is Patient).reference', ['#p']],
    ['Observation.performer.where(resolve() is Patient).reference', ['https://elsewhere.example/Patient/2']],
    ['Observation.component.exists() and Observation.status != true', [false]],
    ['%resource.component[0].code.text', ['a']],
  ])('%s reads %j', (expression, expected) => {
    const values = compileExpression('Observation', expression).flatMap(({ read }) => read(observation, observation));
    expect(values).toEqual(expected);
  });

  it.each(['Observation.', 'Observation.nothing', 'Observation.value.upper()', 'Observation.code ~ 1', 'Observation)'])(
    '%s is refused when it is compiled, not when it is used',
    (expression) => {
      expect(() => compileExpression('Observation', expression)).toThrow();
    },
  );
});
