import type { AccessEntry } from '../../../shared/store/audit.ts';
import type { ServeDependencies, ServeRequest } from '../context.ts';

/**
 * Whether somebody may read of a look, or see again what was shown in it: the policies are told for whom and by whom was looked, and at whom.
 * @param persons every id that the person has who was looked at
 */
export const mayOversee = (
  { access, lead }: ServeDependencies,
  { caller, at }: ServeRequest,
  action: 'read-audit' | 'replay',
  { organisation, staff, person }: AccessEntry,
  persons: readonly string[] = [person],
): boolean => access.may(caller, action, { at, organisation, ...(staff === undefined ? {} : { staff }), persons, lead });
