import type { Directory } from './directory.ts';

/**
 * Every organisation that is meant by one: itself, whoever it came from, and whoever took over. Organisations merge, and contributions keep the name of who made
 * them: whoever chooses one hears of them all.
 * @returns ids, sorted
 */
export function familyOf(directory: Directory, ids: readonly string[]): readonly string[] {
  const found = new Set(ids);
  for (const id of found) for (const next of nextTo(directory, id)) found.add(next);
  return [...found].sort();
}

function nextTo({ organisations, byId }: Directory, id: string): readonly string[] {
  const before = organisations.filter(({ successors }) => successors.some(({ organisation }) => organisation === id));
  return [...before.map((one) => one.id), ...(byId(id)?.successors ?? []).map(({ organisation }) => organisation)];
}

/** The organisation itself, and whoever takes over from it: their subscriptions go on through a merger. Deciding at delivery drops what came too early. */
export function heirsOf({ byId }: Directory, organisation: string): readonly string[] {
  const found = new Set([organisation]);
  for (const id of found) for (const next of byId(id)?.successors ?? []) found.add(next.organisation);
  return [...found].sort();
}
