import type { ChangeName } from '../../../../shared/changes/catalogue.ts';
import type { OrganisationChangeName } from '../../../../shared/changes/organisation-events.ts';
import { PERSON_CASES } from './person.ts';
import type { Case } from './story.ts';
import { SUPPORT_CASES } from './support.ts';
import { TREATMENT_CASES } from './treatment.ts';

/** What raises each row of the catalogue, and what nearly does. */
export const CASES: Readonly<Record<Exclude<ChangeName, OrganisationChangeName>, Case>> = {
  ...TREATMENT_CASES,
  ...SUPPORT_CASES,
  ...PERSON_CASES,
};
