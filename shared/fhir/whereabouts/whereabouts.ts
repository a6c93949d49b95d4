import { parseJson } from '../json.ts';
import { type Json, redactResource } from './redact.ts';
import type { Whereabouts } from './words.ts';

/**
 * A resource as it is shown of a restricted person: without addresses, telephone numbers, places and those who work there, documents,
 * narratives, identifiers other than the NHS number, what names its source, and every text that holds one of the person's whereabouts or a postcode. What R4 requires
 * is masked where it would be lost (data-absent-reason), so that valid stays valid. Done again it changes nothing.
 *
 * @param body FHIR JSON of one resource
 */
export function withoutWhereabouts(body: string, whereabouts: Whereabouts): string {
  // Decimals stay as they were written.
  const resource = parseJson(Buffer.from(body)) as Json;
  return JSON.stringify(redactResource(resource, whereabouts));
}
