import { createHash } from 'node:crypto';
import type { Action } from '../../shared/access/access.ts';
import type { Grant } from '../../shared/access/grants.ts';
import { GRANT_TERMS, readWords } from '../../shared/access/reasons.ts';
import { hoursAfter } from '../../shared/access/review/overdue.ts';
import { taskOfGrant } from '../../shared/access/review/task.ts';
import { isRefusal, type Refusal, refuse, statusOf } from '../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../shared/lambda/http.ts';
import { base32Text } from '../../shared/record/base32.ts';
import type { JustifyDependencies, JustifyRequest } from './context.ts';
import { type Attempt, note } from './noting.ts';
import { readParameters } from './parameters.ts';

/** The operations by which staff let themselves in, and the kind of grant that each gives. */
export const GRANTING = {
  '$break-glass': { kind: 'break-glass', action: 'break-glass' },
  '$claim-relationship': { kind: 'claimed', action: 'claim-relationship' },
} as const satisfies Record<string, { readonly kind: Grant['kind']; readonly action: Action }>;

type Operation = keyof typeof GRANTING;

/**
 * Opens one person's record to whoever asks, for a while, on their word. The record is not read: whether there is one shows neither in the answer
 * nor in how long it takes, and a grant for a person who is not there opens nothing.
 *
 * Noted before it is granted: no audit, no grant.
 */
export async function grantAccess(
  dependencies: JustifyDependencies,
  request: JustifyRequest,
  operation: Operation,
  person: string,
): Promise<HttpAnswer | Refusal> {
  const { kind, action } = GRANTING[operation];
  const asked = dependencies.access.may(request.caller, action, { at: request.at })
    ? readGrant(request, kind, person)
    : refuse('may-not');
  const decided = isRefusal(asked) ? asked : await withStanding(dependencies, request, asked);
  const attempt = { interaction: action, person };
  if (!(await note(dependencies, request, { ...attempt, ...outcomeOf(decided) }))) return refuse('unavailable');
  if (isRefusal(decided)) return decided;
  const granted = await dependencies.grants.put(decided, taskOfGrant(decided, request.caller.name));
  if (granted !== undefined) return answerOf(granted);
  const late = refuse('grant-stands');
  return (await note(dependencies, request, { ...attempt, ...outcomeOf(late) })) ? late : refuse('unavailable');
}

const outcomeOf = (decided: Grant | Refusal): Pick<Attempt, 'outcome' | 'status' | 'grant'> =>
  isRefusal(decided) ? { outcome: 'refused', status: statusOf(decided) } : { outcome: 'shown', status: 200, grant: decided.id };

/** The grant that is asked for, or what is wrong with the asking. */
function readGrant({ body, caller, requestId, at }: JustifyRequest, kind: Grant['kind'], person: string): Grant | Refusal {
  const { reasons, defaultHours, maxHours } = GRANT_TERMS[kind];
  const values = readParameters(body, { 'reason-code': 'text', reason: 'text', hours: 'number' });
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
  const standing = (await grants.grantsOf([asked.person], caller, at)).filter(({ kind }) => kind === asked.kind);
  const again = standing.find(({ id }) => id === asked.id);
  if (again !== undefined || standing.length === 0) return again ?? asked;
  return refuse('grant-stands', {
    diagnostics: `until ${standing
      .map(({ until }) => until)
      .sort()
      .at(-1)}`,
  });
}

const answerOf = ({ id, from, until }: Grant): HttpAnswer => ({
  status: 200,
  body: JSON.stringify({
    resourceType: 'Parameters',
    parameter: [
      { name: 'id', valueId: id },
      { name: 'from', valueInstant: from },
      { name: 'until', valueInstant: until },
    ],
  }),
});
