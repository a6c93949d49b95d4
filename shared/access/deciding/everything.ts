import { SECTIONS } from '../../fhir/sections.ts';
import { MARKINGS } from '../facts/sensitive-sets.ts';
import type { Decider } from './decider.ts';
import type { Circumstances } from './requests.ts';

/** What bears every marking that there is. */
const MOST_SENSITIVE = [...MARKINGS, 'sealed'].sort();

/**
 * Whether somebody sees whatever a record may hold. Decided by the policies alone, of what nobody need have contributed: a
 * decision on what this record holds would tell whether something in it is withheld.
 */
export function seesWhatever(position: Circumstances, decider: Decider): boolean {
  const ask = decider.inCircumstances(position);
  return Object.keys(SECTIONS).every((section) => ask('see', { section, markings: MOST_SENSITIVE, isOwn: false }).allowed);
}
