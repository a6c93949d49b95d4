import { DEMOGRAPHIC_ROWS } from './catalogue/demographics.ts';
import { MEDICINE_ROWS } from './catalogue/medicines.ts';
import { PARTNER_ROWS } from './catalogue/partners.ts';
import { PLAN_ROWS } from './catalogue/plans.ts';
import { RECORD_ROWS } from './catalogue/record.ts';
import { RESULT_ROWS } from './catalogue/results.ts';
import { RISK_ROWS } from './catalogue/risks.ts';
import { SERVICE_ROWS } from './catalogue/services.ts';
import { STAYS } from './catalogue/stays.ts';
import type { ChangeType } from './row.ts';

export type { ChangeType, Urgency } from './row.ts';

const ROWS = {
  ...STAYS,
  ...DEMOGRAPHIC_ROWS,
  ...MEDICINE_ROWS,
  ...RESULT_ROWS,
  ...PLAN_ROWS,
  ...RISK_ROWS,
  ...SERVICE_ROWS,
  ...RECORD_ROWS,
  ...PARTNER_ROWS,
};

/** The name of a change, as subscriptions choose by it. */
export type ChangeName = keyof typeof ROWS;

/** A row whose corrections are names of rows. */
export interface Row extends ChangeType {
  readonly corrects?: readonly ChangeName[];
}

/**
 * The event catalogue: every change that an organisation can hear of, but for those of access (`access-events.ts`). Code interprets it, tests walk it row by
 * row, and `docs/events.md` is printed from it. A `late` version raises nothing: it tells nothing that is current.
 */
export const CATALOGUE: Readonly<Record<ChangeName, Row>> = ROWS;

export const CHANGE_NAMES = Object.keys(CATALOGUE) as ChangeName[];
