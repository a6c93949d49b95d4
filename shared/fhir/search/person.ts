import { type Identifier, isPersonId, parseLogicalId } from '../../record/identity.ts';
import { isPersonBound } from '../compartment.ts';
import { normaliseNhsNumber } from '../nhs-number.ts';
import { type Refusal, refuse } from '../outcomes.ts';
import { NHS_NUMBER } from '../systems.ts';
import type { CriterionOptions } from './criteria/options.ts';
import { alternatives } from './criteria.ts';
import { readPointer } from './matching/reference-values.ts';
import { readSearchToken } from './matching/search-token.ts';
import { type Parameter, parametersOf, type SimpleParameter } from './parameters.ts';
import type { Criterion, PersonSelector } from './plan.ts';

/** A parameter that says whose record is searched. */
export interface PersonChoice {
  readonly selector: PersonSelector;
  /** Takes the place of the condition, for the record that the selector led to; `undefined`: the condition stands. */
  readonly criterion?: Criterion;
}

/**
 * Reads whose record a parameter asks for, if it does: `patient=<id>`, `subject=Patient/<id>`, `patient.identifier=`, `patient:identifier=`,
 * `subject:Patient.identifier=` and the like; of Patient `_id` and `identifier`. Which parameters name the person comes from the tables.
 *
 * @returns `undefined` when it does not say; a refusal when it names several persons, or an NHS number that is none
 */
export function personChoice(
  type: string,
  name: string,
  value: string,
  options: CriterionOptions,
): PersonChoice | Refusal | undefined {
  if (!isPersonBound(type)) return undefined;
  const asked = askedOf(type, name);
  if (asked === undefined) return undefined;
  const selectors = alternatives(value).map((each) =>
    asked.by === 'id' ? idSelector(each, asked.typed, options) : identifierSelector(each),
  );
  if (selectors.some((each) => each === 'bad')) return refuse('bad-nhs-number', { expression: options.at });
  if (selectors.includes(undefined)) return undefined;
  const selector = joined(selectors as PersonSelector[], asked);
  if (selector === 'several') return refuseSeveral(options);
  if (selector === undefined) return undefined;
  return asked.parameter === undefined ? { selector } : { selector, criterion: isAboutPerson(asked.parameter, options) };
}

/** The refusal of a search that names more than one person. */
export const refuseSeveral = ({ at }: Pick<CriterionOptions, 'at'>): Refusal =>
  refuse('bad-parameter', { expression: at, diagnostics: 'A search is in the record of one person.' });

/** One selector for a list. Of Patients by id, ours say whose record it is; the caller's own are then found in it, or not. */
function joined(selectors: readonly PersonSelector[], { parameter }: Asked): PersonSelector | 'several' | undefined {
  const own = selectors.flatMap((each) => ('own' in each ? each.own : []));
  if (own.length > 0 && own.length === selectors.length) return own.length > MOST_OWN_IDS ? 'several' : { own };
  const others = selectors.filter((each) => !('own' in each));
  if (own.length > 0 && parameter !== undefined) return 'several';
  return new Set(others.map((each) => JSON.stringify(each))).size > 1 ? 'several' : others[0];
}

/** Each is looked up. */
const MOST_OWN_IDS = 20;

interface Asked {
  readonly by: 'id' | 'identifier';
  /** Whether what is asked for can only be a Patient. */
  readonly typed: boolean;
  /** The reference to the person; `undefined` for the Patient itself. */
  readonly parameter?: SimpleParameter<'reference'>;
}

function askedOf(type: string, name: string): Asked | undefined {
  if (type === 'Patient')
    return name === '_id' ? { by: 'id', typed: true } : name === 'identifier' ? { by: 'identifier', typed: true } : undefined;
  const [, code = '', modifier = '', chained] = /^([^:.]+)(?::([^.]*))?(?:\.(.+))?$/.exec(name) ?? [];
  const parameter = parametersOf(type).get(code);
  if (!isPersonReference(parameter)) return undefined;
  const typed = modifier === 'Patient' || (parameter.targets?.length === 1 && parameter.targets[0] === 'Patient');
  if (chained === undefined && modifier === 'identifier') return { by: 'identifier', typed, parameter };
  if (modifier !== '' && modifier !== 'Patient') return undefined;
  if (chained === undefined) return { by: 'id', typed, parameter };
  if (chained === '_id') return { by: 'id', typed: true, parameter };
  return chained === 'identifier' ? { by: 'identifier', typed: true, parameter } : undefined;
}

const isPersonReference = (parameter: Parameter | undefined): parameter is SimpleParameter<'reference'> =>
  parameter?.type === 'reference' && parameter.person;

function idSelector(text: string, typed: boolean, options: CriterionOptions): PersonSelector | undefined {
  const pointer = readPointer(text, options);
  if (pointer?.id === undefined || (pointer.type !== undefined && pointer.type !== 'Patient')) return undefined;
  const subject = parseLogicalId(pointer.id)?.subject;
  if (subject !== undefined && isPersonId(subject)) return { id: subject };
  if (!typed && pointer.type !== 'Patient') return undefined;
  return options.ownFragmentId === undefined ? { id: pointer.id } : { own: [{ type: 'Patient', id: pointer.id }] };
}

/** `system|value`; of an NHS number the ten digits are enough, however they are spaced. */
function identifierSelector(text: string): { readonly identifier: Identifier } | 'bad' | undefined {
  const token = readSearchToken(text);
  if (token === undefined) return undefined;
  const { system, code } = token;
  const value = normaliseNhsNumber(code);
  if (system === NHS_NUMBER) return value === undefined ? 'bad' : { identifier: { system, value } };
  if (system === undefined) return value === undefined ? undefined : { identifier: { system: NHS_NUMBER, value } };
  return system === '' || code === '' ? undefined : { identifier: { system, value: code } };
}

/** In the record that was chosen, every Patient that a fragment is about is that person, whatever id it had when it was written. */
const isAboutPerson = ({ values }: SimpleParameter<'reference'>, { at }: CriterionOptions): Criterion => ({
  at,
  weight: 1,
  test: (entry) => values(entry).some(({ type }) => type === 'Patient'),
});

/**
 * The record that a literal reference leads to: a fragment refers only to the record that it is part of, so `encounter=Encounter/<id>` and
 * `_id=<id>` name a person too, by ids of ours or of the caller's own system. `undefined` when they name none, or several.
 */
export function impliedPerson(type: string, name: string, value: string, options: CriterionOptions): PersonSelector | undefined {
  const [code = '', modifier = ''] = name.split(':');
  const parameter = parametersOf(type).get(code);
  if (code !== '_id' && parameter?.type !== 'reference') return undefined;
  if (modifier !== '' && !/^[A-Z]/.test(modifier)) return undefined;
  const pointers = alternatives(value).map((text) => readPointer(text, options));
  const subjects = pointers.flatMap((pointer) => parseLogicalId(pointer?.id ?? '')?.subject ?? []);
  if (subjects.length === 0) return ownRecord(code === '_id' ? type : modifier || soleTarget(parameter), pointers, options);
  const isWhole = subjects.length === pointers.length || (code === '_id' && options.ownFragmentId !== undefined);
  const [subject = ''] = subjects;
  return isWhole && new Set(subjects).size === 1 && isPersonId(subject) ? { id: subject } : undefined;
}

const soleTarget = (parameter: Parameter | undefined): string | undefined => {
  const targets = parameter?.type === 'reference' ? parameter.targets : undefined;
  return targets?.length === 1 ? targets[0] : undefined;
};

/** The record in which the caller's own system has these resources. @param type of pointers that do not say theirs. */
function ownRecord(
  type: string | undefined,
  pointers: readonly ReturnType<typeof readPointer>[],
  { ownFragmentId }: CriterionOptions,
): PersonSelector | undefined {
  if (ownFragmentId === undefined || pointers.length === 0 || pointers.length > MOST_OWN_IDS) return undefined;
  const own = pointers.flatMap((pointer) => {
    const ownType = pointer?.type ?? type;
    return pointer?.id === undefined || ownType === undefined || !isPersonBound(ownType)
      ? []
      : [{ type: ownType, id: pointer.id }];
  });
  return own.length === pointers.length ? { own } : undefined;
}
