import type { Directory } from '../../directory/directory.ts';
import type { PersonRecord } from '../../record/fold.ts';
import type { Words } from '../assertions/effects.ts';
import type { PersonStatements } from '../assertions/statements.ts';
import { actsFor, personFactsAt } from '../facts/person.ts';
import type { Registration } from '../facts/registrations.ts';
import { type Related, standingOf, toldOf } from '../facts/related.ts';
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
  readonly statements: PersonStatements;
  readonly registrations: readonly Registration[];
}

/** What somebody is to a person at an instant. */
export interface Position extends Circumstances {
  readonly organisation: string;
  /** Ids of the grants that stand, sorted. */
  readonly grantIds: readonly string[];
}

/**
 * @param grants those of the viewer about the person that may count: only what stands, and was given to just this viewer, does
 * @param words what is known, at the instant, of those who state something about the person
 */
export function positionOf(
  viewer: Viewer,
  standing: Standing,
  { record, related, statements }: RecordFacts,
  grants: readonly Grant[],
  words: Words,
): Position {
  const { atMs } = words;
  const person = personFactsAt(statements, words);
  if (standing.kind === 'people')
    return {
      ...standing,
      ...ownPosition(viewer, record, statements, words),
      person,
      toldByOthers: [],
      grants: [],
      grantIds: [],
    };
  return {
    ...standing,
    relationships: standingOf(related, standing.organisation, atMs),
    toldByOthers: toldOf(related, standing.organisation, atMs),
    grants: [...new Set(grants.map(({ kind }) => kind))].sort(),
    grantIds: grants.map(({ id }) => id).sort(),
    person,
  };
}

/** People look at their own record, whichever of its numbers they are known by; at that of another they act for them, if the record says that they may. */
function ownPosition(
  { person }: Viewer,
  { personId, folds }: PersonRecord,
  statements: PersonStatements,
  words: Words,
): Pick<Circumstances, 'role' | 'relationships'> {
  if (person === undefined) return { role: 'proxy', relationships: [] };
  if (person === personId || folds.some(({ subject }) => subject === person)) return { role: 'person', relationships: ['self'] };
  return { role: 'proxy', relationships: actsFor(statements, person, words) ? ['proxy'] : [] };
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
