/**
 * Wildcards of IAM policies: `*` stands for any run of characters, `?` for one (IAM user guide, "Policy elements: Resource").
 *
 * @param ignoreCase actions are compared without regard to case, resources with it
 */
export function compileWildcard(pattern: string, ignoreCase = false): (text: string) => boolean {
  if (pattern === '*') return () => true;
  if (!/[*?]/.test(pattern)) {
    const wanted = ignoreCase ? pattern.toLowerCase() : pattern;
    return ignoreCase ? (text) => text.toLowerCase() === wanted : (text) => text === wanted;
  }
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, ignoreCase ? 'is' : 's');
  return (text) => expression.test(text);
}

/** Whether any of several wildcards covers a text. */
export function compileWildcards(patterns: readonly string[], ignoreCase = false): (text: string) => boolean {
  const matchers = patterns.map((pattern) => compileWildcard(pattern, ignoreCase));
  return (text) => matchers.some((matches) => matches(text));
}
