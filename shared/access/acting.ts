import type { Role } from './roles.ts';
import type { Viewer } from './viewer.ts';

/** What only some may do, beside looking. */
export type OversightAction = 'break-glass' | 'claim-relationship' | 'review';

const CARE: readonly Role[] = [
  'clinician',
  'gp',
  'paramedic',
  'mental-health-professional',
  'health-visitor',
  'safeguarding-lead',
];

const ROLES_THAT_MAY: Readonly<Record<OversightAction, readonly Role[]>> = {
  'break-glass': CARE,
  'claim-relationship': [...CARE, 'pharmacist', 'social-worker'],
  review: ['privacy-officer'],
};

/** Whether a member of staff may do something in the role in which they act. */
export const mayAct = ({ staff, role }: Viewer, action: OversightAction): boolean =>
  staff !== undefined && ROLES_THAT_MAY[action].includes(role);
