/**
 * The XHTML of a narrative (http://hl7.org/fhir/R4/narrative.html#xhtml): one div, well formed, with the formatting elements of HTML 4.0
 * chapters 7 to 11 and 15, links and images, and nothing that acts: narratives end up on screens.
 */

const ELEMENTS: ReadonlySet<string> = new Set(
  (
    'a abbr acronym address b bdo big blockquote br caption center cite code col colgroup dd dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ' +
    'ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var del'
  ).split(' '),
);

/** One tag, comment or character reference. Attribute values hold no `<`, as XML has it. */
const TAG = /^<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z_:][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>$/;
const ATTRIBUTE = /([a-zA-Z_:][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;

const ATTRIBUTES: ReadonlySet<string> = new Set(
  (
    'abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset cite class color colspan compact ' +
    'coords dir face frame headers height href hreflang hspace id lang longdesc name nowrap rel rev rowspan rules scope shape size span src ' +
    'start style summary tabindex title type valign value vspace width xml:lang xml:space xmlns'
  ).split(' '),
);
/** Where a link or an image may lead. */
const SAFE_ADDRESS = /^(?:https?:|mailto:|tel:|urn:(?:uuid|oid):|#|data:image\/(?:png|jpeg|gif);|[^:]*$)/i;
const UNSAFE_STYLE = /expression\s*\(|javascript:|url\s*\(|@import|behavior\s*:/i;

/** What is wrong with the text of a `div`; `undefined` when nothing is, or when it is no text. Time in proportion to its length. */
export function narrativeProblem(div: unknown): 'unsafe' | 'empty' | undefined {
  if (typeof div !== 'string' || div === '') return undefined;
  const open: string[] = [];
  let hasContent = false;
  let position = 0;
  const text = div.trim();
  while (position < text.length) {
    const start = text.indexOf('<', position);
    const content = text.slice(position, start < 0 ? undefined : start);
    if (content.trim() !== '') {
      if (open.length === 0) return 'unsafe';
      hasContent = true;
    }
    if (start < 0) break;
    const end = endOfMarkup(text, start);
    if (end < 0) return 'unsafe';
    position = end;
    if (text.startsWith('<!--', start)) continue;
    const tag = readTag(text.slice(start, end));
    if (tag === undefined || !fits(tag, open, start)) return 'unsafe';
    if (tag.name === 'img') hasContent = true;
  }
  if (open.length > 0) return 'unsafe';
  return hasContent ? undefined : 'empty';
}

interface Tag {
  readonly name: string;
  readonly closes: boolean;
  readonly opens: boolean;
}

function endOfMarkup(text: string, start: number): number {
  const isComment = text.startsWith('<!--', start);
  const end = text.indexOf(isComment ? '-->' : '>', start);
  return end < 0 ? -1 : end + (isComment ? 3 : 1);
}

function readTag(text: string): Tag | undefined {
  const [, slash, name = '', attributes = '', selfClosing] = TAG.exec(text) ?? [];
  if (!ELEMENTS.has(name)) return undefined;
  for (const [, attribute = '', double, single] of attributes.matchAll(ATTRIBUTE)) {
    if (!isSafe(attribute, double ?? single ?? '')) return undefined;
  }
  return { name, closes: slash === '/', opens: slash !== '/' && selfClosing !== '/' };
}

function isSafe(attribute: string, value: string): boolean {
  if (!ATTRIBUTES.has(attribute)) return false;
  if (attribute === 'href' || attribute === 'src' || attribute === 'cite' || attribute === 'longdesc') {
    return SAFE_ADDRESS.test(value.replace(/&#?\w+;|\s/g, ''));
  }
  return attribute !== 'style' || !UNSAFE_STYLE.test(value);
}

/** Keeps the stack of open elements. False: not one div, or not well formed. */
function fits({ name, closes, opens }: Tag, open: string[], start: number): boolean {
  if (closes) return open.pop() === name;
  // The div is the first thing, and the only one on its level.
  if (open.length === 0 && (name !== 'div' || start !== 0)) return false;
  if (opens) open.push(name);
  return true;
}
