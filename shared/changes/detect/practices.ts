import type { Fragment } from '../../record/fold.ts';
import type { Looked } from './look.ts';
import { registrationsOf } from './person.ts';

/**
 * Whether a version says that the person has moved to another practice. Sources lag behind each other by months, so it is no news where another named that
 * practice after this one last named any; whoever returns to a practice that some still name has moved all the same. What a source says first is
 * news only where nobody ever named that practice, and somebody another.
 * @param before the version before it
 * @param known what else was known of the person before it
 */
export function tellsMove(now: Looked, before: Looked | undefined, known: readonly Fragment[], at: string): boolean {
  const said = before === undefined ? [] : registrationsOf(before.version, at);
  const others = known
    .filter(({ fragmentId }) => fragmentId !== now.version.fragmentId)
    .flatMap((fragment) => registrationsOf(fragment, at));
  if (said.length + others.length === 0) return false;
  const lastSaidMs = Math.max(...said.map(({ fromMs }) => fromMs));
  const isNews = (practice: string) =>
    !said.some((one) => one.practice === practice && !one.hasEnded) &&
    !others.some((one) => one.practice === practice && one.fromMs >= lastSaidMs);
  return registrationsOf(now.version, at).some(({ practice, hasEnded }) => !hasEnded && isNews(practice));
}
