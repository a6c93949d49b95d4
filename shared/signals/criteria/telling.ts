import type { Issue } from '../../fhir/outcomes.ts';
import type { CriteriaProblem } from './criteria.ts';

/** Characters shown before and after the place. */
const AROUND = 40;

/**
 * Problems of criteria as issues. They show the place in the text that was sent: to whoever sent it, and to nobody else, for diagnostics are in no log.
 * @param expression where the criteria stand
 */
export const issuesOfCriteria = (
  text: string,
  problems: readonly CriteriaProblem[],
  expression = 'Subscription.criteria',
): readonly Issue[] =>
  problems.map(({ code, at, says }) => ({
    code,
    expression,
    diagnostics: at === undefined ? says : `${says} At character ${at + 1}:\n${pointingAt(text, at)}`,
  }));

/** The text around a place, and a caret under it. What has no width of its own, or another than one, is shown as a question mark. */
function pointingAt(text: string, at: number): string {
  const from = Math.max(0, at - AROUND);
  const before = from === 0 ? '' : '...';
  const after = at + AROUND < text.length ? '...' : '';
  const shown = text.slice(from, at + AROUND).replaceAll(/[^\x20-\x7e]/g, '?');
  return `${before}${shown}${after}\n${' '.repeat(before.length + at - from)}^`;
}
