import { numberOf } from '../../json.ts';
import { isNhsNumber, isPlaceholderNumber, normaliseNhsNumber } from '../../nhs-number.ts';
import { NHS_NUMBER, UCUM } from '../../systems.ts';
import { narrativeProblem } from '../narrative.ts';
import type { Invariant, Json } from './invariant.ts';
import { asObject, asText, has, hasChoice, isAfter, isMore } from './look.ts';

const isUcumOrNone = ({ system }: Json): boolean => system === undefined || system === UCUM;
const DURING_A_MEAL: ReadonlySet<unknown> = new Set(['C', 'CM', 'CD', 'CV']);
const isText = (value: unknown): value is string => typeof value === 'string';

/** Of the data types (http://hl7.org/fhir/R4/datatypes.html), and NHS numbers. */
export const DATA_TYPES: readonly Invariant[] = [
  {
    key: 'nhs-number-spaces',
    on: 'Identifier',
    at: 'value',
    code: 'bad-nhs-number',
    check: ({ system, value }) =>
      system !== NHS_NUMBER || !isText(value) || isNhsNumber(value) || normaliseNhsNumber(value) === undefined,
    text: 'Send the ten digits without spaces or hyphens.',
  },
  {
    key: 'nhs-number',
    on: 'Identifier',
    at: 'value',
    code: 'bad-nhs-number',
    check: ({ system, value }) =>
      system !== NHS_NUMBER || !isText(value) || isPlaceholderNumber(value) || normaliseNhsNumber(value) !== undefined,
    text: 'The check digit does not fit, or these are not ten digits. Send the number as a local identifier until it is traced.',
  },
  {
    key: 'ext-1',
    on: 'Extension',
    check: (extension) => has(extension, 'extension') !== hasChoice(extension, 'value'),
    text: 'ext-1: An extension has either a value or extensions of its own.',
  },
  {
    key: 'txt-1',
    on: 'Narrative',
    at: 'div',
    check: ({ div }) => narrativeProblem(div) !== 'unsafe',
    text: 'txt-1: A narrative is one well-formed XHTML div with plain formatting only: no scripts, forms, frames, styles or event handlers.',
  },
  {
    key: 'txt-2',
    on: 'Narrative',
    at: 'div',
    check: ({ div }) => narrativeProblem(div) !== 'empty',
    text: 'txt-2: A narrative has some text or an image.',
  },
  {
    key: 'per-1',
    on: 'Period',
    check: ({ start, end }) => !isAfter(start, end),
    text: 'per-1: A period does not end before it starts.',
  },
  {
    key: 'qty-3',
    on: 'Quantity',
    check: (quantity) => !has(quantity, 'code') || has(quantity, 'system'),
    text: 'qty-3: A quantity with a code for its unit names the system of the code.',
  },
  {
    key: 'sqty-1',
    on: 'SimpleQuantity',
    check: (quantity) => !has(quantity, 'comparator'),
    text: 'sqty-1: The comparator is not used on a simple quantity.',
  },
  {
    key: 'age-1',
    on: 'Age',
    check: (age) => (has(age, 'code') || !has(age, 'value')) && isUcumOrNone(age) && (numberOf(age.value) ?? 1) > 0,
    text: 'age-1: An age with a value has a code of UCUM for its unit, and is more than zero.',
  },
  {
    key: 'cnt-3',
    on: 'Count',
    check: (quantity) =>
      (has(quantity, 'code') || !has(quantity, 'value')) &&
      isUcumOrNone(quantity) &&
      (quantity.code === undefined || quantity.code === '1') &&
      Number.isInteger(numberOf(quantity.value) ?? 0),
    text: 'cnt-3: A count is a whole number, with code 1 of UCUM.',
  },
  {
    key: 'dis-1',
    on: 'Distance',
    check: (distance) => (has(distance, 'code') || !has(distance, 'value')) && isUcumOrNone(distance),
    text: 'dis-1: A distance with a value has a code of UCUM for its unit.',
  },
  {
    key: 'drt-1',
    on: 'Duration',
    check: (duration) => !has(duration, 'code') || (duration.system === UCUM && has(duration, 'value')),
    text: 'drt-1: A duration with a code has a value, and the code is of UCUM.',
  },
  {
    key: 'rng-2',
    on: 'Range',
    check: ({ low, high }) => !isMore(low, high),
    text: 'rng-2: The low end of a range is not above its high end.',
  },
  {
    key: 'rat-1',
    on: 'Ratio',
    check: (ratio) =>
      has(ratio, 'numerator') === has(ratio, 'denominator') && (has(ratio, 'numerator') || has(ratio, 'extension')),
    text: 'rat-1: A ratio has a numerator and a denominator, or neither and an extension.',
  },
  {
    key: 'att-1',
    on: 'Attachment',
    check: (attachment) => !has(attachment, 'data') || has(attachment, 'contentType'),
    text: 'att-1: An attachment with data has a contentType.',
  },
  {
    key: 'cpt-2',
    on: 'ContactPoint',
    check: (point) => !has(point, 'value') || has(point, 'system'),
    text: 'cpt-2: A contact point with a value has a system.',
  },
  {
    key: 'exp-1',
    on: 'Expression',
    check: (expression) => has(expression, 'expression') || has(expression, 'reference'),
    text: 'exp-1: An expression has its text or a reference.',
  },
  {
    key: 'drq-1',
    on: 'DataRequirement.codeFilter',
    check: (filter) => has(filter, 'path') !== has(filter, 'searchParam'),
    text: 'drq-1: Either a path or a searchParam.',
  },
  {
    key: 'drq-2',
    on: 'DataRequirement.dateFilter',
    check: (filter) => has(filter, 'path') !== has(filter, 'searchParam'),
    text: 'drq-2: Either a path or a searchParam.',
  },
  {
    key: 'trd-1',
    on: 'TriggerDefinition',
    check: (trigger) => !has(trigger, 'data') || !hasChoice(trigger, 'timing'),
    text: 'trd-1: Either timing or data, not both.',
  },
  {
    key: 'trd-2',
    on: 'TriggerDefinition',
    check: (trigger) => !has(trigger, 'condition') || has(trigger, 'data'),
    text: 'trd-2: A condition needs data.',
  },
  {
    key: 'trd-3',
    on: 'TriggerDefinition',
    check: (trigger) =>
      (trigger.type !== 'named-event' || has(trigger, 'name')) &&
      (trigger.type !== 'periodic' || hasChoice(trigger, 'timing')) &&
      (!asText(trigger.type).startsWith('data-') || has(trigger, 'data')),
    text: 'trd-3: A named event needs a name, a periodic one a timing, one of data its data.',
  },
  {
    key: 'tim-1',
    on: 'Timing.repeat',
    check: (repeat) => !has(repeat, 'duration') || has(repeat, 'durationUnit'),
    text: 'tim-1: A duration has a durationUnit.',
  },
  {
    key: 'tim-2',
    on: 'Timing.repeat',
    check: (repeat) => !has(repeat, 'period') || has(repeat, 'periodUnit'),
    text: 'tim-2: A period has a periodUnit.',
  },
  {
    key: 'tim-4',
    on: 'Timing.repeat',
    check: ({ duration }) => (numberOf(duration) ?? 0) >= 0,
    text: 'tim-4: A duration is not negative.',
  },
  {
    key: 'tim-5',
    on: 'Timing.repeat',
    check: ({ period }) => (numberOf(period) ?? 0) >= 0,
    text: 'tim-5: A period is not negative.',
  },
  {
    key: 'tim-6',
    on: 'Timing.repeat',
    check: (repeat) => !has(repeat, 'periodMax') || has(repeat, 'period'),
    text: 'tim-6: A periodMax needs a period.',
  },
  {
    key: 'tim-7',
    on: 'Timing.repeat',
    check: (repeat) => !has(repeat, 'durationMax') || has(repeat, 'duration'),
    text: 'tim-7: A durationMax needs a duration.',
  },
  {
    key: 'tim-8',
    on: 'Timing.repeat',
    check: (repeat) => !has(repeat, 'countMax') || has(repeat, 'count'),
    text: 'tim-8: A countMax needs a count.',
  },
  {
    key: 'tim-9',
    on: 'Timing.repeat',
    check: (repeat) =>
      !has(repeat, 'offset') || (Array.isArray(repeat.when) && !repeat.when.some((when) => DURING_A_MEAL.has(when))),
    text: 'tim-9: An offset needs a when, and not C, CM, CD or CV.',
  },
  {
    key: 'tim-10',
    on: 'Timing.repeat',
    check: (repeat) => !has(repeat, 'timeOfDay') || !has(repeat, 'when'),
    text: 'tim-10: Either timeOfDay or when, not both.',
  },
  {
    key: 'ras-1',
    on: 'RiskAssessment.prediction',
    at: 'probabilityRange',
    check: ({ probabilityRange }) => {
      const range = asObject(probabilityRange);
      return [range?.low, range?.high].every((end) => {
        const quantity = asObject(end);
        return quantity === undefined || (quantity.code === '%' && quantity.system === UCUM);
      });
    },
    text: 'ras-1: The ends of a range of probability are percentages of UCUM.',
  },
];
