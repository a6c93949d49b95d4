import type { Role } from './roles.ts';

/** Why somebody looks. */
export type Purpose = 'direct-care' | 'safeguarding' | 'investigation' | 'patient-administration' | 'own-access' | 'system';

/** In place of an organisation's id for people who look for themselves: no organisation can have it. */
export const PEOPLE = 'people';

/** Who looks: a partner's system, a member of staff, or a person. Taken from the claims of a token that has been checked. */
export interface Viewer {
  /** Internal id of the organisation that is looked for; `PEOPLE` for a person. */
  readonly organisation: string;
  /** The app client. */
  readonly client: string;
  readonly role: Role;
  readonly purpose: Purpose;
  /** A member of staff, as `<provider>|<the provider's id of them>`. Absent for systems and people. */
  readonly staff?: string;
  /** What the provider calls them: for the audit, and for no log. */
  readonly name?: string;
  /** The identity provider that vouched for them, by its id in the settings. */
  readonly provider?: string;
  /** How sure the provider is of who they are. */
  readonly assurance?: Assurance;
  /** The person who is signed in, where it is a person. */
  readonly person?: string;
}

/** A partner's system, as it asks for itself. */
export const systemViewer = (organisation: string, client: string = organisation): Viewer => ({
  organisation,
  client,
  role: 'system',
  purpose: 'system',
});

/** GPG 45 and GPG 44 in two words: `high` is a verified identity with a strong second factor; NHS login P9, CIS2 level 3. */
export type Assurance = 'high' | 'substantial';
