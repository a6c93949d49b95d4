import type { Action, PersonLink } from '../record/contribution.ts';

/** How soon whoever hears of it should: at once, within 15 minutes, the same day, in a digest. */
export type Urgency = 'A' | 'B' | 'C' | 'D';

/** Who is told of a change by default, in the words of the catalogue. Who may hear is always decided by the policies of `shared/access`. */
export const TOLD = {
  'whoever-may-see': 'every organisation that may see the fragment',
  'old-and-new-practice': 'the practice that the person leaves, and the one that they come to',
  'everyone-told-before': 'every organisation that was told of what it takes back or corrects',
  'named-leads': 'those who may see what safeguarding leads alone see',
  'privacy-office': 'the privacy office of the organisation, and that of the lead',
  'records-office': 'the records office of the organisation, and that of the lead',
  'operators-and-viewers': 'the organisation that sends the feed, and those that look at what it sends',
  owner: 'the organisation whose it is',
  'every-organisation': 'every organisation that takes part',
} as const;

export type Told = keyof typeof TOLD;

/** What it happens to. */
export type SubjectKind = 'person' | 'organisation' | 'feed' | 'access';

/**
 * What holds of one version of a fragment: for each path (of elements, dotted; several apart by spaces are read together) what stands there.
 * - `a b`: one of these; `a*`: what begins so
 * - `!a b`: none of these; nothing at all will do
 * - `*`: anything; `* but a b`: something other than these; `-`: nothing
 *
 * `extension:x` is the extension with this name in `EXTENSIONS`, else with this url; `@x` is what `READINGS` has under this name.
 */
export type Condition = Readonly<Record<string, string>>;

/** Another fragment that makes it no news. */
export interface AlreadyTold {
  /** By which two fragments are about the same: a stay at the same place and time, or a thing with the same code or words. */
  readonly same: 'stay' | 'thing';
  /** What holds of that other fragment. */
  readonly is: Condition;
  /** Only where what has `changed` is the same there. */
  readonly alike?: true;
  /** Only where the same organisation says so: what others say may lag behind. */
  readonly own?: true;
}

/** A version of a fragment that raises a change. */
export interface FragmentTrigger {
  readonly on: 'fragment';
  /** Resource types, apart by spaces; `*`: every type. */
  readonly types: string;
  /** What kind of thing it is: holds of the version and, where there was one, of that before it. */
  readonly of?: Condition;
  /** What holds of the version. Unless `changed` or `repeats` say otherwise, it did not hold before. */
  readonly to: Condition;
  /** A retraction will do as well. */
  readonly gone?: true;
  /** What held before: a version that has none before it raises nothing. */
  readonly from?: Condition;
  /** What did not hold before. */
  readonly notFrom?: Condition;
  /** What differs from before, where `from` (or else `to`) held already. */
  readonly changed?: readonly string[];
  /** Any new version will do, where `from` held before. */
  readonly repeats?: true;
  /** Where it says when it happened: paths, the best first. */
  readonly dated?: string;
  /** What happened longer ago than this when it was recorded is no news … */
  readonly freshDays?: number;
  /** … whatever it is; else only where it comes with the first things that a source tells of a person. */
  readonly alwaysFresh?: true;
  /** Any of these makes it no news. */
  readonly unless?: readonly AlreadyTold[];
}

/** What is known of a person from all who tell of them. */
export type PersonFact =
  | 'address'
  | 'practice'
  | 'formal-death'
  | 'informal-death'
  | 'death'
  | 'death-date'
  | 'restricted'
  | 'opt-out';

/** A change to what is known of the person, taken over all who tell of them: three who tell the same tell one change. */
export interface PersonTrigger {
  readonly on: 'person';
  readonly fact: PersonFact;
  /**
   * `first`: nobody said so before; `other`: somebody said something else before; `gone`: somebody said so, and nobody does any more; `moved`: of practices, which
   * some go on naming long after.
   */
  readonly when: 'first' | 'other' | 'gone' | 'moved';
  /** No news where somebody had said this. */
  readonly unless?: PersonFact;
  readonly dated?: string;
  readonly freshDays?: number;
}

/** Whatever was done to a fragment. */
export interface VersionTrigger {
  readonly on: 'version';
  readonly action: Exclude<Action, 'late'>;
}

export interface LinkTrigger {
  readonly on: 'link';
  readonly kind: PersonLink['kind'];
  /** Only where one NHS number replaces another. */
  readonly replacesNumber?: true;
}

/** What happens outside the record of a person: `by` says what raises it. */
export interface OutsideTrigger {
  readonly on: 'outside';
  readonly by: string;
}

/** What raises a change. */
export type Trigger = FragmentTrigger | PersonTrigger | VersionTrigger | LinkTrigger | OutsideTrigger;

/** A row of the catalogue: one kind of change that organisations can hear of. */
export interface ChangeType {
  /** Version of the event that tells it. A change that old readers would misread takes a new version beside the old one. */
  readonly version: number;
  readonly urgency: Urgency;
  /** What has happened, in a sentence that a subscriber can read. */
  readonly meaning: string;
  readonly subject: SubjectKind;
  /** Where it stands in the document. */
  readonly theme: string;
  readonly told: readonly Told[];
  /** Names of the changes that it takes back or corrects: whoever asked to hear of those hears of it too. */
  readonly corrects?: readonly string[];
  /** It corrects whatever was told of the fragment. */
  readonly correctsFragment?: true;
  /** Any of these raises it. */
  readonly raisedBy: readonly Trigger[];
  /** How sources express it, where R4 and UK Core leave a choice. */
  readonly note?: string;
}
