import type { Access } from '../../shared/access/access.ts';
import { taskOfQuestion } from '../../shared/access/review/question.ts';
import type { ReviewTask } from '../../shared/access/review/task.ts';
import { systemViewer } from '../../shared/access/viewer.ts';
import type { Directory } from '../../shared/directory/directory.ts';
import type { Contribution, Question } from '../../shared/record/contribution.ts';
import type { PersonRecord } from '../../shared/record/fold.ts';
import type { Tasks } from '../../shared/store/oversight/tasks.ts';
import type { RecordStore } from '../../shared/store/record.ts';

export interface QuestionDependencies {
  readonly tasks: Pick<Tasks, 'raise'>;
  readonly store: Pick<RecordStore, 'person'>;
  readonly access: Pick<Access, 'view'>;
  readonly directory: Directory;
}

/** Puts the questions of a contribution before the records offices that they are for. */
export type RaiseQuestions = (contribution: Contribution, at: string) => Promise<void>;

/**
 * The task of a question is derived from the contribution, so a replay of the stream raises it under the same name and writes nothing.
 * An organisation that no longer takes part, without a successor, is not asked.
 */
export function createRaiseQuestions({ tasks, store, access, directory }: QuestionDependencies): RaiseQuestions {
  async function taskOf(contribution: Contribution, question: Question, at: string): Promise<ReviewTask | undefined> {
    const asked = directory.current(question.asked ?? contribution.contributor, at)?.id;
    if (asked === undefined) return undefined;
    const persons = new Set([question.person ?? contribution.subject, question.otherPerson ?? contribution.subject]);
    const records = new Map<string, PersonRecord>();
    for (const person of persons) records.set(person, await store.person(person));
    const viewer = systemViewer(asked);
    const sees = (person: string): boolean => access.view(viewer, records.get(person)!, at).permitted;
    return taskOfQuestion(contribution, question, {
      asked,
      sees,
      typeOf: (fragmentId) => typeIn(records.get(question.otherPerson ?? ''), fragmentId, asked, directory, at),
    });
  }

  return async (contribution, at) => {
    for (const question of contribution.questions ?? []) {
      const task = await taskOf(contribution, question, at);
      if (task !== undefined) await tasks.raise(task);
    }
  };
}

/** The type of a fragment that an organisation, or one that merged into it, contributed. */
function typeIn(record: PersonRecord | undefined, id: string, owner: string, directory: Directory, at: string) {
  for (const { fragments } of record?.folds ?? []) {
    const fragment = fragments.get(id);
    if (fragment !== undefined && directory.current(fragment.owner, at)?.id === owner) return fragment.type;
  }
  return undefined;
}
