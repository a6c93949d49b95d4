import { sealAccessId } from '../../../shared/access/access-id.ts';
import { isLegallyRestricted } from '../../../shared/access/facts/classes.ts';
import type { Viewer } from '../../../shared/access/viewer.ts';
import { fhirAuditEvent } from '../../../shared/fhir/audit-event/event.ts';
import type { Audience } from '../../../shared/fhir/audit-event/plain-words.ts';
import { isPersonId } from '../../../shared/record/identity.ts';
import type { AccessEntry } from '../../../shared/store/audit.ts';
import type { ServeDependencies, ServeRequest } from '../context.ts';
import { mayOversee } from './overseeing.ts';

/** Tells of looks to somebody: JSON texts of AuditEvents, in the order of the entries. */
export async function tellOf(
  dependencies: ServeDependencies,
  request: ServeRequest,
  entries: readonly AccessEntry[],
): Promise<readonly ToldLook[]> {
  const toPerson = await audienceOfPerson(dependencies, request);
  const restricted = toPerson === undefined ? await restrictedAmong(dependencies, request, entries) : NOBODY;
  return Promise.all(
    entries.map((entry) => tell(dependencies, request, entry, { toPerson, isRestricted: restricted.has(entry.person) })),
  );
}

const NOBODY: ReadonlySet<string> = new Set();

/** The persons looked at of whom nobody is to learn where they are. */
async function restrictedAmong(
  { store, access }: ServeDependencies,
  { at }: ServeRequest,
  entries: readonly AccessEntry[],
): Promise<ReadonlySet<string>> {
  const persons = [...new Set(entries.map(({ person }) => person))].filter(isPersonId);
  const records = await Promise.all(persons.map((person) => store.person(person)));
  return new Set(persons.filter((_, index) => access.isRestricted(records[index]!, at)));
}

/** Who contributed what tells where a person is: of one who is restricted it is left out. */
const withoutSources = (entry: AccessEntry): AccessEntry => ({
  ...entry,
  shown: bySection(entry.shown),
  withheld: bySection(entry.withheld),
});

/** Counts by class as counts by class without its source. */
function bySection(counts: AccessEntry['shown']): AccessEntry['shown'] {
  const found: Record<string, number> = {};
  for (const [key, count] of Object.entries(counts)) {
    const [section, , ...markings] = key.split(' ');
    const name = [section, ...markings].join(' ');
    found[name] = (found[name] ?? 0) + count;
  }
  return found;
}

/** A look as it is told. */
export interface ToldLook {
  readonly entry: AccessEntry;
  /** The AuditEvent's id. */
  readonly id: string;
  readonly body: string;
}

async function tell(
  dependencies: ServeDependencies,
  request: ServeRequest,
  entry: AccessEntry,
  { toPerson, isRestricted }: { readonly toPerson: Audience | undefined; readonly isRestricted: boolean },
): Promise<ToldLook> {
  const { auditKey, directory } = dependencies;
  const id = sealAccessId(auditKey, entry) ?? '';
  const seesAll = mayOversee(dependencies, request, 'replay', entry);
  const telling = {
    id,
    fhirUrl: request.fhirUrl,
    audience: toPerson ?? { kind: 'officer' as const },
    organisationName: directory.nameAt(entry.organisation, entry.at),
    grants: await grantsOf(dependencies, entry),
  };
  // Whoever reads of a look and may not see it again learns nothing of what was there beside what was shown.
  const toStaff = () => (seesAll ? toOverseer(entry) : { ...entry, withheld: {} });
  const told = toPerson === undefined ? toStaff() : entry;
  return { entry, id, body: JSON.stringify(fhirAuditEvent(isRestricted ? withoutSources(told) : told, telling)) };
}

/**
 * Who oversees looks is told how much was withheld in which section, and not what made it sensitive: to learn that something is there is to learn it. Of what is legally
 * restricted nothing is told.
 */
function toOverseer(entry: AccessEntry): AccessEntry {
  const known = (counts: AccessEntry['shown']) => Object.entries(counts).filter(([key]) => !isLegallyRestricted(key));
  const plainly = known(entry.withheld).map(([key, count]) => [key.split(' ').slice(0, 2).join(' '), count] as const);
  const withheld: Record<string, number> = {};
  for (const [name, count] of plainly) withheld[name] = (withheld[name] ?? 0) + count;
  return { ...entry, shown: Object.fromEntries(known(entry.shown)), withheld };
}

/** What the person knows of: what is kept from them in their own record is not named to them because others saw it. */
async function audienceOfPerson(
  { store, access }: ServeDependencies,
  { caller, at, work }: ServeRequest,
): Promise<Audience | undefined> {
  if (caller.person === undefined) return undefined;
  const record = await store.person(caller.person);
  const { decisions } = await work.run(access.viewInSteps(caller, record, at));
  const knowsOf = (classKey: string) => (decisions[classKey] ?? 'withheld') !== 'withheld';
  const namesLookers = !access.isRestricted(record, at);
  return { kind: 'person', knowsOf, namesStaff: namesLookers, namesOrganisations: namesLookers };
}

/** Most looks need none: those that do are asked for as they stood. */
async function grantsOf({ grants }: ServeDependencies, entry: AccessEntry) {
  if (entry.staff === undefined || (entry.grants ?? []).length === 0) return [];
  return grants([entry.person], entry as unknown as Viewer, entry.at);
}
