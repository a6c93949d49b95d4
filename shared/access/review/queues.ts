import type { Directory } from '../../directory/directory.ts';

/**
 * Whose review tasks somebody of an organisation may see: those of the organisation and of the ones that merged into it; all, for the organisation that leads oversight.
 * @returns internal ids, sorted
 */
export function queuesOf(organisation: string, lead: string, directory: Directory, at: string): readonly string[] {
  const current = (id: string) => directory.current(id, at)?.id ?? id;
  const all = directory.organisations.map(({ id }) => id).sort();
  return current(lead) === current(organisation) ? all : all.filter((id) => current(id) === current(organisation));
}
