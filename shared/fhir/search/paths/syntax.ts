/**
 * The syntax of the FHIRPath (http://hl7.org/fhirpath/N1) that R4's search parameters are written in: paths, unions, indexes, type
 * casts, `where`, `exists`, comparisons, `and`.
 */
export type Syntax =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'resource' }
  | { readonly kind: 'member'; readonly of: Syntax; readonly name: string }
  | { readonly kind: 'index'; readonly of: Syntax; readonly index: number }
  | { readonly kind: 'cast'; readonly of: Syntax; readonly type: string }
  | { readonly kind: 'where'; readonly of: Syntax; readonly condition: Syntax }
  | { readonly kind: 'exists'; readonly of: Syntax }
  | { readonly kind: 'resolve' }
  | { readonly kind: 'is'; readonly of: Syntax; readonly type: string }
  | { readonly kind: 'compare'; readonly equal: boolean; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: 'and'; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: 'union'; readonly parts: readonly Syntax[] };

const TOKEN = /\s*(?:('(?:[^'\\]|\\.)*')|(\d+(?:\.\d+)?)|(%?[A-Za-z_]\w*)|(!=|[|.()[\]=,]))/y;

/** @throws on what the language of search parameters does not have: the tables are at fault then, or this reader. */
export function parseExpression(text: string): Syntax {
  const reader = createReader(tokensOf(text));
  const syntax = parseAnd(reader);
  reader.end();
  return syntax;
}

interface Reader {
  peek(): string | undefined;
  take(): string;
  accept(token: string): boolean;
  expect(token: string): void;
  end(): void;
}

function createReader(tokens: readonly string[]): Reader {
  let at = 0;
  const fail = (): never => {
    throw new SyntaxError(`unexpected ${tokens[at] ?? 'end'} in ${tokens.join(' ')}`);
  };
  const accept = (token: string) => {
    if (tokens[at] !== token) return false;
    at++;
    return true;
  };
  return {
    peek: () => tokens[at],
    take: () => tokens[at++] ?? fail(),
    accept,
    expect: (token) => {
      if (!accept(token)) fail();
    },
    end: () => {
      if (at < tokens.length) fail();
    },
  };
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new SyntaxError(`unreadable at ${at}: ${text}`);
    tokens.push(match[0].trim());
  }
  return tokens;
}

function parseAnd(reader: Reader): Syntax {
  let left = parseComparison(reader);
  while (reader.accept('and')) left = { kind: 'and', left, right: parseComparison(reader) };
  return left;
}

function parseComparison(reader: Reader): Syntax {
  const left = parseUnion(reader);
  if (reader.accept('=')) return { kind: 'compare', equal: true, left, right: parseUnion(reader) };
  if (reader.accept('!=')) return { kind: 'compare', equal: false, left, right: parseUnion(reader) };
  if (reader.accept('is')) return { kind: 'is', of: left, type: reader.take() };
  return left;
}

function parseUnion(reader: Reader): Syntax {
  const parts = [parseCast(reader)];
  while (reader.accept('|')) parts.push(parseCast(reader));
  return parts.length === 1 ? parts[0]! : { kind: 'union', parts };
}

function parseCast(reader: Reader): Syntax {
  const of = parsePath(reader);
  return reader.accept('as') ? { kind: 'cast', of, type: reader.take() } : of;
}

function parsePath(reader: Reader): Syntax {
  let path = parseStart(reader);
  for (;;) {
    if (reader.accept('.')) path = parseStep(reader, path);
    else if (reader.accept('[')) {
      path = { kind: 'index', of: path, index: Number(reader.take()) };
      reader.expect(']');
    } else return path;
  }
}

function parseStart(reader: Reader): Syntax {
  if (reader.accept('(')) {
    const inner = parseAnd(reader);
    reader.expect(')');
    return inner;
  }
  const token = reader.take();
  if (token.startsWith("'")) return { kind: 'literal', value: token.slice(1, -1).replace(/\\(.)/g, '$1') };
  if (/^\d/.test(token)) return { kind: 'literal', value: Number(token) };
  if (token === 'true' || token === 'false') return { kind: 'literal', value: token === 'true' };
  if (token === '%resource') return { kind: 'resource' };
  if (token === 'resolve') {
    reader.expect('(');
    reader.expect(')');
    return { kind: 'resolve' };
  }
  if (!/^[A-Za-z_]/.test(token)) throw new SyntaxError(`unexpected ${token}`);
  return { kind: 'name', name: token };
}

function parseStep(reader: Reader, of: Syntax): Syntax {
  const name = reader.take();
  if (!reader.accept('(')) return { kind: 'member', of, name };
  const step = parseCall(reader, of, name);
  reader.expect(')');
  return step;
}

function parseCall(reader: Reader, of: Syntax, name: string): Syntax {
  switch (name) {
    case 'as':
    case 'ofType':
      return { kind: 'cast', of, type: reader.take() };
    case 'where':
      return { kind: 'where', of, condition: parseAnd(reader) };
    case 'exists':
      return { kind: 'exists', of };
    default:
      throw new SyntaxError(`no function ${name}`);
  }
}
