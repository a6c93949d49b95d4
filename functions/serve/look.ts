import type { Access, View } from '../../shared/access/access.ts';
import { classKey } from '../../shared/access/facts.ts';
import { type Refusal, refuse } from '../../shared/fhir/outcomes.ts';
import type { Caller, HttpAnswer } from '../../shared/lambda/http.ts';
import type { Log } from '../../shared/lambda/logger.ts';
import type { Fragment, PersonRecord } from '../../shared/record/fold.ts';
import type { AccessEntry, Audit } from '../../shared/store/audit.ts';
import type { PersonMoment, RecordStore } from '../../shared/store/record.ts';

/** Who looks, in which request, when. */
export interface Looker {
  readonly caller: Caller;
  readonly requestId: string;
  /** ISO 8601 instant of the request. */
  readonly at: string;
}

/** What is noted of one look. */
export interface Note {
  readonly interaction: 'read' | 'vread' | 'history' | 'everything' | 'search';
  readonly type?: string;
  readonly outcome: 'shown' | 'refused';
  readonly shown?: Readonly<Record<string, number>>;
  readonly withheld?: Readonly<Record<string, number>>;
}

/** One look at one person's record. */
export interface Look {
  /** The person shown; for a person who is not known, the id that was asked for. */
  readonly personId: string;
  /** The record as it was asked for: as it is now, or as of a moment. */
  readonly record: PersonRecord;
  /** What the caller may see of the record as it is now. */
  readonly view: View;
  /** What of `record` the caller may see, retracted fragments included. */
  readonly visible: readonly Fragment[];
  /** Starts to write the look down; resolves to whether it is durable. Never rejects. */
  note(note: Note): Promise<boolean>;
}

/**
 * A state of the record. A sequence number is of one partition: where the person has others by now, they are read as of the instant at which
 * that contribution was recorded.
 */
export type Moment = PersonMoment | { readonly subject: string; readonly sequence: number };

export interface LookDependencies {
  readonly store: RecordStore;
  readonly access: Access;
  readonly audit: Audit;
  readonly log: Log;
  /** A part of an audit entry's key that no other entry has (`newAccessId`): callers repeat their request ids. */
  readonly entryId: () => string;
}

/**
 * Opens a record for somebody.
 * What may be seen is always decided by the record as it is now: a moment in the past shows no more than its fragments that may be seen today,
 * and none of a person who has been unlinked since.
 */
export async function openRecord(
  dependencies: LookDependencies,
  looker: Looker,
  personId: string,
  moment?: Moment,
): Promise<Look> {
  const { store, access } = dependencies;
  const current = await store.person(personId);
  const view = access.view(looker.caller, current, looker.at);
  const then = moment === undefined ? current : await recordAt(store, personId, current, moment);
  const visible = then === current ? view.fragments : visibleThen(then, current, view);
  return {
    personId: current.personId,
    record: then,
    view,
    visible,
    note: (note) => writeNote(dependencies, looker, current.personId, then, note),
  };
}

async function recordAt(store: RecordStore, personId: string, current: PersonRecord, moment: Moment): Promise<PersonRecord> {
  if ('instant' in moment) return store.person(personId, moment);
  if ('sequences' in moment) {
    if (isCurrent(current, moment)) return current;
    // Whoever asks by number asks for what is the person's now: no number opens the record of somebody else.
    const known = current.folds.flatMap(({ subject }) =>
      subject in moment.sequences ? [[subject, moment.sequences[subject]!] as const] : [],
    );
    return known.length === 0 ? { personId, folds: [] } : store.person(personId, { sequences: Object.fromEntries(known) });
  }
  const { subject, sequence } = moment;
  if (current.folds.length === 1) return recordAt(store, personId, current, { sequences: { [subject]: sequence } });
  const { recordedAt } = await store.foldAt(subject, { sequence });
  return recordedAt === undefined ? { personId, folds: [] } : store.person(personId, { instant: recordedAt });
}

const isCurrent = ({ folds }: PersonRecord, { sequences }: { readonly sequences: Readonly<Record<string, number>> }): boolean =>
  folds.every(({ subject, sequence }) => sequences[subject] === sequence);

function visibleThen(then: PersonRecord, current: PersonRecord, view: View): readonly Fragment[] {
  const subjects = new Set(current.folds.map(({ subject }) => subject));
  return then.folds
    .filter(({ subject }) => subjects.has(subject))
    .flatMap(({ fragments }) => [...fragments.values()].filter((fragment) => view.sees(fragment)));
}

async function writeNote(
  { access, audit, entryId, log }: LookDependencies,
  { caller, requestId, at }: Looker,
  person: string,
  record: PersonRecord,
  { interaction, type, outcome, shown = {}, withheld = {} }: Note,
): Promise<boolean> {
  const entry: AccessEntry = {
    id: entryId(),
    at,
    person,
    organisation: caller.organisation,
    client: caller.client,
    role: caller.role,
    purpose: caller.purpose,
    interaction,
    ...(type === undefined ? {} : { type }),
    outcome,
    shown,
    withheld,
    sequences: sequencesOf(record),
    policyVersion: access.policyVersion,
    requestId,
  };
  try {
    await audit.record(entry);
    return true;
  } catch (error) {
    log.error('a look could not be noted, so nothing was shown', { requestId, organisation: caller.organisation, error });
    return false;
  }
}

/** Sequence number of each partition of a record. */
export const sequencesOf = (record: PersonRecord): Readonly<Record<string, number>> =>
  Object.fromEntries(record.folds.map(({ subject, sequence }) => [subject, sequence]));

/** No audit, no data: the answer leaves once the look is durable. */
export const onceNoted = async (noted: Promise<boolean>, answer: HttpAnswer | Refusal): Promise<HttpAnswer | Refusal> =>
  (await noted) ? answer : refuse('unavailable');

/** How many fragments of each class there are, as access notes it. */
export function countByClass(fragments: Iterable<Fragment>): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const fragment of fragments) {
    const key = classKey(fragment);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** The fragment of a record with this id, whether or not it may be seen. */
export const findFragment = (record: PersonRecord, subject: string, fragmentId: string): Fragment | undefined =>
  record.folds.find((fold) => fold.subject === subject)?.fragments.get(fragmentId);
