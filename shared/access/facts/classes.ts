import type { Steps } from '../../concurrency/steps.ts';
import type { Fold, Fragment } from '../../record/fold.ts';
import { markingsOf } from '../markings.ts';
import type { Marking } from './sensitive-sets.ts';

/** What the policies are told of fragments that are alike. */
export interface ClassFacts {
  /** The class in one word, as access notes it: section, source and markings. Names no person. */
  readonly key: string;
  readonly section: string;
  /** The organisation that contributed them. */
  readonly source: string;
  /** What makes them sensitive, sorted. */
  readonly markings: readonly string[];
}

/** All fragments of one fold that are alike in section, source and markings. */
export interface FragmentClass extends ClassFacts {
  readonly fragments: readonly Fragment[];
}

const classesOfFold = new WeakMap<Fold, readonly FragmentClass[]>();

/**
 * The classes of a fold, retracted fragments included; remembered with the fold where nothing in it is sealed.
 * @param sealed ids of fragments that the person has asked to seal
 */
export function* classesOf(fold: Fold, sealed: ReadonlySet<string>): Steps<readonly FragmentClass[]> {
  if (sealed.size > 0) return yield* classify(fold.fragments.values(), sealed);
  let classes = classesOfFold.get(fold);
  if (classes === undefined) {
    classes = yield* classify(fold.fragments.values(), sealed);
    classesOfFold.set(fold, classes);
  }
  return classes;
}

/** The class that a fragment (any version of it) belongs to. */
export function classOf(fragment: Fragment, sealed: ReadonlySet<string>): ClassFacts {
  const { section, owner } = fragment;
  const marked = markingsOf(fragment);
  const markings = sealed.has(fragment.fragmentId) ? [...marked, SEALED].sort() : marked;
  return { key: keyOf(section, owner, markings), section, source: owner, markings };
}

const SEALED = 'sealed';
const NOTHING: ReadonlySet<string> = new Set();

/** The key of the class that a fragment belongs to by itself: whether it is sealed is for the record to say. */
export const classKey = (fragment: Fragment): string => classOf(fragment, NOTHING).key;

/** Markings of what the law lets nobody tell of, not even that it is there: `policies/legally-restricted.cedar` says for whom alone it is. */
const LEGALLY_RESTRICTED: ReadonlySet<string> = new Set<Marking>(['assisted-conception', 'gender-recognition']);

/** Whether the class with this key is of what is legally restricted. */
export const isLegallyRestricted = (key: string): boolean =>
  key
    .split(' ')
    .slice(2)
    .some((marking) => LEGALLY_RESTRICTED.has(marking));

/** Short, for every access notes the keys of all classes. */
const keyOf = (section: string, source: string, markings: readonly string[]): string =>
  markings.length === 0 ? `${section} ${source}` : `${section} ${source} ${markings.join(' ')}`;

function* classify(fragments: Iterable<Fragment>, sealed: ReadonlySet<string>): Steps<readonly FragmentClass[]> {
  const classes = new Map<string, FragmentClass & { fragments: Fragment[] }>();
  for (const fragment of fragments) {
    yield 1;
    const facts = classOf(fragment, sealed);
    const known = classes.get(facts.key);
    if (known) known.fragments.push(fragment);
    else classes.set(facts.key, { ...facts, fragments: [fragment] });
  }
  return [...classes.values()];
}
