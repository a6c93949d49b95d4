import type { Role } from '../../../shared/access/roles.ts';
import { storyNumber } from '../stories/story.ts';

interface AnyUser {
  readonly name: string;
  readonly provider: string;
  readonly username: string;
  /** As the demo file says it. */
  readonly role: Role;
}

/** Somebody whose provider says by groups what they may do (Entra ID, NHSmail). */
export interface GroupMember extends AnyUser {
  readonly kind: 'groups';
  readonly organisation: string;
  readonly groups: readonly string[];
}

/** Somebody with a smartcard, and with a role at each of these organisations. */
export interface SmartcardHolder extends AnyUser {
  readonly kind: 'cis2';
  readonly organisation: string;
  readonly roles: readonly { readonly organisation: string; readonly code: string; readonly title: string }[];
}

/** A member of the public. */
export interface Citizen extends AnyUser {
  readonly kind: 'nhs-login';
  readonly nhsNumber: string;
  /** How well NHS login knows who they are. */
  readonly level: 'P9' | 'P5';
}

export type DemoUser = GroupMember | SmartcardHolder | Citizen;

const member = (name: string, provider: string, organisation: string, group: string, role: Role): GroupMember => ({
  kind: 'groups',
  ...{ name, provider, organisation, role },
  username: `${name.toLowerCase().replaceAll(/[^a-z]+/g, '.')}@${organisation}.example`,
  groups: [`${organisation}-${group}`],
});

const holder = (name: string, username: string, role: Role, roles: SmartcardHolder['roles']): SmartcardHolder => ({
  kind: 'cis2',
  provider: 'cis2',
  organisation: roles[0]!.organisation,
  ...{ name, username, role, roles },
});

const citizen = (name: string, nhsNumber: string, level: Citizen['level'], role: Role = 'person'): Citizen => ({
  kind: 'nhs-login',
  provider: 'nhs-login',
  username: `${name.toLowerCase().replaceAll(/[^a-z]+/g, '.')}@mail.example`,
  ...{ name, nhsNumber, level, role },
});

const GP = { code: 'S8000:G8000:R0260', title: 'General Medical Practitioner' };

/** Who signs in to the demo. Like its people, none of them exists. */
export const DEMO_USERS: readonly DemoUser[] = [
  member('Grace Okafor', 'hampshire', 'hhft', 'nurses', 'clinician'),
  member('Owen Bright', 'dorset', 'dorset-council', 'social-workers', 'social-worker'),
  holder('Tom Hallett', 'tom.hallett', 'paramedic', [{ organisation: 'swasft', code: 'S8000:G8000:R1070', title: 'Paramedic' }]),
  holder('Dr Meera Nair', 'meera.nair', 'gp', [
    { organisation: 'ammonite', ...GP },
    { organisation: 'old-sluice', ...GP },
  ]),
  member('Ines Duarte', 'dorset', 'uhd', 'pharmacists', 'pharmacist'),
  member('Callum Reid', 'dorset', 'dhc', 'mental-health', 'mental-health-professional'),
  member('Joy Adeyemi', 'dorset', 'dhc', 'health-visitors', 'health-visitor'),
  member('Ruth Sandford', 'dorset', 'dorset-council', 'safeguarding-leads', 'safeguarding-lead'),
  member('Kit Marlow', 'dorset', 'uhd', 'reception', 'clerical'),
  member('Alan Pryce', 'dorset', 'uhd', 'doctors', 'clinician'),
  member('Helen Voss', 'dorset', 'uhd', 'privacy-office', 'privacy-officer'),
  member('Samir Aziz', 'dorset', 'dorset-icb', 'privacy-office', 'privacy-officer'),
  member('Mina Castell', 'dorset', 'uhd', 'records-office', 'records-officer'),
  member('Piers Lulworth', 'dorset', 'ammonite', 'records-office', 'records-officer'),
  member('Tess Corfe', 'dorset', 'dorset-icb', 'records-office', 'records-officer'),
  member('Bea Whitcombe', 'dorset', 'dorset-icb', 'patient-safety', 'safety-investigator'),
  member('Leah Frost', 'wiltshire', 'salisbury', 'nurses', 'clinician'),
  member('Ned Yeo', 'somerset', 'somerset', 'doctors', 'clinician'),
  member('Jory Tremlett', 'devon', 'royal-devon', 'nurses', 'clinician'),
  citizen('Nia Tarrant', storyNumber(6), 'P9'),
  citizen('Jago Tarrant', storyNumber(25), 'P5'),
  citizen('Hannah Melbury', storyNumber(26), 'P9', 'proxy'),
];
