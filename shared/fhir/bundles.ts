import { type Interaction, type RawInteraction, readInteraction } from './interactions.ts';
import { parseJson } from './json.ts';
import { type Issue, isRefusal, operationOutcome, type Refusal, refuse } from './outcomes.ts';
import type { Json } from './references.ts';

/** Transaction and batch bundles (http://hl7.org/fhir/R4/http.html#transaction), taken apart and answered. */

/** One entry, understood; or what is wrong with it. */
export type BundleEntry = {
  /** Position in the bundle. */
  readonly index: number;
  readonly fullUrl?: string;
} & ({ readonly interaction: Interaction } | { readonly issues: readonly Issue[] });

/** A bundle that is to be acted on. */
export interface WriteBundle {
  readonly type: 'transaction' | 'batch';
  readonly entries: readonly BundleEntry[];
}

/** More would not fit any answer; the bulk import takes them. */
const MAX_ENTRIES = 20_000;

/** @param fhirUrl the address of this server: the `request.url` of an entry may be absolute to it. */
export function readBundle(bundle: Json, fhirUrl: string): WriteBundle | Refusal {
  const { type, entry = [] } = bundle;
  if (type !== 'transaction' && type !== 'batch') return refuse('bad-bundle', { expression: 'Bundle.type' });
  if (!Array.isArray(entry)) return refuse('bad-bundle', { expression: 'Bundle.entry' });
  if (entry.length > MAX_ENTRIES) return refuse('too-large', { expression: 'Bundle.entry' });
  return { type, entries: entry.map((item, index) => readEntry(item, index, fhirUrl)) };
}

function readEntry(item: unknown, index: number, fhirUrl: string): BundleEntry {
  const at = `Bundle.entry[${index}]`;
  const { fullUrl, request, resource } = (item ?? {}) as { fullUrl?: unknown; request?: Json; resource?: unknown };
  const named = { index, ...(typeof fullUrl === 'string' ? { fullUrl } : {}) };
  const { method, url } = request ?? {};
  if (typeof method !== 'string' || typeof url !== 'string')
    return { ...named, issues: [{ code: 'bad-bundle', expression: `${at}.request` }] };
  if (method === 'GET' || method === 'HEAD') return { ...named, issues: [readsRefused(at)] };
  const address = readAddress(url, fhirUrl);
  if (address === undefined) return { ...named, issues: [{ code: 'bad-bundle', expression: `${at}.request.url` }] };
  const body = method === 'PATCH' ? patchOf(resource) : resource;
  const interaction = readInteraction({ method, ...address, ...preconditions(request as Json), body }, `${at}.resource`);
  return 'issues' in interaction ? { ...named, issues: interaction.issues } : { ...named, interaction };
}

const readsRefused = (at: string): Issue => ({
  code: 'not-allowed',
  expression: `${at}.request.method`,
  diagnostics: 'Bundles write. Read with GET, one address at a time.',
});

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function preconditions(request: Json): Partial<RawInteraction> {
  const [ifMatch, ifNoneMatch, ifNoneExist] = [textOf(request.ifMatch), textOf(request.ifNoneMatch), textOf(request.ifNoneExist)];
  return {
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
    ...(ifNoneExist === undefined ? {} : { ifNoneExist }),
  };
}

/** `Observation/123?…`, relative or absolute to this server. */
function readAddress(url: string, fhirUrl: string): Pick<RawInteraction, 'path' | 'query'> | undefined {
  const relative = url.startsWith(`${fhirUrl}/`) ? url.slice(fhirUrl.length + 1) : url.replace(/^\//, '');
  const [path = '', query] = splitOnce(relative, '?');
  if (path === '' || path.includes(':')) return undefined;
  return { path: path.split('/'), query: query === undefined ? [] : [...new URLSearchParams(query)] };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** FHIR R4, http.html#patch: in a bundle a JSON Patch comes as a Binary. */
function patchOf(resource: unknown): unknown {
  const { resourceType, contentType, data } = (resource ?? {}) as Json;
  if (resourceType !== 'Binary' || typeof contentType !== 'string' || typeof data !== 'string') return undefined;
  if (!contentType.startsWith('application/json-patch+json')) return undefined;
  const patch = parseJson(Buffer.from(data, 'base64'));
  return isRefusal(patch) ? undefined : patch;
}

/** What became of one entry. */
export interface EntryAnswer {
  readonly status: number;
  /** `Observation/<id>/_history/3`. */
  readonly location?: string;
  readonly etag?: string;
  /** ISO 8601 instant. */
  readonly lastModified?: string;
  readonly issues?: readonly Issue[];
  /** The resource as it stands, when the caller asked for it: JSON. */
  readonly body?: string;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
};

/** The JSON of a `transaction-response` or `batch-response`: one entry for each that came, in the same order. */
export function responseBundle(type: WriteBundle['type'], answers: readonly EntryAnswer[]): string {
  const head = `{"resourceType":"Bundle","type":"${type}-response"`;
  // FHIR allows no empty array.
  return answers.length === 0 ? `${head}}` : `${head},"entry":[${answers.map(responseEntry).join()}]}`;
}

function responseEntry({ status, location, etag, lastModified, issues, body }: EntryAnswer): string {
  const response = JSON.stringify({
    status: `${status} ${REASONS[status] ?? ''}`.trim(),
    location,
    etag,
    lastModified,
    ...(issues === undefined ? {} : { outcome: operationOutcome(issues) }),
  });
  // The stored line is spliced in as it is.
  return body === undefined ? `{"response":${response}}` : `{"resource":${body},"response":${response}}`;
}
