import { type Refusal, refuse } from '../../shared/fhir/outcomes.ts';
import type { HttpRequest } from '../../shared/lambda/http.ts';

const RESOURCE = ['application/fhir+json', 'application/json'];
const PATCH = ['application/json-patch+json'];

/**
 * FHIR R4 in JSON and UTF-8 is accepted, JSON Patch for PATCH; a body without Content-Type is taken for what it should be.
 * XML is told so (http://hl7.org/fhir/R4/http.html#mime-type).
 */
export function checkMediaType({ method, headers, body }: Pick<HttpRequest, 'method' | 'headers' | 'body'>): Refusal | undefined {
  const sent = headers['content-type'];
  if (sent === undefined || body.length === 0) return undefined;
  const [type = '', ...parameters] = sent.toLowerCase().split(';');
  const accepted = method === 'PATCH' ? PATCH : RESOURCE;
  if (!accepted.includes(type.trim())) {
    return refuse(
      'media-type',
      method === 'PATCH' ? { diagnostics: 'A PATCH is a JSON Patch: application/json-patch+json.' } : {},
    );
  }
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  return isUtf8 ? undefined : refuse('media-type', { diagnostics: 'Send UTF-8.' });
}
