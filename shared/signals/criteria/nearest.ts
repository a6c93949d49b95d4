/** Most changes between a word and the name that was meant. */
const MOST_CHANGES = 3;

/** The name that a word was most likely meant to be, if any is near: by characters changed, added, left out (Levenshtein). */
export function nearestOf(word: string, names: readonly string[]): string | undefined {
  const meant = word.toLowerCase();
  // A long word is near nothing, and would take long to compare.
  if (meant.length > 60) return undefined;
  const ranked = names.map((name) => ({ name, changes: changesBetween(meant, name.toLowerCase()) }));
  ranked.sort((one, other) => one.changes - other.changes);
  const [best] = ranked;
  return best !== undefined && best.changes <= Math.min(MOST_CHANGES, best.name.length / 2) ? best.name : undefined;
}

function changesBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[other.length]!;
}
