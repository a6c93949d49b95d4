import { createHash } from 'node:crypto';
import { type Office, parseTaskId, type Review, type ReviewedTask, type ReviewTask } from '../../access/review/task.ts';
import { officeOf } from '../../access/review/task-kinds.ts';
import { base32Text } from '../../record/base32.ts';
import { contentOf, type Item, type Kept, type OversightTable, putAll, readRange } from './items.ts';

/** A page of the queue. */
export interface TaskPage {
  readonly tasks: readonly ReviewedTask[];
  /** Id of the last task that was looked at, where there are more. */
  readonly next?: string;
}

/** The tasks of one office of an organisation. */
export interface TaskQueue {
  readonly organisation: string;
  readonly office: Office;
}

/** What is wanted of a queue. */
export interface QueueRange {
  /** Goes on after this task. */
  readonly after?: string;
  readonly limit: number;
  /** Which tasks are counted and given. */
  readonly wants?: (task: ReviewedTask) => boolean;
}

/** What a false positive is known again by: the same rule, the same member of staff, the same person. */
export type Finding = Pick<ReviewTask, 'rule' | 'staff' | 'person'>;

/** Tasks for the offices of organisations, and what they answered. */
export interface Tasks {
  /** Tasks of a queue, newest first, a page at a time. A page for which many had to be passed over may hold fewer than were wanted, and none. */
  page(queue: TaskQueue, range: QueueRange): Promise<TaskPage>;
  /** One task with its reviews; `undefined` when there is none. */
  task(id: string): Promise<ReviewedTask | undefined>;
  /** Tasks of a queue about what happened from an instant on, oldest first. */
  since(queue: TaskQueue, from: string): AsyncIterable<ReviewedTask>;
  /** @returns false when a task of its name had been raised before, whatever its instant: then nothing is written. */
  raise(task: ReviewTask): Promise<boolean>;
  /** Adds what an officer answers. That a finding is a false positive keeps the same from being found for a year. @returns false when the same was said before at the same instant. */
  review(task: ReviewTask, review: Review): Promise<boolean>;
  /** Whether a privacy officer has said, within a year before, that what a finding finds is nothing. */
  isSuppressed(finding: Finding, at: string): Promise<boolean>;
}

/** Partitions, by the office whose tasks they hold. */
const PARTITIONS: Readonly<Record<Office, string>> = { privacy: 'review', records: 'records' };

/** The queue as the table and the audit name it. */
export const queueName = ({ organisation, office }: TaskQueue): string => `${PARTITIONS[office]}#${organisation}`;

const queueOf = ({ organisation, kind }: ReviewTask): string => queueName({ organisation, office: officeOf(kind) });

const sortKeyOf = (id: string): string => {
  const named = parseTaskId(id);
  if (named === undefined) throw new Error('a task has an id of another form');
  return `${named.at}#${named.name}`;
};

/** A task as it is kept. */
export const keptTask = (task: ReviewTask): Kept => ({
  subject: queueOf(task),
  item: sortKeyOf(task.id),
  kind: task.kind,
  content: task,
});

/** A task is raised once under its name, whatever its instant: its evidence may be read again, and a stream may hand over again. */
const keptOnce = ({ organisation, id }: ReviewTask): Kept => ({
  subject: `raised#${organisation}`,
  item: parseTaskId(id)?.name ?? id,
  kind: 'raised',
  content: { task: id },
});

/**
 * Reads a task as the table's stream hands it over.
 * @throws Error when the item is no task of ours
 */
export function taskOfItem(image: Readonly<Record<string, { readonly S?: string }>>): ReviewTask {
  const task = contentOf<ReviewTask>(image as Item);
  if (task.kind !== image.kind?.S || parseTaskId(task.id) === undefined) throw new Error('an item is no review task');
  return task;
}

/** Tells apart what is said at one instant. */
const nameOf = ({ outcome, note, staff }: Review): string =>
  base32Text(
    createHash('sha256')
      .update(JSON.stringify([outcome, note, staff]))
      .digest()
      .subarray(0, 10),
  );

/** Beside its task, so that one Query reads both. */
const keptReview = (task: ReviewTask, review: Review): Kept => ({
  subject: queueOf(task),
  item: `${sortKeyOf(task.id)}#review#${review.at}#${nameOf(review)}`,
  kind: 'review',
  content: review,
});

/** Until when what a false positive says is believed. */
interface Feedback {
  readonly task: string;
  readonly until: string;
}

const feedbackOn = ({ rule = '', staff = '', person = 'nobody' }: Finding) => ({
  subject: `feedback#${person}`,
  prefix: `${JSON.stringify([rule, staff])}#`,
});

function keptFeedback(task: ReviewTask, review: Review): Kept {
  const { at } = review;
  const { subject, prefix } = feedbackOn(task);
  const until = new Date(at);
  until.setUTCFullYear(until.getUTCFullYear() + 1);
  const feedback: Feedback = { task: task.id, until: until.toISOString() };
  return { subject, item: `${prefix}${at}#${task.id}#${nameOf(review)}`, kind: 'feedback', content: feedback };
}

const isReview = (item: Item): boolean => item.kind?.S === 'review';

/** Tasks that one page looks at: whoever asks for what is open does not wait for years of what was reviewed. */
const MOST_LOOKED_AT = 1_000;

export function createTasks(oversight: OversightTable): Tasks {
  return {
    page: async (queue, { after, limit, wants = () => true }) => {
      const tasks: ReviewedTask[] = [];
      let lookedAt = 0;
      let reviews: Review[] = [];
      const range = { subject: queueName(queue), newestFirst: true, limit: 4 * limit };
      for await (const page of readRange(oversight, after === undefined ? range : { ...range, after: sortKeyOf(after) })) {
        for (const item of page) {
          // Newest first, what was said of a task comes before the task.
          if (isReview(item)) {
            reviews.unshift(contentOf<Review>(item));
            continue;
          }
          const task = { ...contentOf<ReviewTask>(item), reviews };
          reviews = [];
          if (wants(task)) tasks.push(task);
          lookedAt++;
          if (tasks.length === limit || lookedAt === MOST_LOOKED_AT) return { tasks, next: task.id };
        }
      }
      return { tasks };
    },

    task: async (id) => {
      const named = parseTaskId(id);
      if (named === undefined) return undefined;
      const items: Item[] = [];
      for await (const page of readRange(oversight, { subject: queueName(named), prefix: sortKeyOf(id) })) items.push(...page);
      const [task, ...reviews] = items;
      if (task === undefined || isReview(task)) return undefined;
      return { ...contentOf<ReviewTask>(task), reviews: reviews.map((item) => contentOf<Review>(item)) };
    },

    raise: (task) => putAll(oversight, [keptTask(task), keptOnce(task)]),

    since: async function* (queue, from) {
      let task: ReviewTask | undefined;
      let reviews: Review[] = [];
      for await (const page of readRange(oversight, { subject: queueName(queue), from }))
        for (const item of page) {
          if (isReview(item)) {
            reviews.push(contentOf<Review>(item));
            continue;
          }
          if (task !== undefined) yield { ...task, reviews };
          task = contentOf<ReviewTask>(item);
          reviews = [];
        }
      if (task !== undefined) yield { ...task, reviews };
    },

    review: (task, review) => {
      const isNothing = task.kind === 'finding' && review.outcome === 'false-positive';
      return putAll(oversight, [keptReview(task, review), ...(isNothing ? [keptFeedback(task, review)] : [])]);
    },

    isSuppressed: async (finding, at) => {
      const { subject, prefix } = feedbackOn(finding);
      for await (const page of readRange(oversight, { subject, prefix }))
        if (page.some((item) => at < contentOf<Feedback>(item).until)) return true;
      return false;
    },
  };
}
