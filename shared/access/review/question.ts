import { createHash } from 'node:crypto';
import { base32Text } from '../../record/base32.ts';
import type { Contribution, Question, QuestionKind } from '../../record/contribution.ts';
import { logicalId } from '../../record/identity.ts';
import { hoursAfter } from './overdue.ts';
import { type ReviewTask, taskId } from './task.ts';
import { TASK_KINDS } from './task-kinds.ts';

/** What is known of a question when its task is raised. */
export interface QuestionContext {
  /** The organisation whose records office is asked, mergers followed. */
  readonly asked: string;
  /** Whether the asked organisation may see anything of a person. What it may not see is left out of the task. */
  readonly sees: (person: string) => boolean;
  /** FHIR type of a fragment of the asked organisation within the other person; `undefined` for any other fragment. */
  readonly typeOf: (fragmentId: string) => string | undefined;
}

/** Fragments that a task lists; `fragmentCount` says how many there are. */
const MAX_FRAGMENTS = 1_000;

/**
 * Whether a question is asked once for two persons, once for each contribution that raises it, or once for a source: who the two are does
 * not change, a number can be corrected again, and ids that change each night change for everybody.
 */
const ASKED_ONCE: Readonly<Record<QuestionKind, 'for two persons' | 'for a contribution' | 'for a source'>> = {
  'possible-duplicate': 'for two persons',
  'number-corrected': 'for a contribution',
  'link-without-effect': 'for two persons',
  'unstable-ids': 'for a source',
};

/** The task that a question of a contribution raises. Its name is derived, so that raising it again is known to be that. */
export function taskOfQuestion(contribution: Contribution, question: Question, context: QuestionContext): ReviewTask {
  const { kind } = question;
  const { asked: organisation, sees } = context;
  const { recordedAt: at, contributor } = contribution;
  const person = question.person ?? contribution.subject;
  return {
    id: taskId({ organisation, office: 'records', at, name: nameOf(contribution, question, organisation) }),
    kind,
    organisation,
    at,
    ...(sees(person) ? { person } : {}),
    evidence: [],
    about: {
      ...subjectOf(question, context),
      ...(contributor === organisation ? {} : { saidBy: contributor }),
    },
    dueAt: hoursAfter(at, TASK_KINDS[kind].dueHours),
  };
}

function subjectOf({ otherPerson, fragmentIds = [], source }: Question, { sees, typeOf }: QuestionContext): ReviewTask['about'] {
  const known = otherPerson === undefined ? [] : fragmentIds.flatMap((id) => addressOf(otherPerson, id, typeOf(id)) ?? []);
  return {
    ...(otherPerson !== undefined && sees(otherPerson) ? { otherPerson } : {}),
    ...(known.length === 0 ? {} : { fragments: known.slice(0, MAX_FRAGMENTS), fragmentCount: known.length }),
    ...(source === undefined ? {} : { source }),
  };
}

const addressOf = (person: string, fragmentId: string, type: string | undefined): string | undefined =>
  type && `${type}/${logicalId(person, fragmentId)}`;

/** The statement keeps an organisation that knows one person from finding out by guesses who the other is: its id is derived by a key. */
function nameOf({ subject, sequence }: Contribution, question: Question, asked: string): string {
  const { kind, person = subject, otherPerson = '', statement = '', source = '' } = question;
  const occasion = ASKED_ONCE[kind] === 'for a contribution' ? [subject, sequence] : [];
  const named = ASKED_ONCE[kind] === 'for a source' ? [source] : [[person, otherPerson].sort(), statement, ...occasion];
  const digest = createHash('sha256')
    .update(JSON.stringify([kind, asked, ...named]))
    .digest();
  return base32Text(digest.subarray(0, 10));
}
