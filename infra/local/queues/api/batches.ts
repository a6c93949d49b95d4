import { type Input, isServiceRefusal, type ServiceRefusal } from '../../endpoint/service.ts';
import { REFUSALS } from './refusals.ts';

export interface BatchEntry {
  readonly Id: string;
  readonly [parameter: string]: unknown;
}

/** Reads the entries of a batch: 1 to 10, each with an id of its own (SQS API, SendMessageBatch). */
export function readBatch({ Entries }: Input): readonly BatchEntry[] | ServiceRefusal {
  const entries = Array.isArray(Entries) ? (Entries as BatchEntry[]) : [];
  if (entries.length === 0) return REFUSALS.emptyBatch;
  if (entries.length > 10) return REFUSALS.longBatch;
  if (entries.some(({ Id }) => typeof Id !== 'string' || !/^[\w-]{1,80}$/.test(Id))) return REFUSALS.badEntryId;
  return new Set(entries.map(({ Id }) => Id)).size === entries.length ? entries : REFUSALS.sameIds;
}

/** Each entry succeeds or fails by itself. */
export function batchAnswer(outcomes: readonly { readonly Id: string; readonly outcome: object | ServiceRefusal }[]) {
  return {
    Successful: outcomes.flatMap(({ Id, outcome }) => (isServiceRefusal(outcome) ? [] : [{ Id, ...outcome }])),
    Failed: outcomes.flatMap(({ Id, outcome }) =>
      isServiceRefusal(outcome)
        ? [{ Id, Code: outcome.queryCode ?? outcome.code, Message: outcome.message, SenderFault: true }]
        : [],
    ),
  };
}
