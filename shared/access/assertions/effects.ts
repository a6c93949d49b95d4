import { type RecordedRuling, RULERS } from '../../record/rulings.ts';
import { standsAt } from '../facts/spans.ts';
import type { Relationship } from '../relationships.ts';
import type { Fact, Speaker } from './speaker.ts';
import type { PersonStatements, StatedFact, Statement } from './statements.ts';

/**
 * What comes of a statement:
 * - `effective`: it does what it says
 * - `contested`: it would, but somebody whose word counts has contested it
 * - `waiting`: nobody whose word counts has stated or confirmed it
 * - `refused`: the person, or the records office of the lead, has said that it is not so
 */
export type Effect = 'effective' | 'contested' | 'waiting' | 'refused';

/** What is known of those who state something, at an instant. */
export interface Words {
  readonly atMs: number;
  /** Whether a speaker's word takes effect, as the policies say. */
  readonly asserts: (fact: Fact, speaker: Partial<Speaker>) => boolean;
  /** Relationships of an organisation, mergers followed, of which another told. */
  readonly toldOf: (organisation: string) => readonly Relationship[];
  /** Follows an organisation into the one that has taken over from it. */
  readonly current: (organisation: string) => string | undefined;
}

const FACTS: Readonly<Record<StatedFact, Fact>> = {
  proxy: 'proxy',
  'opt-out': 'opt-out',
  sealed: 'sealed',
  restricted: 'restricted',
  death: 'death',
};

/** Facts of which a contest is about everything that the same organisation states so: sent again under another id it stays contested. */
const OF_ORGANISATION: ReadonlySet<StatedFact> = new Set(['opt-out', 'death']);

/** Statements of a fact that stand at an instant, each with what comes of it. */
export function effectsOf(
  statements: PersonStatements,
  fact: StatedFact,
  words: Words,
): readonly (readonly [Statement, Effect])[] {
  const standing = (statements.byFact.get(fact) ?? []).filter(({ span }) => standsAt([span], words.atMs));
  return standing.map((statement) => [statement, effectOf(statement, standing, statements, words)]);
}

function effectOf(statement: Statement, standing: readonly Statement[], statements: PersonStatements, words: Words): Effect {
  const { fact } = statement;
  const ruling = strongest(statement, statements, words);
  const isOutranked = ruling?.by === 'person' || ruling?.by === 'records-office';
  if (isOutranked && ruling.decision === 'contested' && fact !== 'restricted') return 'refused';
  const speaker = speakerOf(statement, standing, ruling, words);
  if (words.asserts(FACTS[fact], speaker)) return 'effective';
  return words.asserts(FACTS[fact], { ...speaker, contested: false }) ? 'contested' : 'waiting';
}

/** What the policies are told of a statement: the word of whoever confirmed it, else that of the organisation that made it. */
function speakerOf(
  statement: Statement,
  standing: readonly Statement[],
  ruling: RecordedRuling | undefined,
  { toldOf, current }: Words,
): Partial<Speaker> {
  if (ruling?.by === 'person' || ruling?.by === 'records-office') return { kind: ruling.by };
  const toldByOthers = toldOf(current(statement.fragment.owner) ?? '');
  const isConfirmed = ruling?.decision === 'confirmed';
  return {
    toldByOthers,
    isPractice: isConfirmed || toldByOthers.includes('confirmed-practice'),
    corroborated: isConfirmed || standing.some((other) => corroborates(other, statement, current)),
    contested: ruling?.decision === 'contested',
  };
}

/** Another organisation states the same. The same content word for word is a copy, and says nothing of its own. */
const corroborates = (other: Statement, { fragment }: Statement, current: Words['current']): boolean =>
  current(other.fragment.owner) !== current(fragment.owner) && other.fragment.hash !== fragment.hash;

/** The ruling of the strongest ruler about a statement. What any organisation says without being the practice is for the office to decide. */
function strongest(statement: Statement, statements: PersonStatements, words: Words): RecordedRuling | undefined {
  const found = statements.rulings.filter(
    (ruling) => ruling.by !== 'organisation' && isAbout(ruling, statement, statements, words),
  );
  for (const by of RULERS) {
    const said = found.filter((ruling) => ruling.by === by);
    const contest = said.find(({ decision }) => decision === 'contested');
    if (said.length > 0) return contest ?? said[0];
  }
  return undefined;
}

function isAbout(
  ruling: RecordedRuling,
  { fact, fragment }: Statement,
  { ownerOf }: PersonStatements,
  { current }: Words,
): boolean {
  if (ruling.fact !== fact) return false;
  if (ruling.about !== fragment.fragmentId) {
    const owner = ownerOf(ruling.about);
    return (
      ruling.decision === 'contested' &&
      OF_ORGANISATION.has(fact) &&
      owner !== undefined &&
      current(owner) === current(fragment.owner)
    );
  }
  // A proxy was confirmed as the version of then named them: a later one may name somebody else.
  return fact !== 'proxy' || ruling.decision === 'contested' || ruling.recordedAt >= fragment.recordedAt;
}
