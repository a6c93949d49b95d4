import { readWords } from '../../shared/access/reasons.ts';
import { parseTaskId, type Review, type ReviewedTask } from '../../shared/access/review/task.ts';
import { isOutcomeOf, OFFICES, officeOf, TASK_KINDS } from '../../shared/access/review/task-kinds.ts';
import { isRefusal, type Refusal, refuse, statusOf } from '../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../shared/lambda/http.ts';
import { queueName } from '../../shared/store/oversight/tasks.ts';
import type { JustifyDependencies, JustifyRequest } from './context.ts';
import { note } from './noting.ts';
import { readParameters } from './parameters.ts';

/**
 * `POST Task/{id}/$review`: what an officer of the privacy office, or of the records office, answers to a task. A task that is not theirs
 * is answered as one that is not there. It can be answered again, and differently: earlier answers are kept.
 */
export async function review(
  dependencies: JustifyDependencies,
  request: JustifyRequest,
  id: string,
): Promise<HttpAnswer | Refusal> {
  const named = parseTaskId(id);
  if (named === undefined) return refuse('not-found');
  const { access, tasks } = dependencies;
  const task = await tasks.task(id);
  const decided = access.may(request.caller, OFFICES[named.office].action, { at: request.at })
    ? readReview(dependencies, request, task)
    : refuse('may-not');
  const attempt = {
    interaction: 'review' as const,
    person: task?.person ?? queueName(named),
    outcome: isRefusal(decided) ? ('refused' as const) : ('shown' as const),
    status: isRefusal(decided) ? statusOf(decided) : 200,
  };
  if (!(await note(dependencies, request, attempt))) return refuse('audit-unavailable');
  if (isRefusal(decided)) return decided;
  if (!isSaid(decided.task, decided.review)) await tasks.review(decided.task, decided.review);
  return answerOf(decided.task, decided.review);
}

/** What is said of a task, or why it cannot be. */
function readReview(
  { access, lead }: JustifyDependencies,
  { body, caller, at }: JustifyRequest,
  task: ReviewedTask | undefined,
): { readonly task: ReviewedTask; readonly review: Review } | Refusal {
  const { organisation, staff, name } = caller;
  const about = { at, lead, organisation: task?.organisation };
  if (task === undefined || staff === undefined) return refuse('not-found');
  const { action } = OFFICES[officeOf(task.kind)];
  if (!access.may(caller, action, about)) return refuse('not-found');
  if (!access.may(caller, action, { ...about, staff: task.staff })) return refuse('own-task');
  const values = readParameters(body, { outcome: 'text', note: 'text' });
  if (isRefusal(values)) return values;
  const { outcome = '' } = values;
  if (!isOutcomeOf(task.kind, outcome)) return refuse('unknown-outcome', { diagnostics: outcomesOf(task) });
  const said = readWords(values.note ?? '');
  if (said === undefined) return refuse('bad-reason');
  return { task, review: { at, outcome, note: said, staff, ...(name === undefined ? {} : { name }), organisation } };
}

const outcomesOf = ({ kind }: ReviewedTask): string => `one of ${Object.keys(TASK_KINDS[kind].outcomes).join(', ')}`;

/** Whoever did not hear the answer sends the same again. */
function isSaid({ reviews }: ReviewedTask, { outcome, note: said, staff }: Review): boolean {
  const last = reviews.at(-1);
  return last?.outcome === outcome && last.note === said && last.staff === staff;
}

const answerOf = ({ id }: ReviewedTask, { outcome }: Review): HttpAnswer => ({
  status: 200,
  body: JSON.stringify({
    resourceType: 'Parameters',
    parameter: [
      { name: 'task', valueReference: { reference: `Task/${id}` } },
      { name: 'outcome', valueCode: outcome },
    ],
  }),
});
