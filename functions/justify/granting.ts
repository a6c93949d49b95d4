import { createHash } from 'node:crypto';
import type { Action } from '../../shared/access/access.ts';
import type { Grant } from '../../shared/access/grants.ts';
import { GRANT_TERMS, readWords } from '../../shared/access/reasons.ts';
import { hoursAfter } from '../../shared/access/review/overdue.ts';
import { taskOfGrant } from '../../shared/access/review/task.ts';
import { isRefusal, type Refusal, refuse, statusOf } from '../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../shared/lambda/http.ts';
import { base32Text } from '../../shared/record/base32.ts';
import type { Subject } from '../../shared/record/identity.ts';
import type { JustifyDependencies, JustifyRequest } from './context.ts';
import { NAMING, personNamedIn } from './named-person.ts';
import { type Attempt, note } from './noting.ts';
import { type Forms, readParameters } from './parameters.ts';

/** The operations by which staff let themselves in, and the kind of grant that each gives. */
export const GRANTING = {
  '$break-glass': { kind: 'break-glass', action: 'break-glass' },
  '$claim-relationship': { kind: 'claimed', action: 'claim-relationship' },
} as const satisfies Record<string, { readonly kind: Grant['kind']; readonly action: Action }>;

type Operation = keyof typeof GRANTING;

const FORMS = { 'reason-code': 'text', reason: 'text', hours: 'number' } as const satisfies Forms;

/** What an operation takes that names the person in its body. */
export const FORMS_BY_NUMBER = { ...FORMS, ...NAMING };

/** `POST Patient/{id}/$break-glass`, `$claim-relationship`: opens the record of the person whom the address names. */
export const grantAccess = (
  dependencies: JustifyDependencies,
  request: JustifyRequest,
  operation: Operation,
  person: Subject,
): Promise<HttpAnswer | Refusal> => grant(dependencies, request, { ...GRANTING[operation], person, forms: FORMS });

/** `POST Patient/$break-glass`, `$claim-relationship`: opens the record of the person whose NHS number is in the body. */
export async function grantAccessByNumber(
  dependencies: JustifyDependencies,
  request: JustifyRequest,
  operation: Operation,
): Promise<HttpAnswer | Refusal> {
  const { kind, action } = GRANTING[operation];
  const person = personNamedIn(request.body, FORMS_BY_NUMBER, dependencies.identity);
  if (!isRefusal(person)) return grant(dependencies, request, { kind, action, person, forms: FORMS_BY_NUMBER });
  // Nobody is named, so there is nobody to write it to the audit of.
  return dependencies.access.may(request.caller, action, { at: request.at }) ? person : refuse('may-not');
}

interface Asked {
  readonly kind: Grant['kind'];
  readonly action: (typeof GRANTING)[Operation]['action'];
  readonly person: Subject;
  readonly forms: typeof FORMS;
}

/**
 * Opens one person's record to the member of staff who asks, for a while, on their word. Whether there is a record shows
 * neither in the answer nor in how long it takes: the same reads and writes are done either way. Without a record the
 * grant waits and asks no privacy office.
 *
 * The audit entry is written before the grant: no audit, no grant.
 */
async function grant(
  dependencies: JustifyDependencies,
  request: JustifyRequest,
  { kind, action, person, forms }: Asked,
): Promise<HttpAnswer | Refusal> {
  const { access, grants, persons } = dependencies;
  const asked = access.may(request.caller, action, { at: request.at })
    ? readGrant(request, kind, person, forms)
    : refuse('may-not');
  const decided = isRefusal(asked) ? asked : await withStanding(dependencies, request, asked);
  const attempt = { interaction: action, person };
  if (!(await note(dependencies, request, { ...attempt, ...outcomeOf(decided) }))) return refuse('audit-unavailable');
  if (isRefusal(decided)) {
    if (decided.issues[0].code === 'grant-stands') await openKnown(dependencies, person, request.at);
    return decided;
  }
  const isKnown = await persons.isKnown(person);
  const granted = await grants.put(decided, taskOfGrant(decided, request.caller.name), isKnown);
  await openKnown(dependencies, person, request.at);
  if (granted !== undefined) return answerOf(granted);
  const late = refuse('grant-stands');
  return (await note(dependencies, request, { ...attempt, ...outcomeOf(late) })) ? late : refuse('audit-unavailable');
}

/**
 * Opens what waits once there is a record. `announce` does it too, when a record comes into being; it may have read the
 * table just before the grant was there.
 */
async function openKnown({ persons, grants }: JustifyDependencies, person: Subject, at: string): Promise<void> {
  const [isKnown, waiting] = await Promise.all([persons.isKnown(person), grants.waiting(person, at)]);
  if (isKnown) await grants.open(waiting);
}

const outcomeOf = (decided: Grant | Refusal): Pick<Attempt, 'outcome' | 'status' | 'grant'> =>
  isRefusal(decided) ? { outcome: 'refused', status: statusOf(decided) } : { outcome: 'shown', status: 200, grant: decided.id };

/** The grant that is asked for, or what is wrong with the asking. */
function readGrant(
  { body, caller, requestId, at }: JustifyRequest,
  kind: Grant['kind'],
  person: Subject,
  forms: typeof FORMS,
): Grant | Refusal {
  const { reasons, defaultHours, maxHours } = GRANT_TERMS[kind];
  const values = readParameters(body, forms);
  if (isRefusal(values)) return values;
  const { 'reason-code': code = '', reason = '', hours = defaultHours } = values;
  if (!Object.hasOwn(reasons, code)) return refuse('unknown-reason');
  const text = readWords(reason);
  if (text === undefined) return refuse('bad-reason');
  const until = hours > 0 && hours <= maxHours ? hoursAfter(at, hours) : at;
  // So few hours that they are over at once would look as if the record had been opened.
  if (until === at) return refuse('bad-hours');
  const { staff, role, organisation } = caller;
  if (staff === undefined) return refuse('may-not');
  const id = nameOf([kind, person, staff, role, organisation, requestId]);
  return { id, kind, person, staff, role, organisation, from: at, until, reason: { code, text } };
}

/** 16 characters of base32: the same for the same request sent again. */
const nameOf = (parts: readonly string[]): string =>
  base32Text(createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 10));

/** A second grant while one stands would extend it without anybody noticing. */
async function withStanding(
  { grants }: JustifyDependencies,
  { caller, at }: JustifyRequest,
  asked: Grant,
): Promise<Grant | Refusal> {
  const standing = (await grants.standing(asked.person, caller, at)).filter(({ kind }) => kind === asked.kind);
  const again = standing.find(({ id }) => id === asked.id);
  if (again !== undefined || standing.length === 0) return again ?? asked;
  return refuse('grant-stands', {
    diagnostics: `until ${standing
      .map(({ until }) => until)
      .sort()
      .at(-1)}`,
  });
}

const answerOf = ({ id, person, from, until }: Grant): HttpAnswer => ({
  status: 200,
  body: JSON.stringify({
    resourceType: 'Parameters',
    parameter: [
      { name: 'id', valueId: id },
      { name: 'patient', valueReference: { reference: `Patient/${person}` } },
      { name: 'from', valueInstant: from },
      { name: 'until', valueInstant: until },
    ],
  }),
});
