import { isPersonId } from '../../record/identity.ts';
import { withoutRepeats } from '../answers/query-parameters.ts';
import { isPersonBound } from '../compartment.ts';
import { isNhsNumber, normaliseNhsNumber } from '../nhs-number.ts';
import { type Issue, isRefusal, type Refusal, refuse, refuseAll } from '../outcomes.ts';
import { NHS_NUMBER } from '../systems.ts';
import { type Controls, contradictions, controlOf, noControls } from './controls.ts';
import { costlyParts } from './cost.ts';
import type { CriterionOptions } from './criteria/options.ts';
import { compileCriterion } from './criteria.ts';
import type { OwnIds } from './matching/own-ids.ts';
import { impliedPerson, personChoice } from './person.ts';
import type { Criterion, PersonSelector, SearchPlan } from './plan.ts';

/** How a search is understood. */
export interface SearchOptions {
  /** `Prefer: handling=strict`: what is not known is refused instead of ignored (http://hl7.org/fhir/R4/search.html#errors). */
  readonly strict: boolean;
  /** Whose compartment is searched, for `Patient/<id>/Observation?…`: the search need not name the person then. */
  readonly person?: string;
  /** The personId of a person who asks for themselves: a search that names nobody is in their own record. */
  readonly me?: string;
  /** How the caller's own ids are read: see `OwnIds`. */
  readonly ownFragmentId?: OwnIds['ownFragmentId'];
  /** Address of this server, without a slash at its end: an absolute reference to it is one of ours. */
  readonly fhirUrl?: string;
  /** ISO 8601 instant that "approximately" is measured from; that of the first page on all pages. Default: now. */
  readonly now?: string;
}

/**
 * Understands a search.
 *
 * @param query parameters as they came, decoded, without the cursor
 * @returns the plan; or a refusal of every parameter that cannot be read (`bad-parameter`), that is not known (`unknown-parameter`, under strict; a modifier that is
 *   not known is always refused, for to ignore it would answer another question), and of a search that names no person (`search-unbounded`)
 */
export function parseSearch(
  type: string,
  query: readonly (readonly [string, string])[],
  options: SearchOptions,
): SearchPlan | Refusal {
  const draft: Draft = {
    type,
    options,
    reading: {
      ...(options.fhirUrl === undefined ? {} : { fhirUrl: options.fhirUrl }),
      ...(options.ownFragmentId === undefined ? {} : { ownFragmentId: options.ownFragmentId }),
    },
    nowMs: Date.parse(options.now ?? new Date().toISOString()),
    controls: noControls(),
    criteria: [],
    person: options.person === undefined ? undefined : { id: options.person },
    implied: undefined,
    wrong: [],
    ignored: [],
    applied: [],
  };
  const distinct = withoutRepeats(query);
  const values = distinct.reduce((sum, [, value]) => sum + value.split(',').length, 0);
  if (values > MAX_VALUES) return refuse('bad-parameter', { diagnostics: `More than ${MAX_VALUES} values.` });
  if (distinct.length > MAX_PARAMETERS)
    return refuse('bad-parameter', { diagnostics: `More than ${MAX_PARAMETERS} parameters.` });
  for (const [name, value] of distinct) readParameter(draft, name, value);
  draft.wrong.push(...contradictions(draft.controls, type));
  const me = options.me === undefined || !isPersonBound(type) ? undefined : { id: options.me };
  const person = draft.person ?? draft.implied ?? me;
  return (
    refuseAll(draft.wrong) ?? (person === undefined && isPersonBound(type) ? refuse('search-unbounded') : planOf(draft, person))
  );
}

/** More than people ask, and no more work than one request may cost. */
const MAX_PARAMETERS = 100;
const MAX_VALUE_LENGTH = 20_000;
/** Of all parameters together: each is compared with everything in the record. */
const MAX_VALUES = 1_000;

interface Draft {
  readonly type: string;
  readonly options: SearchOptions;
  readonly reading: Pick<SearchOptions, 'fhirUrl' | 'ownFragmentId'>;
  readonly nowMs: number;
  readonly controls: Controls;
  readonly criteria: Criterion[];
  person: PersonSelector | undefined;
  implied: PersonSelector | undefined;
  readonly wrong: Issue[];
  readonly ignored: Issue[];
  readonly applied: (readonly [string, string])[];
}

function planOf({ type, criteria, controls, ignored, applied }: Draft, person: PersonSelector | undefined): SearchPlan {
  const { sort, inclusions, count, summary, elements, total } = controls;
  return {
    type,
    person,
    criteria,
    sort,
    inclusions,
    count,
    // http://hl7.org/fhir/R4/search.html#count
    summary: count === 0 ? 'count' : (summary ?? 'false'),
    elements,
    total,
    costly: costlyParts(type, { criteria, inclusions, sort }),
    ignored,
    applied: applied.filter(([, value]) => !tellsIdentifier(value)),
  };
}

function readParameter(draft: Draft, name: string, value: string): void {
  const at = `${draft.type}?${shownName(name)}`;
  const control = controlOf(name);
  if (value.trim() === '') leaveOut(draft, at, 'It has no value.');
  else if (value.length > MAX_VALUE_LENGTH)
    draft.wrong.push({ code: 'bad-parameter', expression: at, diagnostics: 'It is too long.' });
  else if (control !== undefined) {
    const problem = control.control(value, draft.controls, draft.type, control.modifier);
    if (problem === undefined) draft.applied.push([name, value]);
    else if (problem === 'unknown') leaveOut(draft, at);
    else draft.wrong.push({ code: 'bad-parameter', expression: at, diagnostics: problem.expected });
  } else
    readCondition(draft, name, value, {
      at,
      chained: new Map(),
      nowMs: draft.nowMs,
      ...draft.reading,
    });
}

function readCondition(draft: Draft, name: string, value: string, options: CriterionOptions): void {
  const criterion = compileCriterion(draft.type, name, value, options);
  const choice = draft.person === undefined ? personChoice(draft.type, name, value, options) : undefined;
  if (criterion === 'unknown') leaveOut(draft, options.at);
  else if (isRefusal(criterion)) draft.wrong.push(...criterion.issues);
  else if (isRefusal(choice)) draft.wrong.push(...choice.issues);
  else {
    draft.person ??= choice?.selector;
    draft.implied = strongerOf(draft.implied, impliedPerson(draft.type, name, value, options));
    draft.criteria.push(choice === undefined ? criterion : (choice.criterion ?? chosenPatient(criterion)));
    if (choice === undefined || 'id' in choice.selector || name === '_id') draft.applied.push([name, value]);
  }
}

/** An id of ours needs no looking up. */
const strongerOf = (one: PersonSelector | undefined, other: PersonSelector | undefined): PersonSelector | undefined =>
  one === undefined || ('own' in one && other !== undefined && 'id' in other) ? other : one;

/** The person is who was asked for, also where an older id or identifier led to them; contributors' own Patients have to match themselves. */
const chosenPatient = (criterion: Criterion): Criterion => ({
  ...criterion,
  test: (entry, search) => isPersonId(entry.id) || criterion.test(entry, search),
});

function leaveOut({ options, wrong, ignored }: Draft, expression: string, diagnostics?: string): void {
  const issue = { expression, ...(diagnostics === undefined ? {} : { diagnostics }) };
  if (options.strict) wrong.push({ code: 'unknown-parameter', ...issue });
  else ignored.push({ code: 'ignored-parameter', ...issue });
}

/** Names are repeated to who sent them, unless they can be no name: nothing that was meant for a value comes back. */
const shownName = (name: string): string => (/^[A-Za-z_][A-Za-z:._-]{0,80}$/.test(name) ? name : '');

/** Whether a value names a person: it stays out of every address that is answered. */
const tellsIdentifier = (value: string): boolean =>
  value.includes(NHS_NUMBER) || value.split(/[,|$]/).some((part) => isNhsNumber(part) || normaliseNhsNumber(part) !== undefined);
