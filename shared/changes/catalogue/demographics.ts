import type { ChangeType } from '../row.ts';

const person = { version: 1, subject: 'person', theme: 'The person', told: ['whoever-may-see'] } as const;

export const DEMOGRAPHIC_ROWS = {
  'died-informally-notified': {
    ...person,
    urgency: 'A',
    meaning: 'The person is said to have died; the registrar has not confirmed it.',
    note: '`Extension-UKCore-DeathNotificationStatus` 1, beside `deceased[x]`.',
    raisedBy: [
      { on: 'person', fact: 'informal-death', when: 'first', unless: 'formal-death', dated: 'deceasedDateTime', freshDays: 90 },
    ],
  },
  died: {
    ...person,
    urgency: 'A',
    meaning: 'The person has died.',
    note: '`deceased[x]`, unless it is marked as informal. A death that was notified informally is told again once it is formal.',
    raisedBy: [{ on: 'person', fact: 'formal-death', when: 'first', dated: 'deceasedDateTime', freshDays: 90 }],
  },
  'death-retracted': {
    ...person,
    told: ['whoever-may-see', 'everyone-told-before'],
    urgency: 'A',
    meaning: 'The person is alive after all: nobody says any more that they died.',
    corrects: ['died', 'died-informally-notified'],
    raisedBy: [{ on: 'person', fact: 'death', when: 'gone' }],
  },
  'address-changed': {
    ...person,
    urgency: 'C',
    meaning: 'The person has an address that the record did not hold.',
    note: 'Known by postcode and number: `12 High St` is `12 High Street`. Temporary, billing and old addresses do not count.',
    raisedBy: [{ on: 'person', fact: 'address', when: 'other' }],
  },
  'gp-changed': {
    ...person,
    told: ['whoever-may-see', 'old-and-new-practice'],
    urgency: 'C',
    meaning: 'The person has registered with another practice, or with none.',
    raisedBy: [
      { on: 'person', fact: 'practice', when: 'moved' },
      { on: 'person', fact: 'practice', when: 'gone' },
    ],
  },
  'nhs-number-changed': {
    ...person,
    urgency: 'A',
    meaning: 'A tracing source says that the person has another NHS number: both numbers lead to one record from now on.',
    note: 'A number that a source corrects is no change of the person: nobody is told, and its records office is asked.',
    raisedBy: [{ on: 'link', kind: 'link', replacesNumber: true }],
  },
  'persons-linked': {
    ...person,
    told: ['whoever-may-see'],
    urgency: 'A',
    meaning: 'Two records were found to be about one person, and are read as one from now on.',
    raisedBy: [{ on: 'link', kind: 'link' }],
  },
  'persons-unlinked': {
    ...person,
    told: ['whoever-may-see', 'everyone-told-before'],
    urgency: 'A',
    meaning: 'Two records that were read as one are about two persons after all.',
    corrects: ['persons-linked'],
    raisedBy: [{ on: 'link', kind: 'unlink' }],
  },
  'restricted-flag-set': {
    ...person,
    told: ['whoever-may-see'],
    urgency: 'A',
    meaning: 'The person is restricted: nobody is to learn where they are.',
    note: '`meta.security` R or V of a Patient, as the Personal Demographics Service has it.',
    raisedBy: [{ on: 'person', fact: 'restricted', when: 'first' }],
  },
  'restricted-flag-lifted': {
    ...person,
    urgency: 'C',
    meaning: 'The person is restricted no longer.',
    corrects: ['restricted-flag-set'],
    raisedBy: [{ on: 'person', fact: 'restricted', when: 'gone' }],
  },
  'opt-out-changed': {
    ...person,
    told: ['whoever-may-see', 'everyone-told-before'],
    urgency: 'A',
    meaning: 'The person has opted out of the shared record, or in again.',
    raisedBy: [
      { on: 'person', fact: 'opt-out', when: 'first' },
      { on: 'person', fact: 'opt-out', when: 'gone' },
    ],
  },
} as const satisfies Readonly<Record<string, ChangeType>>;
