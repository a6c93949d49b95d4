import type { Invariant, Json } from './invariant.ts';
import { areDistinct, count, has, objects } from './look.ts';

/** All items of a questionnaire, whatever their depth. */
function itemsOf(questionnaire: Json, below: string): Json[] {
  const found: Json[] = [...objects(questionnaire[below])];
  for (let i = 0; i < found.length; i++) for (const one of objects(found[i]![below])) found.push(one);
  return found;
}

const WITH_OPTIONS: ReadonlySet<unknown> = new Set(
  'choice open-choice decimal integer date dateTime time string quantity'.split(' '),
);
const WITH_LENGTH: ReadonlySet<unknown> = new Set('boolean decimal integer string text url open-choice'.split(' '));
const isDisplay = ({ type }: Json): boolean => type === 'display';

/** Of questionnaires and of sets of codes, which care systems share; those of other definitions are not checked. */
export const DEFINITIONS: readonly Invariant[] = [
  {
    key: 'que-1',
    on: 'Questionnaire.item',
    check: (item) => (item.type !== 'group' || has(item, 'item')) && (!isDisplay(item) || !has(item, 'item')),
    text: 'que-1: A group has items, a display has none.',
  },
  {
    key: 'que-2',
    on: 'Questionnaire',
    check: (questionnaire) => areDistinct(itemsOf(questionnaire, 'item').map(({ linkId }) => linkId)),
    text: 'que-2: A linkId occurs once in a questionnaire.',
  },
  {
    key: 'que-3',
    on: 'Questionnaire.item',
    check: (item) => !isDisplay(item) || !has(item, 'code'),
    text: 'que-3: A display has no code.',
  },
  {
    key: 'que-4',
    on: 'Questionnaire.item',
    check: (item) => !has(item, 'answerOption') || !has(item, 'answerValueSet'),
    text: 'que-4: Either answerOption or answerValueSet, not both.',
  },
  {
    key: 'que-5',
    on: 'Questionnaire.item',
    check: (item) => WITH_OPTIONS.has(item.type) || count(item, 'answerValueSet', 'answerOption') === 0,
    text: 'que-5: Questions of this type have no options.',
  },
  {
    key: 'que-6',
    on: 'Questionnaire.item',
    check: (item) => !isDisplay(item) || count(item, 'required', 'repeats') === 0,
    text: 'que-6: A display is neither required nor repeated.',
  },
  {
    key: 'que-7',
    on: 'Questionnaire.item.enableWhen',
    check: (when) => when.operator !== 'exists' || has(when, 'answerBoolean'),
    text: 'que-7: The answer to exists is a boolean.',
  },
  {
    key: 'que-8',
    on: 'Questionnaire.item',
    check: (item) => (item.type !== 'group' && !isDisplay(item)) || !has(item, 'initial'),
    text: 'que-8: A group or display has no initial value.',
  },
  {
    key: 'que-9',
    on: 'Questionnaire.item',
    check: (item) => !isDisplay(item) || !has(item, 'readOnly'),
    text: 'que-9: A display is not marked readOnly.',
  },
  {
    key: 'que-10',
    on: 'Questionnaire.item',
    check: (item) => WITH_LENGTH.has(item.type) || !has(item, 'maxLength'),
    text: 'que-10: Questions of this type have no maxLength.',
  },
  {
    key: 'que-11',
    on: 'Questionnaire.item',
    check: (item) => !has(item, 'answerOption') || !has(item, 'initial'),
    text: 'que-11: With options, the initial one is marked among them.',
  },
  {
    key: 'que-12',
    on: 'Questionnaire.item',
    check: (item) => objects(item.enableWhen).length <= 2 || has(item, 'enableBehavior'),
    text: 'que-12: With several conditions, enableBehavior says whether all or any must hold.',
  },
  {
    key: 'que-13',
    on: 'Questionnaire.item',
    check: (item) => item.repeats === true || objects(item.initial).length <= 1,
    text: 'que-13: Only a repeating question has several initial values.',
  },
  {
    key: 'csd-1',
    on: 'CodeSystem',
    check: (system) => areDistinct(itemsOf(system, 'concept').map(({ code }) => code)),
    text: 'csd-1: A code occurs once in its system.',
  },
  {
    key: 'vsd-1',
    on: 'ValueSet.compose.include',
    check: (include) => has(include, 'valueSet') || has(include, 'system'),
    text: 'vsd-1: An include has a system or value sets.',
  },
  {
    key: 'vsd-2',
    on: 'ValueSet.compose.include',
    check: (include) => count(include, 'concept', 'filter') === 0 || has(include, 'system'),
    text: 'vsd-2: An include with concepts or filters has a system.',
  },
  {
    key: 'vsd-3',
    on: 'ValueSet.compose.include',
    check: (include) => !has(include, 'concept') || !has(include, 'filter'),
    text: 'vsd-3: Either concepts or filters, not both.',
  },
  {
    key: 'vsd-6',
    on: 'ValueSet.expansion.contains',
    check: (contains) => has(contains, 'code') || has(contains, 'display'),
    text: 'vsd-6: What an expansion contains has a code or a display.',
  },
  {
    key: 'vsd-9',
    on: 'ValueSet.expansion.contains',
    check: (contains) => has(contains, 'code') || contains.abstract === true,
    text: 'vsd-9: What an expansion contains has a code, unless it is abstract.',
  },
  {
    key: 'vsd-10',
    on: 'ValueSet.expansion.contains',
    check: (contains) => !has(contains, 'code') || has(contains, 'system'),
    text: 'vsd-10: A code in an expansion has a system.',
  },
];
