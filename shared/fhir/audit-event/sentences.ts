import type { Relationship } from '../../access/relationships.ts';
import type { Purpose } from '../../access/viewer.ts';

/*
 * How a look is told in plain words. In the sentences stand
 *   {whose}  your, the person’s, their own
 *   {person} you, the person
 *   {were} {are} {have}  were, was; are, is; have, has
 *   {reason} what a member of staff gave as their reason
 */

/** What somebody did, or tried to do. */
export interface Deed {
  readonly did: string;
  readonly tried: string;
  /** Whether something of the record was shown by it. */
  readonly shows: boolean;
}

/** By interaction, as an access notes it. */
export const DEEDS: Readonly<Record<string, Deed>> = {
  read: { did: 'looked at one part of {whose} record', tried: 'tried to look at {whose} record', shows: true },
  vread: {
    did: 'looked at an earlier version of one part of {whose} record',
    tried: 'tried to look at an earlier version of a part of {whose} record',
    shows: true,
  },
  history: {
    did: 'looked at how one part of {whose} record has changed',
    tried: 'tried to look at how {whose} record has changed',
    shows: true,
  },
  everything: { did: 'opened {whose} whole record', tried: 'tried to open {whose} whole record', shows: true },
  search: { did: 'searched in {whose} record', tried: 'tried to search in {whose} record', shows: true },
  audit: {
    did: 'looked at who has opened {whose} record',
    tried: 'tried to look at who has opened {whose} record',
    shows: false,
  },
  replay: {
    did: 'looked again at what somebody had been shown of {whose} record',
    tried: 'tried to look again at what somebody had been shown of {whose} record',
    shows: false,
  },
  'break-glass': {
    did: 'broke the glass to open {whose} record',
    tried: 'tried to break the glass to {whose} record',
    shows: false,
  },
  'claim-relationship': {
    did: 'said that they have to do with {whose} care, so that they could open {whose} record',
    tried: 'tried to say that they have to do with {whose} care',
    shows: false,
  },
  review: {
    did: 'answered a question about {whose} record',
    tried: 'tried to answer a question about {whose} record',
    shows: false,
  },
  watch: {
    did: 'changed whether looks at {whose} record are watched more closely',
    tried: 'tried to change whether looks at {whose} record are watched more closely',
    shows: false,
  },
  'know-as-staff': {
    did: 'noted that {person} {are} a member of staff, so that looks by colleagues are noticed',
    tried: 'tried to note that {person} {are} a member of staff',
    shows: false,
  },
  'review-queue': {
    did: 'read a question about {whose} record',
    tried: 'tried to read a question about {whose} record',
    shows: false,
  },
  inspect: {
    did: 'looked into {whose} record to mend the service',
    tried: 'tried to look into {whose} record to mend the service',
    shows: true,
  },
};

/** For an interaction that has no sentence of its own. */
export const OTHER_DEED: Deed = { did: 'used {whose} record', tried: 'tried to use {whose} record', shows: true };

/** What for. Nothing is said where the deed says it. */
export const PURPOSES: Readonly<Record<Purpose, string>> = {
  'direct-care': 'for {whose} care',
  safeguarding: 'to keep {person} or somebody else safe',
  investigation: 'to check that records are used rightly',
  'patient-administration': 'to keep records of the right people',
  'own-access': '',
  system: 'for {whose} care',
};

/** Why they could. `proxy` and `self` are those of people who look for themselves. */
export const REASONS: Readonly<Record<Relationship | 'proxy', string>> = {
  contributor: 'that organisation has added to {whose} record',
  'registered-practice': 'it is {whose} GP practice, or was until a few weeks before',
  'established-practice': 'it is {whose} GP practice, or was until a few weeks before',
  'confirmed-practice': 'it is {whose} GP practice, or was until a few weeks before',
  encounter: '{person} {were} admitted, seen or visited there',
  stay: '{person} {were} there in an emergency or as an inpatient',
  'emergency-call': 'an ambulance came to {person} or was called',
  caseload: 'that organisation looks after {person}',
  referral: '{person} {were} referred to them or by them',
  appointment: '{person} {have} an appointment there, or had one',
  proxy: 'they act for {person}',
};

/** Why they could, where it was on their own word. Without a reason where the grant is not known any more. */
export const GRANT_REASONS = {
  'break-glass': 'they broke the glass ({reason})',
  claimed: 'they said that they have to do with {whose} care ({reason})',
  unknown: 'they opened it on their own word',
} as const;
