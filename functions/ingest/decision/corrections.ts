import { parseJson } from '../../../shared/fhir/json.ts';
import type { Issue } from '../../../shared/fhir/outcomes.ts';
import type { Json } from '../../../shared/fhir/references.ts';
import { STATEMENT } from '../../../shared/fhir/systems.ts';
import type { GroundKind, Question } from '../../../shared/record/contribution.ts';
import type { FragmentDraft } from '../../../shared/record/draft.ts';
import type { Fragment } from '../../../shared/record/fold.ts';
import { logicalId, type Subject } from '../../../shared/record/identity.ts';
import { NAMED_BY_CHARACTERS } from './fragments/fragment-draft.ts';
import { foldOf, type World } from './fragments/record-lookup.ts';
import type { AssignedPatient } from './persons/assign-persons.ts';
import { type Identifying, previousNumber } from './persons/known-persons.ts';
import { localKeysOf } from './persons/patient-lookup.ts';

/** A draft that follows from a request without being one of its writes. */
export interface SideDraft {
  readonly subject: Subject;
  readonly draft: FragmentDraft;
}

/** What follows from an NHS number that a source takes back. */
export interface Correction {
  readonly drafts: readonly SideDraft[];
  readonly notes: readonly Issue[];
  readonly questions: readonly Question[];
}

export const ABOUT_SOMEBODY_ELSE = {
  system: STATEMENT,
  code: 'about-somebody-else',
  display: 'The source says: about somebody else',
};

/**
 * What an organisation said under an NHS number that its source has corrected belongs to somebody else, or to nobody: it is listed, and says
 * in the record of the wrong number that it is about somebody else, until the source sends it again or retracts it.
 * @param rewritten ids of the fragments that the same request writes: of these it says now whom they are about.
 */
export function correctionOf(
  context: Identifying,
  { write, identified }: AssignedPatient,
  rewritten: ReadonlySet<string>,
): Correction {
  const { world } = context;
  const { formerly, person } = identified;
  if (formerly === undefined) return NOTHING;
  const fragments = [...(foldOf(world, formerly.person)?.fragments.values() ?? [])].filter(
    (one) => one.owner === world.owner && one.body !== undefined,
  );
  const { previous } = write;
  const moved = previous !== undefined && previous.subject === formerly.person ? previous : undefined;
  // Names that the Patient bore under the wrong number count too, though it bears them no more.
  const names = [...write.names.local.map(({ key }) => key), ...(moved === undefined ? [] : localKeysOf(world, moved))];
  const ownNames = new Set(names.map((key) => key.slice(0, NAMED_BY_CHARACTERS)));
  const isByOwnName = ({ namedBy }: Fragment) => namedBy !== undefined && ownNames.has(namedBy);
  const listed = fragments.filter(
    (one) =>
      one !== moved &&
      one.type !== 'Patient' &&
      !rewritten.has(one.fragmentId) &&
      (one.namedBy === undefined || isByOwnName(one)),
  );
  // What bears the wrong number itself may be about another patient of the organisation, who goes by it rightly.
  const isOthersToo = fragments.some(
    (one) => one.type === 'Patient' && one !== moved && previousNumber(context, one) === formerly.person,
  );
  const isCertain = (one: Fragment) => isByOwnName(one) || !isOthersToo;
  const marked = formerly.isCorrected ? listed.filter((one) => isCertain(one) && !isMarked(one)) : [];
  const drafts = [...marked.map((one) => ({ subject: formerly.person, draft: markedDraft(one) }))];
  if (listed.length === 0) return { drafts, notes: [], questions: [] };
  const addresses = listed.map(({ type, subject, fragmentId }) => `${type}/${logicalId(subject, fragmentId)}`);
  const more = addresses.length > MAX_NAMED ? `, and ${addresses.length - MAX_NAMED} more` : '';
  const diagnostics = `${addresses.slice(0, MAX_NAMED).join(', ')}${more}`;
  const question: Question = {
    kind: 'number-corrected',
    person,
    otherPerson: formerly.person,
    fragmentIds: listed.map(({ fragmentId }) => fragmentId),
    source: world.source.name,
  };
  return {
    drafts,
    notes: [{ code: 'number-corrected', expression: `${write.operation.at}.identifier`, diagnostics }],
    questions: [question],
  };
}

const NOTHING: Correction = { drafts: [], notes: [], questions: [] };

/** Addresses that one answer names. */
const MAX_NAMED = 100;

export const retractionOf = ({ fragmentId, type }: Fragment): FragmentDraft => ({
  fragmentId,
  type,
  section: '',
  codes: [],
  labels: [],
});

/** Whether a fragment says already that it is about somebody else. */
export function isMarked({ body }: Fragment): boolean {
  if (body?.includes(ABOUT_SOMEBODY_ELSE.code) !== true) return false;
  const { tag = [] } = (JSON.parse(body) as { meta: { tag?: readonly { system?: string; code?: string }[] } }).meta;
  return tag.some(({ system, code }) => system === STATEMENT && code === ABOUT_SOMEBODY_ELSE.code);
}

/** Reasons to see a record: what is about somebody else gives none. What protects stays. */
const REASONS: ReadonlySet<GroundKind> = new Set([
  ...(['registered-practice', 'encounter', 'caseload', 'referral', 'appointment', 'proxy'] as const),
]);

function markedDraft({ body, ...fragment }: Fragment): FragmentDraft {
  const { resourceType: _type, id: _id, meta, ...rest } = parseJson(Buffer.from(body!)) as Json;
  const { versionId: _version, lastUpdated: _time, tag, ...kept } = meta as Json & { tag?: readonly Json[] };
  const { fragmentId, type, section, date, codes, labels, grounds = [], sourceTime } = fragment;
  const protective = grounds.filter(({ kind }) => !REASONS.has(kind));
  return {
    fragmentId,
    type,
    content: { meta: { ...kept, tag: [...(tag ?? []), ABOUT_SOMEBODY_ELSE] }, rest: JSON.stringify(rest) },
    section,
    ...(date === undefined ? {} : { date }),
    codes,
    labels,
    ...(protective.length === 0 ? {} : { grounds: protective }),
    ...(sourceTime === undefined ? {} : { sourceTime }),
  };
}

/**
 * The marked fragments of a name that its source now sends about somebody else: they are retracted where they were.
 * @param formerly persons to whom the name of the new subject led before, or leads no more by this request.
 */
export function supersededMarks(
  world: World,
  formerly: readonly { readonly person: Subject; readonly inRequest: boolean }[],
  { fragmentId, type }: Pick<Fragment, 'fragmentId' | 'type'>,
  subject: Subject,
): SideDraft[] {
  return formerly.flatMap(({ person, inRequest }) => {
    const marked = person === subject ? undefined : foldOf(world, person)?.fragments.get(fragmentId);
    const isOurs =
      marked !== undefined &&
      marked.type === type &&
      marked.owner === world.owner &&
      marked.body !== undefined &&
      (inRequest || isMarked(marked));
    return isOurs ? [{ subject: person, draft: retractionOf(marked) }] : [];
  });
}
