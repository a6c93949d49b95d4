/**
 * JSON of event patterns, read with the place of every value and with duplicate names kept: `JSON.parse` loses both, and the
 * pattern language needs the first for its refusals and the second because a name may stand once with values and once with fields.
 */
export type JsonNode = { readonly at: number } & (
  | { readonly kind: 'object'; readonly entries: readonly JsonEntry[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'literal'; readonly value: boolean | null }
);

export interface JsonEntry {
  readonly name: string;
  readonly value: JsonNode;
}

/** What is wrong with a pattern, and at which character of it. */
export class PatternProblem extends Error {
  override readonly name = 'PatternProblem';
  readonly code = 'invalid-pattern';
  readonly at: number;

  constructor(reason: string, at: number, options?: ErrorOptions) {
    super(reason, options);
    this.at = at;
  }
}

const TOKEN = /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y;
const SPACE_TO_END = /[ \t\r\n]*$/y;

/** Levels of nesting that are followed. */
const MAX_DEPTH = 64;

/** @throws PatternProblem when the text is not JSON (RFC 8259) */
export function readJson(text: string): JsonNode {
  let position = 0;
  let depth = 0;

  const next = (): { readonly token: string; readonly kind: 'mark' | 'string' | 'number' | 'literal'; readonly at: number } => {
    TOKEN.lastIndex = position;
    const found = TOKEN.exec(text);
    if (found === null)
      throw new PatternProblem(position >= text.trimEnd().length ? 'Unexpected end-of-input' : 'Unexpected character', position);
    position = TOKEN.lastIndex;
    const [, mark, string, number, literal] = found;
    const token = (mark ?? string ?? number ?? literal)!;
    const kind = mark !== undefined ? 'mark' : string !== undefined ? 'string' : number !== undefined ? 'number' : 'literal';
    return { token, kind, at: position - token.length };
  };

  const value = ({ token, kind, at }: ReturnType<typeof next>): JsonNode => {
    if (kind === 'string') return { kind, at, value: readString(token, at) };
    if (kind === 'number') return { kind, at, value: Number(token) };
    if (kind === 'literal') return { kind, at, value: JSON.parse(token) };
    if (token !== '{' && token !== '[') throw new PatternProblem(`Unexpected character (${token})`, at);
    if (++depth > MAX_DEPTH) throw new PatternProblem('Nested too deep', at);
    const node: JsonNode =
      token === '{' ? { kind: 'object', at, entries: list('}', entry) } : { kind: 'array', at, items: list(']', value) };
    depth -= 1;
    return node;
  };

  const entry = ({ token, kind, at }: ReturnType<typeof next>): JsonEntry => {
    if (kind !== 'string') throw new PatternProblem('Unexpected character: was expecting a double-quoted field name', at);
    const colon = next();
    if (colon.token !== ':' || colon.kind !== 'mark')
      throw new PatternProblem('Unexpected character: was expecting a colon', colon.at);
    return { name: readString(token, at), value: value(next()) };
  };

  const list = <T>(end: string, read: (first: ReturnType<typeof next>) => T): T[] => {
    const items: T[] = [];
    let token = next();
    if (token.kind === 'mark' && token.token === end) return items;
    for (;;) {
      items.push(read(token));
      token = next();
      if (token.kind === 'mark' && token.token === end) return items;
      if (token.kind !== 'mark' || token.token !== ',')
        throw new PatternProblem('Unexpected character: was expecting a comma', token.at);
      token = next();
    }
  };

  const root = value(next());
  SPACE_TO_END.lastIndex = position;
  if (!SPACE_TO_END.test(text)) throw new PatternProblem('Unexpected character after the end of the pattern', position);
  return root;
}

function readString(token: string, at: number): string {
  try {
    return JSON.parse(token);
  } catch (cause) {
    throw new PatternProblem('Illegal character or escape in a string', at, { cause });
  }
}
