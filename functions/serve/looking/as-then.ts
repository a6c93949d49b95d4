import type { Access, View } from '../../../shared/access/access.ts';
import type { Budget } from '../../../shared/concurrency/work.ts';
import { refuse, statusOf } from '../../../shared/fhir/outcomes.ts';
import type { Contribution } from '../../../shared/record/contribution.ts';
import type { Fragment, PersonRecord } from '../../../shared/record/fold.ts';
import { isPersonId, type Subject } from '../../../shared/record/identity.ts';
import type { Sight } from '../../../shared/record/seen-versions.ts';
import type { AccessEntry } from '../../../shared/store/audit.ts';
import type { AuditReads, AuditSpan } from '../../../shared/store/audit-reads.ts';
import type { PersonMoment, RecordStore } from '../../../shared/store/record.ts';
import type { ServeDependencies } from '../context.ts';
import type { AskedThen } from './sealed-request.ts';

/**
 * What the doors worked with at a look: the record and the directories as they stood, what was decided then and not what would be decided now, the clock. A door that is
 * asked the same with these answers the same.
 */
export const asThen = (
  dependencies: ServeDependencies,
  entry: AccessEntry,
  { saidWithheld, stale }: Pick<AskedThen, 'saidWithheld' | 'stale'>,
): ServeDependencies => ({
  ...dependencies,
  store: storeThen(dependencies.store, entry),
  access: accessThen(dependencies.access, entry, saidWithheld),
  // What they opened is in the decisions.
  grants: async () => [],
  auditReads: readsThen(dependencies.auditReads, entry.at),
  freshness: { sources: async () => stale },
  searchBudget: budgetThen(entry),
  now: () => new Date(entry.at),
});

/** A search that was refused for its cost is refused again, and one that was answered is answered, on any machine. */
const budgetThen = ({ outcome, status }: AccessEntry): Budget =>
  outcome === 'refused' && status === statusOf(refuse('too-costly'))
    ? { visits: 0, cpuMs: 0 }
    : { visits: Number.POSITIVE_INFINITY, cpuMs: Number.POSITIVE_INFINITY };

/** Looks before this one: later ones it could not tell of. */
const readsThen = (reads: AuditReads, at: string): AuditReads => {
  const earlier = ({ until = at, ...span }: AuditSpan): AuditSpan => ({ ...span, until: until < at ? until : at });
  return {
    read: reads.read,
    byPerson: (person, span) => reads.byPerson(person, earlier(span)),
    byStaff: (staff, span) => reads.byStaff(staff, earlier(span)),
    byOrganisation: (organisation, span) => reads.byOrganisation(organisation, earlier(span)),
  };
};

/** The same log, read no further than it was. */
function storeThen(store: RecordStore, { person, sequences }: AccessEntry): RecordStore {
  const noted = (subject: Subject): number => (Object.hasOwn(sequences, subject) ? sequences[subject]! : 0);
  const foldThen = (subject: Subject) => store.foldAt(subject, { sequence: noted(subject) });
  const seen = Object.fromEntries(Object.entries(sequences).filter(([subject]) => isPersonId(subject)));
  const knownThen = (subject: Subject, versions: readonly Fragment[]) =>
    versions.filter(({ sequence }) => !isPersonId(subject) || sequence <= noted(subject));
  return {
    ...store,
    fold: foldThen,
    foldAt: (subject, moment, sight) => {
      if ('sequence' in moment) return store.foldAt(subject, { sequence: Math.min(moment.sequence, noted(subject)) }, sight);
      return noLater(store, subject, moment.instant, noted(subject), sight);
    },
    person: (personId, moment: PersonMoment = { sequences: seen }, sight) => personThen(store, personId, moment, seen, sight),
    contributions: (subject, after) => until(store.contributions(subject, after), noted(subject)),
    versions: async (subject, fragmentId) => knownThen(subject, await store.versions(subject, fragmentId)),
    versionsOfAll: async (subject, ids) => knownThen(subject, await store.versionsOfAll(subject, ids)),
    // Another name of a person may stand for somebody else by now.
    alias: async () => person,
  };
}

/** The record at an instant, and nothing that came after the look, though its instant may be the same. */
async function noLater(store: RecordStore, subject: Subject, instant: string, sequence: number, sight?: Sight) {
  const fold = await store.foldAt(subject, { instant }, sight);
  return fold.sequence > sequence ? store.foldAt(subject, { sequence }, sight) : fold;
}

async function* until(contributions: AsyncIterable<Contribution>, sequence: number): AsyncGenerator<Contribution> {
  for await (const contribution of contributions) {
    if (contribution.sequence > sequence) return;
    yield contribution;
  }
}

async function personThen(
  store: RecordStore,
  personId: string,
  moment: PersonMoment,
  seen: Readonly<Record<Subject, number>>,
  sight: Sight | undefined,
): Promise<PersonRecord> {
  if ('sequences' in moment) return store.person(personId, moment, sight);
  const record = await store.person(personId, moment, sight);
  const folds = await Promise.all(
    record.folds.map((fold) =>
      fold.sequence > (seen[fold.subject] ?? 0) && Object.hasOwn(seen, fold.subject)
        ? store.foldAt(fold.subject, { sequence: seen[fold.subject]! }, sight)
        : fold,
    ),
  );
  return { ...record, folds };
}

/** A number that was not taken then is not taken now. */
const recalled = ({ outcome }: AccessEntry, view: View): View => ({ ...view, seesEverything: () => outcome === 'shown' });

const accessThen = (access: Access, entry: AccessEntry, saidWithheld: boolean): Access => ({
  ...access,
  policyVersion: entry.policyVersion,
  view: (viewer, record) => recalled(entry, access.recallView(viewer, record, entry.decisions ?? {}, entry.at, saidWithheld)),
  viewInSteps: function* (viewer, record) {
    return recalled(entry, yield* access.recallInSteps(viewer, record, entry.decisions ?? {}, entry.at, saidWithheld));
  },
  // Directories that were not consulted were not to be looked up, or nothing referred to them.
  mayLookUp: (_viewer, source) => Object.hasOwn(entry.sequences, source),
});
