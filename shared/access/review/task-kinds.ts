/** What an office of an organisation answers for. */
export interface OfficeDescription {
  /** In plain English. */
  readonly title: string;
  /** The action that the policies are asked about, for somebody to read its queue and to answer. */
  readonly action: 'review' | 'resolve';
}

/** Who tasks are put before: each organisation has one of each. */
export const OFFICES = {
  /** What staff did with records. */
  privacy: { title: 'privacy office', action: 'review' },
  /** Whose record it is, and whose statement about a person counts. */
  records: { title: 'records office', action: 'resolve' },
} as const satisfies Record<string, OfficeDescription>;

export type Office = keyof typeof OFFICES;

export const OFFICE_NAMES = Object.keys(OFFICES) as Office[];

/** A kind of task. */
export interface TaskKindDescription {
  readonly office: Office;
  /** What has happened, in plain English, as the office reads it. */
  readonly title: string;
  /** What the office can answer, with what follows. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** Hours until an unanswered task is a finding. */
  readonly dueHours?: number;
}

const REVIEWED = { justified: 'there was a good reason', concern: 'there was none, or it is not clear' };

const ASK_THE_SOURCE = 'the system that sent it is asked, and sends it again as it should be';

const DAY = 24;

/** Every kind of task there is. */
export const TASK_KINDS = {
  'break-glass': { office: 'privacy', title: 'Somebody broke the glass', outcomes: REVIEWED },
  claim: { office: 'privacy', title: 'Somebody claimed a relationship', outcomes: REVIEWED },
  finding: {
    office: 'privacy',
    title: 'The review of the audit found something',
    outcomes: { ...REVIEWED, 'false-positive': 'the rule was wrong: it does not find the same again for a year' },
  },
  'possible-duplicate': {
    office: 'records',
    title: 'Two records may be of one person',
    outcomes: {
      'same-person': 'they are one person: nothing is joined until the source of the Patient says so itself',
      'not-the-same': 'they are two persons: this is not asked again',
      'ask-the-source': ASK_THE_SOURCE,
    },
    dueHours: 3 * DAY,
  },
  'number-corrected': {
    office: 'records',
    title: 'A patient has another NHS number: what was sent under the old one is about somebody else',
    outcomes: {
      corrected: 'each fragment listed was retracted, or sent again about the right person',
      'ask-the-source': ASK_THE_SOURCE,
    },
    dueHours: DAY,
  },
  'link-without-effect': {
    office: 'records',
    title: 'Another organisation says that its patient replaces yours',
    outcomes: {
      'same-person': 'they are one person: nothing is joined until your own Patient says so',
      'not-the-same': 'they are two persons: this is not asked again',
      'ask-the-source': ASK_THE_SOURCE,
    },
    dueHours: 3 * DAY,
  },
  'unstable-ids': {
    office: 'records',
    title: 'One of your systems gives the same things new ids: they stand in records twice',
    outcomes: {
      corrected: 'the system keeps its ids, or its settings say that they change (stableIds: false)',
      'not-the-same': 'they are different things that are alike: this is not asked again',
      'ask-the-source': ASK_THE_SOURCE,
    },
    dueHours: 3 * DAY,
  },
} as const satisfies Record<string, TaskKindDescription>;

export type TaskKind = keyof typeof TASK_KINDS;

export const TASK_KIND_NAMES = Object.keys(TASK_KINDS) as TaskKind[];

/** Whether an office can answer a task of a kind so. */
export const isOutcomeOf = (kind: TaskKind, outcome: string): boolean => Object.hasOwn(TASK_KINDS[kind].outcomes, outcome);

/** The office that answers tasks of a kind. */
export const officeOf = (kind: TaskKind): Office => TASK_KINDS[kind].office;
