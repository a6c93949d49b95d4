import type { Partnership } from '../shared/access/access.ts';
import type { Directory } from '../shared/directory/directory.ts';
import { createSources, SOURCE_DEFAULTS } from '../shared/directory/sources.ts';

/** Organisations as they take part in tests: the source `pds` of an organisation `pds` traces NHS numbers. */
export const partnershipOf = (directory: Directory): Partnership => ({
  directory,
  sources: createSources([{ ...SOURCE_DEFAULTS, organisation: 'pds', name: 'pds', tracesNhsNumbers: true }]),
  uncontestedDays: 14,
});
