/** Parts a text at a separator that is not escaped (http://hl7.org/fhir/R4/search.html#escaping); the parts stay escaped. */
export function splitEscaped(text: string, separator: ',' | '|' | '$'): string[] {
  if (!text.includes('\\')) return text.split(separator);
  const parts = [''];
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === separator) parts.push('');
    else parts[parts.length - 1] += character === '\\' ? text.slice(at, ++at + 1) : character;
  }
  return parts;
}

export const unescaped = (text: string): string => text.replace(/\\([,|$\\])/g, '$1');
