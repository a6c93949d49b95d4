import type { Contribution, FragmentVersion, PersonLink } from '../record/contribution.ts';
import type { Fold } from '../record/fold.ts';
import { isPersonId } from '../record/identity.ts';
import type { ChangeName } from './catalogue.ts';
import { detectVersion, type Raised } from './detect/detect.ts';
import { changesByLink } from './detect/person-changes.ts';
import { createScene } from './detect/scene.ts';
import { triggersOn } from './detect/triggers.ts';
import type { LinkTrigger } from './row.ts';

/** The record before and after a contribution. */
export interface Step {
  readonly contribution: Contribution;
  readonly before: Fold;
  readonly after: Fold;
  /** Folds that are, or until now were, read together with it. */
  readonly linked: readonly Fold[];
}

interface Happening {
  readonly name: ChangeName;
  /** The person. */
  readonly subject: string;
  readonly sequence: number;
  /** ISO 8601 instant, UTC. */
  readonly recordedAt: string;
  readonly contributor: string;
  /** What tells it from other changes of its name in the same contribution: the same on every retry. */
  readonly what: string;
  /** Section of the record. */
  readonly section: string;
  /** Names of the changes that it takes back or corrects; of a fragment that is retracted or corrected, whatever may have been told of it. */
  readonly corrects: readonly ChangeName[];
}

/** A change that a version of a fragment told: who may see that fragment may hear of it. */
export interface FragmentChange extends Happening {
  readonly fragment: FragmentVersion;
}

/** A change to which records are read together, or what comes of it. */
export interface LinkChange extends Happening {
  readonly link: PersonLink;
}

/** What a contribution did, in the words of the catalogue. */
export type Change = FragmentChange | LinkChange;

const isRaisedBy = ({ kind, replacesNumber }: LinkTrigger, link: PersonLink): boolean =>
  kind === link.kind && (replacesNumber === undefined || link.replacesNumber === true);

const linkTriggers = triggersOn('link');

/**
 * What a contribution did, in the words of the catalogue, in the order of its fragments, then that of a link. A pure function: the same step gives the same changes.
 *
 * Of the record, only what the contribution touches is parsed, and what must be compared with it. Whatever the bodies hold, nothing is thrown.
 * A contribution about an organisation itself (its practitioners, its places) changes nobody's record and tells nothing.
 */
export function changesOf(step: Step): readonly Change[] {
  const { subject, sequence, recordedAt, contributor, fragments, link } = step.contribution;
  if (!isPersonId(subject)) return [];
  const happened = { subject, sequence, recordedAt, contributor };
  const scene = createScene(step);
  const changes: Change[] = fragments.flatMap((fragment, index) => {
    const what = `${fragment.fragmentId}.${fragment.version}`;
    return detectVersion(scene, index).map(({ name, corrects }: Raised) => ({
      ...happened,
      name,
      what,
      section: fragment.section,
      corrects,
      fragment,
    }));
  });
  const linking = link === undefined ? [] : linkTriggers.filter(({ trigger }) => isRaisedBy(trigger, link));
  const brought = link === undefined ? [] : changesByLink(step);
  const linked = [...linking, ...brought].map(({ name, row }) => ({
    ...happened,
    name,
    what: link!.person,
    section: 'demographics',
    corrects: row.corrects ?? [],
    link: link!,
  }));
  return [...changes, ...linked];
}
