import type { Criteria, CriteriaProblems } from './criteria.ts';
import { hasProblems } from './criteria.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Brackets within brackets. Nobody means more; what is read by recursion has an end. */
const MOST_BRACKETS = 32;

/**
 * Reads criteria as the Multicast Notification Service has them: `field='value'`, joined by AND and OR (in any case; AND binds closer), with brackets. What is
 * wrong with the form is told by its first place: what follows a missing quote would be told of in vain.
 */
export function parseCriteria(text: string): Criteria | CriteriaProblems {
  const tokens = tokensOf(text);
  if (hasProblems(tokens)) return tokens;
  try {
    return new Parser(tokens as readonly Token[]).whole();
  } catch (error) {
    if (error instanceof Unreadable) return { problems: [{ code: 'bad-criteria', at: error.at, says: error.message }] };
    throw error;
  }
}

/** Leaves the recursion of the parser, and never leaves this file. */
class Unreadable extends Error {
  readonly at: number;

  constructor({ at }: Pick<Token, 'at'>, says: string) {
    super(says);
    this.at = at;
  }
}

class Parser {
  private index = 0;
  private readonly open: Token[] = [];
  private readonly tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  whole(): Criteria {
    const criteria = this.joined('or');
    const next = this.next();
    if (next.kind === 'end') return criteria;
    throw new Unreadable(next, next.kind === ')' ? 'This bracket closes none.' : 'AND or OR is missing here.');
  }

  private joined(kind: 'and' | 'or'): Criteria {
    const { at } = this.peek();
    const operand = () => (kind === 'or' ? this.joined('and') : this.single());
    const of = [operand()];
    while (this.isJoin(kind)) {
      this.next();
      of.push(operand());
    }
    return of.length === 1 ? of[0]! : { kind, of, at };
  }

  private isJoin(kind: 'and' | 'or'): boolean {
    const { kind: found, text } = this.peek();
    return found === 'word' && text.toLowerCase() === kind;
  }

  private single(): Criteria {
    const first = this.next();
    if (first.kind === '(') return this.bracketed(first);
    if (first.kind !== 'word' || this.isWordOfOurs(first)) throw new Unreadable(first, this.missing(first));
    const equals = this.next();
    if (equals.kind !== '=') throw new Unreadable(equals, "= is missing here: write field='value'.");
    const value = this.next();
    if ((value.kind !== 'text' && value.kind !== 'word') || this.isWordOfOurs(value))
      throw new Unreadable(value, "The value is missing here: write field='value'.");
    return { kind: 'is', field: first.text, fieldAt: first.at, value: value.text, valueAt: value.at };
  }

  private bracketed(bracket: Token): Criteria {
    this.open.push(bracket);
    if (this.open.length > MOST_BRACKETS) throw new Unreadable(bracket, `Brackets nest deeper than ${MOST_BRACKETS}.`);
    const criteria = this.joined('or');
    if (this.peek().kind === 'end') throw new Unreadable(bracket, 'This bracket is not closed.');
    const close = this.next();
    if (close.kind !== ')') throw new Unreadable(close, 'AND or OR is missing here, or a bracket that closes.');
    this.open.pop();
    return criteria;
  }

  private missing({ kind }: Token): string {
    if (kind === 'end') return "The criteria end where field='value' should follow.";
    return kind === ')' ? "Before this bracket, field='value' is missing." : "Here field='value' is missing.";
  }

  private isWordOfOurs = ({ kind, text }: Token): boolean => kind === 'word' && /^(and|or)$/i.test(text);

  private peek = (): Token => this.tokens[this.index]!;

  /** The end stays where it is. */
  private next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.index++;
    return token;
  }
}
