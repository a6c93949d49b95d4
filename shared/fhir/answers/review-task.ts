import { GRANT_TERMS } from '../../access/reasons.ts';
import type { ReviewedTask } from '../../access/review/task.ts';
import { TASK_KINDS } from '../../access/review/task-kinds.ts';

/** Codes of review tasks: kinds, rules, outcomes and inputs. */
const REVIEW = 'urn:chesil:review';
/** Staff, as `<provider>|<id>`. */
const STAFF = 'urn:chesil:staff';
const ORGANISATION = 'urn:chesil:organisation';

/** What a Task is called on the outside, where that needs a key or a table. */
export interface TaskNames {
  /** `AuditEvent/<id>` of an entry of the audit; nothing where it cannot be named. */
  auditEvent(evidence: ReviewedTask['evidence'][number]): string | undefined;
  /** What a rule looks for, in plain English. */
  ruleTitle(rule: string): string | undefined;
}

/** A review task as FHIR R4 Task (http://hl7.org/fhir/R4/task.html): requested until an officer has answered it. */
export function fhirTask(task: ReviewedTask, names: TaskNames): fhir4.Task {
  const { id, kind, person, organisation, at, dueAt, reviews } = task;
  const last = reviews.at(-1);
  return {
    resourceType: 'Task',
    id,
    meta: { lastUpdated: last?.at ?? at },
    status: last === undefined ? 'requested' : 'completed',
    ...(last === undefined ? {} : { businessStatus: coded(last.outcome) }),
    intent: 'order',
    code: coded(kind, TASK_KINDS[kind].title),
    ...(person === undefined ? {} : { for: { reference: `Patient/${person}` } }),
    authoredOn: at,
    ...(last === undefined ? {} : { lastModified: last.at }),
    ...requesterOf(task),
    owner: { identifier: { system: ORGANISATION, value: organisation } },
    ...reasonOf(task, names),
    ...(reviews.length === 0 ? {} : { note: reviews.map(annotationOf) }),
    ...(dueAt === undefined ? {} : { restriction: { period: { end: dueAt } } }),
    ...inputOf(inputsOf(task, names)),
  };
}

/** FHIR has no empty lists. */
const inputOf = (input: fhir4.TaskInput[]): Pick<fhir4.Task, 'input'> => (input.length === 0 ? {} : { input });

/** The member of staff who did it; else the organisation that said what is asked about, where that is another. */
function requesterOf({ staff, staffName, about }: ReviewedTask): Pick<fhir4.Task, 'requester'> {
  const named = staffName === undefined ? {} : { display: staffName };
  if (staff !== undefined) return { requester: { identifier: { system: STAFF, value: staff }, ...named } };
  if (about?.saidBy === undefined) return {};
  return { requester: { identifier: { system: ORGANISATION, value: about.saidBy } } };
}

const coded = (code: string, text?: string): fhir4.CodeableConcept => ({
  coding: [{ system: REVIEW, code, ...(text === undefined ? {} : { display: text }) }],
  ...(text === undefined ? {} : { text }),
});

function reasonOf(
  { kind, reason, rule }: ReviewedTask,
  { ruleTitle }: TaskNames,
): Pick<fhir4.Task, 'reasonCode' | 'description'> {
  if (rule !== undefined) return { reasonCode: coded(rule, ruleTitle(rule)) };
  if (reason === undefined) return {};
  const { reasons } = GRANT_TERMS[kind === 'claim' ? 'claimed' : 'break-glass'];
  return { reasonCode: coded(reason.code, reasons[reason.code]?.title), description: reason.text };
}

const annotationOf = ({ at, outcome, note, name, staff }: ReviewedTask['reviews'][number]): fhir4.Annotation => ({
  authorString: name ?? staff,
  time: at,
  text: `${outcome}: ${note}`,
});

function inputsOf({ role, grant, evidence, about = {} }: ReviewedTask, { auditEvent }: TaskNames): fhir4.TaskInput[] {
  const events = evidence.map(auditEvent).filter((reference) => reference !== undefined);
  const { otherPerson, fragments = [], fragmentCount, source } = about;
  return [
    ...(role === undefined ? [] : [{ type: coded('role'), valueCode: role }]),
    ...(grant === undefined
      ? []
      : [
          { type: coded('grant'), valueId: grant.id },
          { type: coded('until'), valueInstant: grant.until },
        ]),
    ...events.map((reference) => ({ type: coded('evidence'), valueReference: { reference } })),
    ...(source === undefined ? [] : [{ type: coded('source'), valueString: source }]),
    ...(otherPerson === undefined
      ? []
      : [{ type: coded('other-person'), valueReference: { reference: `Patient/${otherPerson}` } }]),
    ...(fragmentCount === undefined ? [] : [{ type: coded('fragment-count'), valueInteger: fragmentCount }]),
    ...fragments.map((reference) => ({ type: coded('fragment'), valueReference: { reference } })),
  ];
}
