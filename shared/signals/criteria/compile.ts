import type { Directory } from '../../directory/directory.ts';
import { heirsOf } from '../../directory/families.ts';
import { type Choice, choicesOf } from './choices.ts';
import {
  type Criteria,
  type CriteriaProblem,
  type CriteriaProblems,
  FACETS,
  type Facet,
  FIELDS,
  hasProblems,
  type Test,
  testsOf,
} from './criteria.ts';
import { parseCriteria } from './parse.ts';
import { MOST_PATTERN_CHARACTERS, patternText } from './pattern.ts';
import { hint, MEANINGS } from './values.ts';

/** Longest criteria that are read: any that fit into a rule are shorter. */
export const MOST_CRITERIA_CHARACTERS = 2_000;

/** What criteria come to. */
export interface CompiledCriteria {
  /** Pattern of the rule that finds what the organisation is to hear: JSON text. */
  readonly pattern: string;
  /** Group whose members alone it is about. A rule cannot know them: they are looked up as events arrive. */
  readonly panel?: string;
}

/**
 * Reads the criteria of a subscription, and makes the pattern of its rule. Pure: the same from the same, so that a rule can be held against it.
 * @param organisation whose subscription it is
 * @returns every problem found
 */
export function compileCriteria(
  text: string,
  { organisation, directory }: { readonly organisation: string; readonly directory: Directory },
): CompiledCriteria | CriteriaProblems {
  if (text.length > MOST_CRITERIA_CHARACTERS) return { problems: [TOO_LONG] };
  const criteria = parseCriteria(text);
  if (hasProblems(criteria)) return criteria;
  const problems = [...problemsOfTests(criteria, directory), ...problemsOfPanel(criteria)];
  if (problems.length > 0) return { problems: problems.sort((one, other) => (one.at ?? 0) - (other.at ?? 0)) };
  const choices = choicesOf(criteria, (test) => meaningOf(test, directory));
  if (choices === undefined) return { problems: [TOO_COMPLEX] };
  if (choices.length === 0) return { problems: [NEVER] };
  return patternOf(choices, { criteria, organisation, directory });
}

function patternOf(
  choices: readonly Choice[],
  { criteria, organisation, directory }: { criteria: Criteria; organisation: string; directory: Directory },
): CompiledCriteria | CriteriaProblems {
  const pattern = patternText(heirsOf(directory, organisation), choices);
  if (pattern.length > MOST_PATTERN_CHARACTERS) return { problems: [TOO_COMPLEX] };
  const [panel] = panelsOf(criteria);
  return { pattern, ...(panel === undefined ? {} : { panel: groupOf(panel)! }) };
}

const TOO_LONG: CriteriaProblem = {
  code: 'criteria-too-long',
  at: MOST_CRITERIA_CHARACTERS,
  says: `At most ${MOST_CRITERIA_CHARACTERS} characters are read. Make several subscriptions of them.`,
};
const TOO_COMPLEX: CriteriaProblem = {
  code: 'criteria-too-complex',
  says: 'The alternatives, written out, do not fit into one rule (2,048 characters). Name fewer values, or make several subscriptions.',
};
const NEVER: CriteriaProblem = {
  code: 'bad-criteria',
  says: 'These criteria can never hold: an event has one value of each field. Use OR between values of the same field.',
};

const isFacet = (field: string): field is Facet => FACETS.some((facet) => facet === field);

function meaningOf({ field, value }: Test, directory: Directory) {
  if (!isFacet(field)) return undefined;
  const meaning = MEANINGS[field](value, directory);
  return { facet: field, values: 'says' in meaning ? [] : meaning };
}

const problemsOfTests = (criteria: Criteria, directory: Directory): readonly CriteriaProblem[] =>
  testsOf(criteria).flatMap(({ field, fieldAt, value, valueAt }): readonly CriteriaProblem[] => {
    if (field === 'person') return [];
    if (!isFacet(field))
      return [bad(fieldAt, `There is no such field. ${hint(field, FIELDS)}The fields are ${FIELDS.join(', ')}.`)];
    const meaning = MEANINGS[field](value, directory);
    return 'says' in meaning ? [bad(valueAt, meaning.says.trim())] : [];
  });

const bad = (at: number, says: string): CriteriaProblem => ({ code: 'bad-criteria', at, says });

const GROUP = /^Group\/([A-Za-z0-9\-.]{1,64})$/;
const groupOf = ({ value }: Test): string | undefined => GROUP.exec(value)?.[1];
const isAboutPersons = ({ field }: Test): boolean => field === 'person';

/** Tests of `person` that hold for all of the criteria: joined to the rest by AND. */
const panelsOf = (criteria: Criteria): readonly Test[] =>
  criteria.kind === 'and' ? criteria.of.flatMap(panelsOf) : criteria.kind === 'is' && isAboutPersons(criteria) ? [criteria] : [];

function problemsOfPanel(criteria: Criteria): readonly CriteriaProblem[] {
  const all = testsOf(criteria).filter(isAboutPersons);
  const [first, ...more] = panelsOf(criteria);
  return all.flatMap((test) => {
    if (groupOf(test) === undefined) return [bad(test.valueAt, "Persons are named by a Group of yours: person='Group/<id>'.")];
    if (test === first) return [];
    return [
      bad(
        test.fieldAt,
        more.includes(test)
          ? 'Only one Group can be named.'
          : 'person can only be joined to the whole by AND: who is in a Group is no part of a rule.',
      ),
    ];
  });
}
