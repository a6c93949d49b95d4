import { type Finding, taskOfFinding } from '../../shared/access/review/finding.ts';
import type { ReviewDependencies } from './context.ts';

/**
 * Puts findings before the privacy officer, but for what one has said to be nothing.
 * @returns how many are new
 */
export async function raise({ tasks }: ReviewDependencies, findings: readonly Finding[]): Promise<number> {
  let raised = 0;
  for (const finding of findings) {
    const task = taskOfFinding(finding);
    if (await tasks.isSuppressed(task, finding.at)) continue;
    if (await tasks.raise(task)) raised++;
  }
  return raised;
}
