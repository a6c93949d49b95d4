import type { Directory } from '../../directory/directory.ts';
import type { PersonRecord } from '../../record/fold.ts';
import { actsFor, type PersonTimes, personFactsAt } from '../facts/person.ts';
import { type Related, standingOf } from '../facts/related.ts';
import type { Grant } from '../grants.ts';
import { isRole } from '../roles.ts';
import { PEOPLE, type Viewer } from '../viewer.ts';
import type { Circumstances, ViewerFacts } from './requests.ts';

/** A viewer as they stand: for whom they look, as the organisation stands today. */
export interface Standing extends ViewerFacts {
  readonly organisation: string;
}

/**
 * Who looks, in the words of the policies.
 * @returns `undefined` for a role that nobody knows and for an organisation that takes no part any more: nothing is asked for them, they see nothing
 */
export function standingViewer({ role, purpose, organisation }: Viewer, directory: Directory, at?: string): Standing | undefined {
  if (!isRole(role)) return undefined;
  if (organisation === PEOPLE)
    return role === 'person' || role === 'proxy' ? { role, purpose, kind: 'people', organisation } : undefined;
  const current = at === undefined ? directory.byId(organisation) : directory.standing(organisation, at);
  return current && { role, purpose, kind: current.kind, organisation: current.id };
}

/** What is known of a record by those who decide about it. */
export interface RecordFacts {
  readonly record: PersonRecord;
  readonly related: Related;
  readonly times: PersonTimes;
}

/** What somebody is to a person at an instant. */
export interface Position extends Circumstances {
  readonly organisation: string;
  /** Ids of the grants that stand, sorted. */
  readonly grantIds: readonly string[];
}

/**
 * @param grants those of the viewer about the person that may count: only what stands, and was given to just this viewer, does
 * @param current follows an organisation into whoever has taken over from it
 */
export function positionOf(
  viewer: Viewer,
  standing: Standing,
  { record, related, times }: RecordFacts,
  grants: readonly Grant[],
  atMs: number,
  current: (organisation: string) => string | undefined,
): Position {
  const person = personFactsAt(times, atMs);
  if (standing.kind === 'people')
    return {
      ...standing,
      ...ownPosition(viewer, record, times, atMs, caring(related, current, atMs)),
      person,
      grants: [],
      grantIds: [],
    };
  return {
    ...standing,
    relationships: standingOf(related, standing.organisation, atMs),
    grants: [...new Set(grants.map(({ kind }) => kind))].sort(),
    grantIds: grants.map(({ id }) => id).sort(),
    person,
  };
}

/** Whether an organisation has a relationship with the person at an instant; to have contributed is none. */
const caring =
  (related: Related, current: (organisation: string) => string | undefined, atMs: number) =>
  (organisation: string): boolean =>
    standingOf(related, current(organisation) ?? '', atMs).some((relationship) => relationship !== 'contributor');

/** People look at their own record, whichever of its numbers they are known by; at that of another they act for them, if the record says that they may. */
function ownPosition(
  { person }: Viewer,
  { personId, folds }: PersonRecord,
  times: PersonTimes,
  atMs: number,
  caresFor: (organisation: string) => boolean,
): Pick<Circumstances, 'role' | 'relationships'> {
  if (person === undefined) return { role: 'proxy', relationships: [] };
  if (person === personId || folds.some(({ subject }) => subject === person)) return { role: 'person', relationships: ['self'] };
  return { role: 'proxy', relationships: actsFor(times, person, atMs, caresFor) ? ['proxy'] : [] };
}

/** The grants that a viewer has on a record at an instant: just this member of staff, in this role, for this organisation (mergers followed). */
export function grantsStanding(
  grants: readonly Grant[],
  viewer: Viewer,
  standing: Standing,
  { folds }: PersonRecord,
  directory: Directory,
  at: string,
): readonly Grant[] {
  if (grants.length === 0 || viewer.staff === undefined) return [];
  const atMs = Date.parse(at);
  return grants.filter(
    (grant) =>
      grant.staff === viewer.staff &&
      grant.role === standing.role &&
      directory.current(grant.organisation, at)?.id === standing.organisation &&
      folds.some(({ subject }) => subject === grant.person) &&
      Date.parse(grant.from) <= atMs &&
      atMs < Date.parse(grant.until),
  );
}
