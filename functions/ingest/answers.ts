import { type EntryAnswer, responseBundle } from '../../shared/fhir/bundles.ts';
import { type Issue, type OutcomeCode, operationOutcome, type Refusal, statusOf } from '../../shared/fhir/outcomes.ts';
import type { HttpAnswer } from '../../shared/lambda/http.ts';
import type { DraftStatus } from '../../shared/record/draft.ts';
import { logicalId } from '../../shared/record/identity.ts';
import type { Settled } from './decision/decide-request.ts';
import type { Operation } from './decision/names/operation.ts';

/** `Prefer: return=…` (http://hl7.org/fhir/R4/http.html#ops). */
export type Return = 'minimal' | 'representation' | 'OperationOutcome';

/** @param otherwise what is answered when the caller does not say. */
export function preferredReturn(header: string | undefined, otherwise: Return): Return {
  const [, wanted] = /(?:^|[;,\s])return\s*=\s*"?(minimal|representation|OperationOutcome)"?/.exec(header ?? '') ?? [];
  return (wanted as Return | undefined) ?? otherwise;
}

const STATUSES: Readonly<Record<DraftStatus, number>> = { created: 201, updated: 200, unchanged: 200, late: 200, retracted: 204 };

const statusOfWrite = (status: DraftStatus, kind: Operation['interaction']['kind']): number =>
  kind === 'delete' ? 204 : STATUSES[status];

/** What became of an operation, as an entry of a response bundle. */
export function entryAnswer({ interaction: { type, kind } }: Operation, settled: Settled, wanted: Return): EntryAnswer {
  if ('issues' in settled) return { status: statusOfIssues(settled.issues), issues: settled.issues };
  const { outcome, subject, body, notes } = settled;
  const said = [...issuesOf(outcome.status, wanted), ...notes];
  return {
    status: statusOfWrite(outcome.status, kind),
    location: `${type}/${logicalId(subject, outcome.fragmentId)}/_history/${outcome.version}`,
    etag: `W/"${outcome.version}"`,
    lastModified: outcome.recordedAt,
    ...(said.length === 0 ? {} : { issues: said }),
    ...(wanted === 'representation' && body !== undefined ? { body } : {}),
  };
}

/** Lambda answers 6 MB at most: what is longer is answered in the shortest form, for by then it is written. */
const MAX_ANSWER_CHARACTERS = 4_000_000;

/** The answer to one interaction. */
export function singleAnswer(
  operation: Operation,
  settled: Exclude<Settled, { issues: unknown }>,
  wanted: Return,
  fhirUrl: string,
): HttpAnswer {
  const { status, location = '', etag = '', lastModified = '', body } = entryAnswer(operation, settled, wanted);
  const headers = { etag, 'last-modified': new Date(lastModified).toUTCString(), location: `${fhirUrl}/${location}` };
  const said = [...issuesOf(settled.outcome.status, wanted), ...settled.notes];
  if (said.length > 0) {
    const outcome = operationOutcome(said);
    return { status: status === 204 ? 200 : status, headers, body: JSON.stringify(outcome) };
  }
  return body === undefined || body.length > MAX_ANSWER_CHARACTERS ? { status, headers } : { status, headers, body };
}

/**
 * The answer to a bundle whose entries were acted on.
 * @param answersOf the answers of its entries, in their order, in a form.
 */
export function bundleAnswer(
  type: 'transaction' | 'batch',
  answersOf: (wanted: Return) => readonly EntryAnswer[],
  wanted: Return,
): HttpAnswer {
  const body = responseBundle(type, answersOf(wanted));
  const tooLong = wanted !== 'minimal' && body.length > MAX_ANSWER_CHARACTERS;
  return tooLong ? bundleAnswer(type, answersOf, 'minimal') : { status: 200, body };
}

const SAID: Readonly<Record<DraftStatus, OutcomeCode>> = {
  created: 'written',
  updated: 'written',
  unchanged: 'nothing-changed',
  retracted: 'written',
  late: 'late-arrival',
};

/** That something was kept but is not current is always said; the rest only to who asks. */
const issuesOf = (status: DraftStatus, wanted: Return): Issue[] =>
  status === 'late' || wanted === 'OperationOutcome' ? [{ code: SAID[status] }] : [];

const statusOfIssues = (issues: readonly Issue[]): number => statusOf({ refused: true, issues } as Refusal);
