import { createHash } from 'node:crypto';
import type { Directory } from '../directory/directory.ts';
import type { Fold, Fragment, PersonRecord } from '../record/fold.ts';

/** Why an organisation may have to do with a person today; the words are those of the policies. */
export type Relationship = 'contributor' | 'registered-practice';

/** All fragments of one person that are alike in section, source and sensitivity. */
export interface FragmentClass {
  /** The class in one word, as access notes it: section, source and labels. Names no person. */
  readonly key: string;
  readonly section: string;
  readonly source: string;
  readonly labels: readonly string[];
  readonly fragments: readonly Fragment[];
}

const classesOfFold = new WeakMap<Fold, readonly FragmentClass[]>();

/** The classes of a fold, retracted fragments included; remembered with the fold. */
export function classesOf(fold: Fold): readonly FragmentClass[] {
  let classes = classesOfFold.get(fold);
  if (classes === undefined) {
    classes = classify(fold.fragments.values());
    classesOfFold.set(fold, classes);
  }
  return classes;
}

/** The key of the class that a fragment belongs to: short, for every access notes the keys of all classes. */
export const classKey = ({ section, owner, labels }: Fragment): string =>
  labels.length === 0 ? `${section} ${owner}` : `${section} ${owner} ${inShort([...labels].sort().join(' '))}`;

/** Contributors label as they like; what is longer than labels are is told by its digest, so that two of them stay two. */
const MAX_LABEL_CHARACTERS = 150;

const inShort = (labels: string): string =>
  labels.length <= MAX_LABEL_CHARACTERS
    ? labels
    : `${labels.slice(0, MAX_LABEL_CHARACTERS - 24)}… ${createHash('sha256').update(labels).digest('base64url').slice(0, 22)}`;

function classify(fragments: Iterable<Fragment>): readonly FragmentClass[] {
  const classes = new Map<string, FragmentClass & { fragments: Fragment[] }>();
  for (const fragment of fragments) {
    const key = classKey(fragment);
    const known = classes.get(key);
    if (known) known.fragments.push(fragment);
    else
      classes.set(key, {
        key,
        section: fragment.section,
        source: fragment.owner,
        labels: fragment.labels,
        fragments: [fragment],
      });
  }
  return [...classes.values()];
}

/**
 * Every organisation that has a relationship with the person of a record, as it stands at an instant (mergers followed), with its relationships.
 * The registered practice is what the current Patient fragments name as `generalPractitioner`.
 */
export function relationshipsOf(
  record: PersonRecord,
  directory: Directory,
  at: string,
): ReadonlyMap<string, readonly Relationship[]> {
  const related = new Map<string, Relationship[]>();
  const relate = (organisation: string | undefined, relationship: Relationship) => {
    if (organisation === undefined) return;
    const known = related.get(organisation);
    if (known === undefined) related.set(organisation, [relationship]);
    else if (!known.includes(relationship)) known.push(relationship);
  };
  for (const fold of record.folds) {
    for (const contributor of fold.contributors) relate(directory.current(contributor, at)?.id, 'contributor');
    for (const practice of registeredPractices(fold)) relate(directory.byCode(practice, at)?.id, 'registered-practice');
  }
  return related;
}

const practicesOfFold = new WeakMap<Fold, readonly { system: string; value: string }[]>();

/** The manifest of a Patient holds its general practitioners' identifiers as its codes (see `shared/fhir/describe.ts`). */
function registeredPractices(fold: Fold): readonly { system: string; value: string }[] {
  let practices = practicesOfFold.get(fold);
  if (practices === undefined) {
    practices = [...fold.fragments.values()]
      .filter(({ type, action }) => type === 'Patient' && action !== 'retracted')
      .flatMap(({ codes }) => codes.map(identifierOf));
    practicesOfFold.set(fold, practices);
  }
  return practices;
}

function identifierOf(code: string): { system: string; value: string } {
  const bar = code.indexOf('|');
  return { system: code.slice(0, bar), value: code.slice(bar + 1) };
}
