import type { CriteriaProblems } from './criteria.ts';

/** A piece of criteria. A `word` stands by itself; a `text` stood in quotes, which are off. */
export interface Token {
  readonly kind: 'word' | 'text' | '=' | '(' | ')' | 'end';
  readonly text: string;
  readonly at: number;
}

const SPACE = /\s*/y;
const WORD = /[A-Za-z0-9._:/-]+/y;
/** A quote within quotes is written twice, as in SQL. */
const QUOTED = /'((?:[^']|'')*)'|"((?:[^"]|"")*)"/y;
const COMPARISONS = '!<>~';

/** Cuts criteria into pieces; the last is the end. */
export function tokensOf(text: string): readonly Token[] | CriteriaProblems {
  const tokens: Token[] = [];
  const match = (expression: RegExp, at: number): RegExpExecArray | null => {
    expression.lastIndex = at;
    return expression.exec(text);
  };
  for (let at = match(SPACE, 0)![0].length; at < text.length; at += match(SPACE, at)![0].length) {
    const character = text[at]!;
    const quoted = match(QUOTED, at);
    const word = match(WORD, at);
    if (character === '=' || character === '(' || character === ')') tokens.push({ kind: character, text: character, at });
    else if (quoted !== null) tokens.push({ kind: 'text', text: unquoted(quoted), at });
    else if (word !== null) tokens.push({ kind: 'word', text: word[0], at });
    else return { problems: [{ code: 'bad-criteria', at, says: problemOf(character) }] };
    at += quoted?.[0].length ?? word?.[0].length ?? 1;
  }
  return [...tokens, { kind: 'end', text: '', at: text.length }];
}

const unquoted = ([, single, double]: RegExpExecArray): string => single?.replaceAll("''", "'") ?? double!.replaceAll('""', '"');

function problemOf(character: string): string {
  if (character === "'" || character === '"') return 'This quote is not closed.';
  if (COMPARISONS.includes(character)) return "Only = compares: write field='value'.";
  return 'This character stands for nothing here. Put values in quotes.';
}
