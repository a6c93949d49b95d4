import type { Steps } from '../../../shared/concurrency/steps.ts';
import type { Fold, Fragment } from '../../../shared/record/fold.ts';
import { logicalId } from '../../../shared/record/identity.ts';
import type { ServeDependencies, ServeRequest } from '../context.ts';

/** A literal reference to what an organisation tells of itself: `Practitioner/uhd.<fragmentId>`. A personId is longer than any organisation's id. */
const DIRECTORY_REFERENCE = /"reference":"([A-Z][A-Za-z]+)\/([a-z][a-z0-9-]{1,19})\.([a-z2-7]{16})["/]/g;

interface DirectoryReference {
  readonly organisation: string;
  readonly fragmentId: string;
}

const remembered = new WeakMap<Fragment, readonly DirectoryReference[]>();

/** What a fragment refers to in directories; found in its text, once. */
function directoryReferences(fragment: Fragment): readonly DirectoryReference[] {
  let references = remembered.get(fragment);
  if (references === undefined) {
    references = Array.from((fragment.body ?? '').matchAll(DIRECTORY_REFERENCE), ([, , organisation = '', fragmentId = '']) => ({
      organisation,
      fragmentId,
    }));
    remembered.set(fragment, references);
  }
  return references;
}

const gathered = new WeakMap<readonly Fragment[], ReadonlyMap<string, ReadonlySet<string>>>();

/** What all of them refer to, each once, by organisation; remembered with the list, which whole records give again and again. */
function* allReferences(fragments: readonly Fragment[]): Steps<ReadonlyMap<string, ReadonlySet<string>>> {
  const known = gathered.get(fragments);
  if (known !== undefined) return known;
  const wanted = new Map<string, Set<string>>();
  for (const fragment of fragments) {
    yield 1;
    for (const { organisation, fragmentId } of directoryReferences(fragment)) {
      const ids = wanted.get(organisation);
      if (ids === undefined) wanted.set(organisation, new Set([fragmentId]));
      else ids.add(fragmentId);
    }
  }
  gathered.set(fragments, wanted);
  return wanted;
}

/**
 * What contributors' directories say of those whom fragments refer to, directly or by way of one another (a role refers
 * to its practitioner), each once. A directory is as fresh as a record: each that is referred to is read once, strongly
 * consistent, for one read unit where this process remembers it.
 */
export async function referredTo(
  { store, access }: ServeDependencies,
  { caller, at, consulted, work }: ServeRequest,
  fragments: readonly Fragment[],
): Promise<readonly Fragment[]> {
  const folds = new Map<string, Fold>();
  const found = new Map<string, Fragment>();
  for (let looking = fragments; looking.length > 0; ) {
    const wanted = [...(await work.run(allReferences(looking)))].filter(([organisation]) =>
      access.mayLookUp(caller, organisation, at),
    );
    const unread = wanted.filter(([organisation]) => !folds.has(organisation));
    for (const fold of await Promise.all(unread.map(([organisation]) => store.fold(organisation)))) {
      folds.set(fold.subject, fold);
      consulted.set(fold.subject, fold.sequence);
    }
    looking = wanted.flatMap(([organisation, ids]) =>
      [...ids].flatMap((id) => folds.get(organisation)?.fragments.get(id) ?? []).filter(isNew(found)),
    );
    for (const fragment of looking) found.set(logicalId(fragment.subject, fragment.fragmentId), fragment);
  }
  return [...found.values()].map(access.asKnownTo(caller, at));
}

const isNew =
  (found: ReadonlyMap<string, Fragment>) =>
  ({ subject, fragmentId, body }: Fragment): boolean =>
    body !== undefined && !found.has(logicalId(subject, fragmentId));
