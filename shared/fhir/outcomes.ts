import { OUTCOMES } from './answers/outcome-texts.ts';

/**
 * Refusals: values, not exceptions. One table turns the code of a refusal into its HTTP status and FHIR issue type; the
 * texts are static and say what to do, so that nothing about a person can slip into them. What varies stands in `expression`
 * and `diagnostics`, which never hold the value that was refused.
 */

/** A stable code that callers can switch on. */
export type OutcomeCode = keyof typeof OUTCOMES;

/** One problem: its code, where it is (FHIRPath expressions), and an optional static detail (never a value that was sent). */
export interface Issue {
  readonly code: OutcomeCode;
  readonly expression?: string;
  readonly diagnostics?: string;
}

/** A refusal: what is wrong, all of it. The first issue decides the HTTP status. */
export interface Refusal {
  readonly refused: true;
  readonly issues: readonly [Issue, ...Issue[]];
}

/** A refusal with one issue. */
export const refuse = (code: OutcomeCode, at: Omit<Issue, 'code'> = {}): Refusal => ({
  refused: true,
  issues: [{ code, ...at }],
});

/** A refusal of all the issues found, or `undefined` when there are none. */
export const refuseAll = (issues: readonly Issue[]): Refusal | undefined =>
  issues.length > 0 ? { refused: true, issues: issues as readonly [Issue, ...Issue[]] } : undefined;

/** Tells a refusal from any other value. */
export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && (value as { refused?: unknown }).refused === true;

/** Seconds after which it is worth trying again; `undefined` where the table does not say. */
export const retryAfterOf = (refusal: Refusal): number | undefined => OUTCOMES[refusal.issues[0].code].retryAfterSeconds;

/** HTTP status of a refusal. */
export const statusOf = (refusal: Refusal): number => OUTCOMES[refusal.issues[0].code].status;

/** Most issues that one OperationOutcome names; how many were left out is said in a last one. */
const MAX_ISSUES = 200;

/** The FHIR R4 OperationOutcome of issues (http://hl7.org/fhir/R4/operationoutcome.html). */
export function operationOutcome(issues: readonly Issue[]): fhir4.OperationOutcome {
  const shown = issues.slice(0, MAX_ISSUES).map(issueOf);
  if (issues.length > MAX_ISSUES) {
    shown.push({
      severity: 'information',
      code: 'incomplete',
      diagnostics: `${issues.length - MAX_ISSUES} more problems were found.`,
    });
  }
  return { resourceType: 'OperationOutcome', issue: shown };
}

/** Types of issues that need nobody's attention. */
const INFORMATIONAL: ReadonlySet<string> = new Set(['informational', 'suppressed']);

function issueOf({ code, expression, diagnostics }: Issue): fhir4.OperationOutcomeIssue {
  const { status, type, text } = OUTCOMES[code];
  return {
    severity: status >= 400 ? 'error' : INFORMATIONAL.has(type) ? 'information' : 'warning',
    code: type as fhir4.OperationOutcomeIssue['code'],
    details: { coding: [{ system: 'urn:chesil:outcome', code }], text },
    ...(diagnostics === undefined ? {} : { diagnostics }),
    ...(expression === undefined ? {} : { expression: [expression] }),
  };
}
