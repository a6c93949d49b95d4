import type { Fragment } from '../../shared/record/fold.ts';
import { logicalId } from '../../shared/record/identity.ts';
import type { ServeDependencies, ServeRequest } from './context.ts';

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

/** A directory as it is remembered is recent enough here: nobody changes a practitioner's name and expects every record to show it within a second. */
const FRESHNESS = { freshness: 'recent' } as const;

/**
 * What contributors' directories tell of those whom fragments refer to, directly or by way of one another (a role refers to its practitioner), each once.
 * Costs no query where the directories are remembered.
 */
export async function referredTo(
  { store, access }: ServeDependencies,
  { caller, at }: ServeRequest,
  fragments: Iterable<Fragment>,
): Promise<readonly Fragment[]> {
  const found = new Map<string, Fragment>();
  let looking: Iterable<Fragment> = fragments;
  for (;;) {
    const wanted = new Map<string, Set<string>>();
    for (const fragment of looking) {
      for (const { organisation, fragmentId } of directoryReferences(fragment)) {
        if (found.has(logicalId(organisation, fragmentId))) continue;
        const ids = wanted.get(organisation);
        if (ids === undefined) wanted.set(organisation, new Set([fragmentId]));
        else ids.add(fragmentId);
      }
    }
    const organisations = [...wanted.keys()].filter((organisation) => access.mayLookUp(caller.organisation, organisation, at));
    const folds = await Promise.all(organisations.map((organisation) => store.fold(organisation, FRESHNESS)));
    const next = folds.flatMap((fold) =>
      [...wanted.get(fold.subject)!]
        .flatMap((fragmentId) => fold.fragments.get(fragmentId) ?? [])
        .filter(({ body }) => body !== undefined),
    );
    if (next.length === 0) return [...found.values()];
    for (const fragment of next) found.set(logicalId(fragment.subject, fragment.fragmentId), fragment);
    looking = next;
  }
}
