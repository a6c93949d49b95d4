const STEP = /\.([A-Za-z0-9_-]+)|\['([^']+)'\]|\[(\d+)\]/y;

/**
 * Compiles a target's `InputPath`: a JSONPath of names and indexes, such as `$.detail.event` (EventBridge user guide, "Target input").
 *
 * @returns `undefined` when the path cannot be read
 */
export function compilePath(path: string): ((event: unknown) => unknown) | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: string[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const found = STEP.exec(path);
    if (found === null) return undefined;
    steps.push((found[1] ?? found[2] ?? found[3])!);
  }
  return (event) =>
    steps.reduce<unknown>(
      (value, step) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined),
      event,
    );
}
