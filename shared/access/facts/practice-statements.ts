import type { Directory } from '../../directory/directory.ts';
import type { Sources } from '../../directory/sources.ts';
import type { Fragment } from '../../record/fold.ts';
import { RELATIONSHIPS } from '../relationships.ts';
import { type GivenGround, reasonSpan } from './grounds.ts';
import { organisationNamed } from './naming.ts';
import { type Span, spanOf } from './spans.ts';

/** What one fragment states about where a person is registered. */
export interface PracticeStatement {
  /** The practice, by the id that it has today; by `system|CODE` where it takes no part here. */
  readonly practice: string;
  readonly takesPart: boolean;
  readonly fragment: Fragment;
  /** The practice states it of itself. */
  readonly isOwn: boolean;
  /** Its source traces NHS numbers. */
  readonly traces: boolean;
  /** When it stands, with the days after its end for which a former practice still has to do with the person. */
  readonly span: Span;
  /** When it was first recorded, whatever it says of the day on which the registration began: milliseconds since the epoch. */
  readonly recordedMs: number;
  /** When it ended by what it says itself; infinite while it has not. */
  readonly endedMs: number;
}

/** Who the organisations and their systems are, on one day. */
export interface Partners {
  readonly directory: Directory;
  readonly sources: Sources;
  /** ISO 8601 instant at which mergers of organisations are followed. */
  readonly at: string;
}

/** The statements of a ground of the kind `registered-practice`: one for each practice that it names. */
export function statementsOf(ground: GivenGround, { directory, sources, at }: Partners): readonly PracticeStatement[] {
  const span = reasonSpan(ground, RELATIONSHIPS['registered-practice']);
  if (span === undefined) return [];
  const { fragment, to, since } = ground;
  const owner = directory.current(fragment.owner, at)?.id;
  const names = ground.names.length === 0 ? [undefined] : ground.names;
  return names.map((name) => {
    const practice = name === undefined ? owner : organisationNamed(name, directory, at);
    return {
      // Codes are written in capitals; some sources do not.
      practice: practice ?? name?.toUpperCase() ?? fragment.owner,
      takesPart: practice !== undefined,
      fragment,
      isOwn: practice !== undefined && practice === owner,
      traces: sources.byName(fragment.owner, fragment.source).tracesNhsNumbers,
      span,
      recordedMs: Date.parse(since ?? fragment.recordedAt),
      endedMs: (to === undefined ? undefined : spanOf(to)?.untilMs) ?? Number.POSITIVE_INFINITY,
    };
  });
}
