import { isJsonContent } from '../../shared/fhir/answers/media.ts';
import { parseJson } from '../../shared/fhir/json.ts';
import { type Issue, isRefusal, type Refusal, refuse } from '../../shared/fhir/outcomes.ts';
import type { SubscribeRequest } from './context.ts';

export type Resource = Readonly<Record<string, unknown>>;

/**
 * Reads the resource of a create or an update.
 * @param id the id in the address, which that of the body has to be
 */
export function readResource({ body, headers }: SubscribeRequest, type: string, id?: string): Resource | Refusal {
  if (!isJsonContent(headers['content-type'])) return refuse('media-type');
  if (body.byteLength === 0) return refuse('body-required');
  const resource = parseJson(body);
  if (isRefusal(resource)) return resource;
  if (!isObject(resource)) return refuse('invalid-resource');
  if (resource.resourceType !== type) return refuse('type-mismatch', { expression: `${type}.resourceType` });
  if (id !== undefined && resource.id !== id) return refuse('type-mismatch', { expression: `${type}.id` });
  return resource;
}

export const isObject = (value: unknown): value is Resource =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Characters of a text of the caller's own that is kept: an item of the table holds 400 kB, with all else. */
const MOST_CHARACTERS = 1_000;

/** A text that is kept has an end. */
export const issuesOfText = (text: unknown, expression: string): readonly Issue[] =>
  typeof text === 'string' && text.length > MOST_CHARACTERS
    ? [{ code: 'bad-value', expression, diagnostics: `At most ${MOST_CHARACTERS} characters are kept.` }]
    : [];

/** FHIR R4, extensibility.html#modifierExtension: what changes the meaning, and is not known, has to be refused. */
export function issuesOfModifiers(resource: Resource, at: string): readonly Issue[] {
  return ['modifierExtension', 'implicitRules']
    .filter((name) => resource[name] !== undefined)
    .map((name) => ({ code: 'unknown-extension', expression: `${at}.${name}` }));
}
