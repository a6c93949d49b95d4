import { sealAccessId } from '../../../shared/access/access-id.ts';
import type { Viewer } from '../../../shared/access/viewer.ts';
import { fhirAuditEvent } from '../../../shared/fhir/audit-event/event.ts';
import type { Audience } from '../../../shared/fhir/audit-event/plain-words.ts';
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
  return Promise.all(entries.map((entry) => tell(dependencies, request, entry, toPerson)));
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
  toPerson: Audience | undefined,
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
  const told = toPerson !== undefined || seesAll ? entry : { ...entry, withheld: {}, sequences: {}, asOf: undefined };
  return { entry, id, body: JSON.stringify(fhirAuditEvent(told, telling)) };
}

/** What the person knows of: what is kept from them in their own record is not named to them because others saw it. */
async function audienceOfPerson(
  { store, access }: ServeDependencies,
  { caller, at }: ServeRequest,
): Promise<Audience | undefined> {
  if (caller.person === undefined) return undefined;
  const { decisions } = access.view(caller, await store.person(caller.person), at);
  const knowsOf = (classKey: string) => (decisions[classKey] ?? 'withheld') !== 'withheld';
  return { kind: 'person', knowsOf, namesStaff: true };
}

/** Most looks need none: those that do are asked for as they stood. */
async function grantsOf({ grants }: ServeDependencies, entry: AccessEntry) {
  if (entry.staff === undefined || (entry.grants ?? []).length === 0) return [];
  return grants([entry.person], entry as unknown as Viewer, entry.at);
}
