import type { Purpose } from './viewer.ts';

/** What is said of a role. */
export interface RoleDescription {
  /** In plain English, as audit and catalogue say it. */
  readonly title: string;
  /** Why somebody in this role may look: the first where a request does not say. */
  readonly purposes: readonly [Purpose, ...Purpose[]];
}

const roles = <Name extends string>(rows: Readonly<Record<Name, RoleDescription>>) => rows;

/** The roles that access is decided by. Providers' own roles and groups are mapped to these in the settings. */
export const ROLES = roles({
  clinician: { title: 'clinician', purposes: ['direct-care', 'safeguarding'] },
  gp: { title: 'GP', purposes: ['direct-care', 'safeguarding'] },
  pharmacist: { title: 'pharmacist', purposes: ['direct-care'] },
  paramedic: { title: 'paramedic', purposes: ['direct-care', 'safeguarding'] },
  'mental-health-professional': { title: 'mental health professional', purposes: ['direct-care', 'safeguarding'] },
  'social-worker': { title: 'social worker', purposes: ['direct-care', 'safeguarding'] },
  'health-visitor': { title: 'health visitor', purposes: ['direct-care', 'safeguarding'] },
  'safeguarding-lead': { title: 'safeguarding lead', purposes: ['safeguarding'] },
  clerical: { title: 'administrator', purposes: ['direct-care'] },
  'privacy-officer': { title: 'privacy officer', purposes: ['investigation'] },
  'safety-investigator': { title: 'patient safety investigator', purposes: ['investigation'] },
  'records-officer': { title: 'records officer', purposes: ['patient-administration'] },
  person: { title: 'the person', purposes: ['own-access'] },
  proxy: { title: 'somebody who acts for the person', purposes: ['own-access'] },
  system: { title: 'partner system', purposes: ['system'] },
});

export type Role = keyof typeof ROLES;

/** Roles of people who sign in for an organisation: what a provider's own roles can be mapped to. */
export const STAFF_ROLES = (Object.keys(ROLES) as Role[]).filter((role) => !['person', 'proxy', 'system'].includes(role));

/** Whether a text names a role. */
export const isRole = (text: string): text is Role => Object.hasOwn(ROLES, text);
