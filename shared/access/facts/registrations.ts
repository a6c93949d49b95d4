import type { Directory } from '../../directory/directory.ts';
import type { PersonRecord } from '../../record/fold.ts';
import { markingsOf } from '../markings.ts';
import { RELATIONSHIPS } from '../relationships.ts';
import { type GivenGround, groundsOfKind, reasonSpan } from './grounds.ts';
import { organisationNamed } from './naming.ts';
import { DAY_MS, type Span, spanOf, standsAt } from './spans.ts';

/** What somebody has said about where a person is registered. */
interface Statement {
  /** The practice, as it stands today; its code where it takes no part here: who moves to Leeds leaves their practice all the same. */
  readonly practice: string;
  readonly takesPart: boolean;
  /** Who said it; two fragments of one source speak apart. */
  readonly fragment: string;
  /** 1: a practice about itself. 0: somebody about another. */
  readonly authority: number;
  readonly saidMs: number;
  /** The registration has ended by its own word. */
  readonly hasEnded: boolean;
  readonly span: Span;
}

/**
 * With which practices a person is registered, or was until lately. A practice's own word about itself outranks what others say of it; what is said later
 * ends what was said with no more authority, and the practice that is left keeps its days after the end.
 * @returns practices that take part, each with when the relationship stands
 */
export function registrationsOf(record: PersonRecord, directory: Directory, at: string): readonly (readonly [string, Span])[] {
  const statements = groundsOfKind(record, 'registered-practice').flatMap((ground) => statementsOf(ground, directory, at));
  return statements
    .filter(({ takesPart }) => takesPart)
    .map((statement) => [statement.practice, standing(statement, statements)]);
}

/**
 * With which practices a person is registered at an instant, and with which they were until lately, by ids; by code where one takes no part here. What a
 * marked fragment says is left out: whoever chooses by practice would learn of it.
 */
export function practicesAt(record: PersonRecord, directory: Directory, at: string): readonly string[] {
  const statements = groundsOfKind(record, 'registered-practice')
    .filter(({ fragment }) => markingsOf(fragment).length === 0)
    .flatMap((ground) => statementsOf(ground, directory, at));
  const standingNow = statements.filter((one) => standsAt([standing(one, statements)], Date.parse(at)));
  return [...new Set(standingNow.map(({ practice }) => practice.slice(practice.indexOf('|') + 1)))].sort();
}

function statementsOf(ground: GivenGround, directory: Directory, at: string): readonly Statement[] {
  const span = reasonSpan(ground, RELATIONSHIPS['registered-practice']);
  if (span === undefined) return [];
  const { fragment, from, to } = ground;
  const owner = directory.current(fragment.owner, at)?.id;
  const saidMs =
    (from === undefined ? undefined : spanOf(from)?.fromMs) ?? Date.parse(fragment.sourceTime ?? fragment.recordedAt);
  const hasEnded = to !== undefined && spanOf(to)!.untilMs <= Date.parse(at);
  const names = ground.names.length === 0 ? [undefined] : ground.names;
  return names.map((name) => {
    const practice = name === undefined ? owner : organisationNamed(name, directory, at);
    return {
      // Codes are written in capitals; some sources do not.
      practice: practice ?? name?.toUpperCase() ?? fragment.owner,
      takesPart: practice !== undefined,
      fragment: fragment.fragmentId,
      authority: practice !== undefined && practice === owner ? 1 : 0,
      saidMs,
      hasEnded,
      span,
    };
  });
}

function standing(statement: Statement, all: readonly Statement[]): Span {
  const endsMs = all
    .filter((other) => contradicts(other, statement))
    .map(({ saidMs }) => saidMs + RELATIONSHIPS['registered-practice'].afterDays * DAY_MS);
  return { fromMs: statement.span.fromMs, untilMs: Math.min(statement.span.untilMs, ...endsMs) };
}

/** A registration that has ended says nothing about where a person went afterwards. */
const contradicts = (other: Statement, statement: Statement): boolean =>
  other.practice !== statement.practice &&
  other.fragment !== statement.fragment &&
  other.authority >= statement.authority &&
  (other.saidMs > statement.saidMs || (other.authority > statement.authority && !other.hasEnded));
