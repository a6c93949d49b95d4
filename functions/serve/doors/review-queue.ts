import { sealAccessId } from '../../../shared/access/access-id.ts';
import { queuesOf } from '../../../shared/access/review/queues.ts';
import { ruleTitle } from '../../../shared/access/review/rules.ts';
import { type Office, parseTaskId, type ReviewedTask } from '../../../shared/access/review/task.ts';
import { OFFICE_NAMES, OFFICES } from '../../../shared/access/review/task-kinds.ts';
import { bundleText, outcomeEntry, searchEntry } from '../../../shared/fhir/answers/bundle.ts';
import { addressOf } from '../../../shared/fhir/answers/pages.ts';
import { countReader, type ParameterTable, type Query, readParameters } from '../../../shared/fhir/answers/query-parameters.ts';
import { fhirTask } from '../../../shared/fhir/answers/review-task.ts';
import { isRefusal, operationOutcome, refuse } from '../../../shared/fhir/outcomes.ts';
import { queueName } from '../../../shared/store/oversight/tasks.ts';
import type { ServeDependencies, ServeRequest, Told } from '../context.ts';

/** The operation, as the path names it. */
export const REVIEW_QUEUE = '$review-queue';

const DEFAULT_COUNT = 20;
const MAX_COUNT = 100;

/** What is wanted of the queue. */
interface Wanted {
  readonly office: Office;
  readonly status?: string;
  readonly code?: string;
  readonly count: number;
  readonly after?: string;
}

/**
 * `GET $review-queue`: the tasks of the office that the caller works in, of their own organisation; of every organisation for officers of
 * the lead. Organisation by organisation, newest first.
 */
export async function reviewQueue(dependencies: ServeDependencies, request: ServeRequest): Promise<Told> {
  const { caller, fhirUrl, at, query } = request;
  const office = OFFICE_NAMES.find((name) => dependencies.access.may(caller, OFFICES[name].action, { at }));
  const read = readParameters(query, tableOf(office), { strict: request.wanted.strict, at: REVIEW_QUEUE });
  const wanted = office === undefined ? refuse('may-not') : isRefusal(read) ? read : { ...read, office };
  const person = queueName({ organisation: caller.organisation, office: office ?? 'privacy' });
  const note = { interaction: 'review-queue', person, type: 'Task' } as const;
  if (isRefusal(wanted)) return { answer: wanted, note: { ...note, outcome: 'refused' } };
  const { tasks, next } = await pageOf(dependencies, request, { office: wanted.office, count: DEFAULT_COUNT, ...wanted.values });
  const own = wanted.applied.filter(([name]) => name !== '_after');
  const { form } = request.wanted;
  const links = [
    { relation: 'self' as const, url: addressOf(fhirUrl, REVIEW_QUEUE, [...wanted.applied, ...form]) },
    ...(next === undefined
      ? []
      : [
          {
            relation: 'next' as const,
            url: addressOf(fhirUrl, REVIEW_QUEUE, [...own, ['_after', next], ...form] satisfies Query),
          },
        ]),
  ];
  const entries = tasks.map((task) => searchEntry(`${fhirUrl}/Task/${task.id}`, textOf(dependencies, task), 'match'));
  if (wanted.ignored.length > 0) entries.push(outcomeEntry(operationOutcome(wanted.ignored)));
  const body = bundleText({ type: 'searchset', timestamp: at, links }, entries);
  return { answer: { status: 200, body }, note: { ...note, outcome: 'shown', shown: countByKind(tasks) } };
}

/** `GET Task/{id}` of a review task: what the alert refers to. One that is not theirs is answered as one that is not there. */
export async function readReviewTask(dependencies: ServeDependencies, request: ServeRequest, id: string): Promise<Told> {
  const { access, lead, tasks } = dependencies;
  const named = parseTaskId(id);
  const task = await tasks.task(id);
  const about = { at: request.at, lead, organisation: task?.organisation };
  const mayRead = named !== undefined && task !== undefined && access.may(request.caller, OFFICES[named.office].action, about);
  const person = task?.person ?? queueName(named ?? { organisation: request.caller.organisation, office: 'privacy' });
  const note = { interaction: 'review-queue', person, type: 'Task' } as const;
  if (!mayRead) return { answer: refuse('not-found'), note: { ...note, outcome: 'refused' } };
  const answer = { status: 200, body: textOf(dependencies, task) };
  return { answer, note: { ...note, outcome: 'shown', shown: countByKind([task]) } };
}

const queuesFor = ({ directory, lead }: ServeDependencies, { caller, at }: ServeRequest): readonly string[] =>
  queuesOf(caller.organisation, lead, directory, at);

/** The parameters of the queue of an office. */
const tableOf = (office: Office | undefined): ParameterTable<Omit<Wanted, 'office'>> => ({
  status: { read: (status) => ({ status }) },
  code: { read: (code) => ({ code }) },
  _count: countReader(MAX_COUNT, 1),
  _after: { read: (after) => (parseTaskId(after)?.office === office ? { after } : undefined) },
});

/** One page, which may reach over the end of an organisation's tasks into those of the next. */
async function pageOf(dependencies: ServeDependencies, request: ServeRequest, wanted: Wanted) {
  const { office, status, code, count, after } = wanted;
  const queues = queuesFor(dependencies, request);
  const first = after === undefined ? 0 : queues.indexOf(parseTaskId(after)!.organisation);
  // Somebody else's page address leads nowhere.
  if (first < 0) return { tasks: [] };
  const wants = ({ kind, reviews }: ReviewedTask) =>
    (code === undefined || kind === code) &&
    (status === undefined || (reviews.length === 0 ? 'requested' : 'completed') === status);
  const tasks: ReviewedTask[] = [];
  for (const [index, organisation] of queues.slice(first).entries()) {
    const range = { limit: count - tasks.length, wants, ...(index === 0 && after !== undefined ? { after } : {}) };
    const page = await dependencies.tasks.page({ organisation, office }, range);
    tasks.push(...page.tasks);
    if (page.next !== undefined) return { tasks, next: page.next };
  }
  return { tasks };
}

const textOf = ({ auditKey }: ServeDependencies, task: ReviewedTask): string =>
  JSON.stringify(
    fhirTask(task, {
      ruleTitle,
      auditEvent: ({ person, access }) => {
        const [at = '', id = ''] = access.split('#');
        const name = sealAccessId(auditKey, { person, at, id });
        return name === undefined ? undefined : `AuditEvent/${name}`;
      },
    }),
  );

function countByKind(tasks: readonly ReviewedTask[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kind } of tasks) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
