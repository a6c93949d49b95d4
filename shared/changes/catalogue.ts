import type { Action, PersonLink } from '../record/contribution.ts';

/** What makes a change: what was done to a fragment, or that two persons were linked or unlinked. */
export type Trigger = { readonly action: Exclude<Action, 'late'> } | { readonly link: PersonLink['kind'] };

/** How soon whoever hears of it should: at once, within 15 minutes, the same day, in a digest. */
export type Urgency = 'A' | 'B' | 'C' | 'D';

/** A row of the catalogue: one kind of change that organisations can hear of. */
export interface ChangeType {
  /** Version of the event that tells it. A change that old readers would misread takes a new version beside the old one. */
  readonly version: number;
  readonly trigger: Trigger;
  readonly urgency: Urgency;
  /** What has happened, in a sentence that a subscriber can read. */
  readonly meaning: string;
}

const catalogue = <Name extends string>(rows: Readonly<Record<Name, ChangeType>>) => rows;

/**
 * The event catalogue. These rows tell what happened to the record itself, whatever it is about; rows that tell what it
 * means in care (`admitted`, `allergy-added`) are added with triggers of their own.
 *
 * A `late` version has no row: it tells nothing that is current.
 */
export const CATALOGUE = catalogue({
  'fragment-created': {
    version: 1,
    trigger: { action: 'created' },
    urgency: 'C',
    meaning: 'A fragment was added to the record.',
  },
  'fragment-updated': {
    version: 1,
    trigger: { action: 'updated' },
    urgency: 'C',
    meaning: 'A fragment of the record has a new version. A fragment that was retracted before stands again.',
  },
  'fragment-retracted': {
    version: 1,
    trigger: { action: 'retracted' },
    urgency: 'A',
    meaning: 'A fragment of the record no longer stands: whoever acted on it should look again.',
  },
  'persons-linked': {
    version: 1,
    trigger: { link: 'link' },
    urgency: 'A',
    meaning: 'Two records were found to be about one person, and are read as one from now on.',
  },
  'persons-unlinked': {
    version: 1,
    trigger: { link: 'unlink' },
    urgency: 'A',
    meaning: 'Two records that were read as one are about two persons after all.',
  },
});

/** The name of a change, as subscriptions choose by it. */
export type ChangeName = keyof typeof CATALOGUE;

export const CHANGE_NAMES = Object.keys(CATALOGUE) as ChangeName[];
