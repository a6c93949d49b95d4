import { type Refusal, refuse } from '../outcomes.ts';
import type { Query } from './query-parameters.ts';

/** How an answer is wanted. */
export interface Wanted {
  /** `_pretty=true`. */
  readonly pretty: boolean;
  /** `Prefer: handling=strict`: an unknown parameter is refused. The default, lenient, ignores it and says so. */
  readonly strict: boolean;
  /** The parameters that decided the form, for the addresses of this answer and of later pages. */
  readonly form: Query;
}

/** Parameters that say how the answer is wanted and not what is asked for (http://hl7.org/fhir/R4/http.html#parameters). */
export const MEDIA_PARAMETERS: ReadonlySet<string> = new Set(['_format', '_pretty']);

const JSON_TYPES: ReadonlySet<string> = new Set([
  'application/fhir+json',
  'application/json',
  'application/json+fhir',
  'text/json',
  'json',
]);
const ANYTHING: ReadonlySet<string> = new Set(['*/*', 'application/*']);

/**
 * Reads `_format` (which goes before `Accept`), `Accept`, `_pretty` and `Prefer`.
 * @returns a refusal `not-acceptable` when only something else than FHIR R4 in JSON is wanted
 */
export function wantedOf(headers: Readonly<Record<string, string | undefined>>, query: Query): Wanted | Refusal {
  const [format, ...otherFormats] = valuesOf(query, '_format');
  const [pretty, ...contrary] = valuesOf(query, '_pretty');
  if (otherFormats.length > 0) return refuse('repeated-parameter', { diagnostics: '_format' });
  if (contrary.length > 0) return refuse('repeated-parameter', { diagnostics: '_pretty' });
  // An unescaped "+" of a query string arrives as a space.
  if (!accepts(format === undefined ? headers.accept : format.replace(' ', '+'))) return refuse('not-acceptable');
  return {
    pretty: pretty === 'true',
    // Written anew: nothing that was sent comes back in an address.
    form: [...(format === undefined ? [] : [FORMAT]), ...(pretty === 'true' ? [PRETTY] : [])],
    strict: /(?:^|[,;\s])handling\s*=\s*"?strict\b/i.test(headers.prefer ?? ''),
  };
}

const FORMAT = ['_format', 'json'] as const;
const PRETTY = ['_pretty', 'true'] as const;

const valuesOf = (query: Query, name: string): readonly string[] => [
  ...new Set(query.flatMap(([known, value]) => (known === name ? [value] : []))),
];

/** Media types of FHIR R4 in JSON that are taken in (http://hl7.org/fhir/R4/http.html#mime-type). */
const SENT_TYPES: ReadonlySet<string> = new Set(['application/fhir+json', 'application/json', 'application/json+fhir']);

/** Whether a body is JSON by its `Content-Type`; one without is taken for what it should be. */
export const isJsonContent = (contentType: string | undefined): boolean =>
  contentType === undefined || SENT_TYPES.has((contentType.split(';')[0] ?? '').trim().toLowerCase());

/** RFC 9110, section 12.5.1, as far as there is only one thing to offer. `fhirVersion` is of http://hl7.org/fhir/R4/http.html#version-parameter. */
function accepts(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (parameters.some((parameter) => /^q\s*=\s*0(\.0*)?$/.test(parameter))) return false;
    const version = parameters.find((parameter) => parameter.startsWith('fhirversion'));
    if (version !== undefined && !/=\s*"?4\.0(\.\d+)?"?$/.test(version)) return false;
    return JSON_TYPES.has(type) || ANYTHING.has(type);
  });
}
