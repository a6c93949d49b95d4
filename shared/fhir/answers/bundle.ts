import type { Steps } from '../../concurrency/steps.ts';
import type { FragmentVersion } from '../../record/contribution.ts';
import { operationOutcome } from '../outcomes.ts';

/** What a page may hold: Lambda answers at most 6 MB, of which base64 takes a third; an API client copes with a thousand entries. */
export const PAGE = { defaultEntries: 100, maxEntries: 1_000, maxBytes: 4_000_000 } as const;

/** A link of a Bundle. */
export interface BundleLink {
  readonly relation: 'self' | 'first' | 'next';
  readonly url: string;
}

/** What a Bundle of answers says beside its entries. */
export interface BundleHead {
  readonly type: 'searchset' | 'history';
  /** ISO 8601 instant at which the answer was made. */
  readonly timestamp: string;
  /** How many there are on all pages together; absent when it was not asked for. */
  readonly total?: number;
  readonly links: readonly BundleLink[];
}

/** The JSON of a Bundle (http://hl7.org/fhir/R4/bundle.html) around entries that are JSON already: nothing is parsed. */
export function bundleText({ type, timestamp, total, links }: BundleHead, entries: readonly string[]): string {
  const head = {
    resourceType: 'Bundle',
    meta: { lastUpdated: timestamp },
    type,
    timestamp,
    total,
    link: links,
  };
  const text = JSON.stringify(head);
  // FHIR allows no empty array.
  return entries.length === 0 ? text : `${text.slice(0, -1)},"entry":[${entries.join(',')}]}`;
}

/**
 * An entry of a searchset.
 * @param resource JSON text of the resource
 */
export const searchEntry = (fullUrl: string, resource: string, mode: 'match' | 'include'): string =>
  `{"fullUrl":"${fullUrl}","resource":${resource},"search":{"mode":"${mode}"}}`;

/** An entry of a searchset that tells about the search itself. */
export const outcomeEntry = (outcome: fhir4.OperationOutcome): string =>
  `{"resource":${JSON.stringify(outcome)},"search":{"mode":"outcome"}}`;

/** One version, as a history tells it. */
export interface HistoryVersion {
  readonly id: string;
  readonly type: string;
  readonly version: string;
  readonly action: FragmentVersion['action'];
  readonly recordedAt: string;
  /** JSON text; `undefined` when this version is the retraction. */
  readonly body: string | undefined;
}

const HISTORY_REQUESTS = {
  created: { method: 'POST', status: '201 Created' },
  updated: { method: 'PUT', status: '200 OK' },
  late: { method: 'PUT', status: '200 OK' },
  retracted: { method: 'DELETE', status: '204 No Content' },
} as const;

/** The newest entry of a history is taken for the current version, unless it says otherwise. */
const LATE = { outcome: operationOutcome([{ code: 'late-arrival' }]) };

/** An entry of a history: `request` and `response` tell what was done (http://hl7.org/fhir/R4/http.html#history). */
export function historyEntry(fhirUrl: string, { id, type, version, action, recordedAt, body }: HistoryVersion): string {
  const { method, status } = HISTORY_REQUESTS[action];
  const told = {
    fullUrl: `${fhirUrl}/${type}/${id}`,
    request: { method, url: method === 'POST' ? type : `${type}/${id}` },
    response: { status, etag: `W/"${version}"`, lastModified: recordedAt, ...(action === 'late' ? LATE : {}) },
  };
  const text = JSON.stringify(told);
  return body === undefined ? text : `${text.slice(0, -1)},"resource":${body}}`;
}

/**
 * An entry of a history that tells about the request itself. Every entry of a history has a request and a response
 * (bdl-3, bdl-4).
 * @param path of the history, below the FHIR base
 */
export const historyOutcomeEntry = (path: string, outcome: fhir4.OperationOutcome): string =>
  JSON.stringify({ request: { method: 'GET', url: path }, response: { status: '200 OK', outcome } });

/**
 * The entries of as many items as one page holds. The first is taken however large it is.
 * @param maxBytes of UTF-8, of all entries together
 */
export function* fillPage<Item>(
  items: readonly Item[],
  entryOf: (item: Item) => string,
  maxEntries: number,
  maxBytes: number = PAGE.maxBytes,
): Steps<string[]> {
  const page: string[] = [];
  let bytes = 0;
  for (const item of items) {
    if (page.length >= maxEntries) break;
    const entry = entryOf(item);
    bytes += Buffer.byteLength(entry);
    if (bytes > maxBytes && page.length > 0) break;
    page.push(entry);
    yield 1;
  }
  return page;
}

/** A page of matches, with what goes along with them. */
export interface PageWithIncluded<Item> {
  readonly shown: readonly Item[];
  readonly included: readonly Item[];
  /** Matches first, then what goes along with them. */
  readonly entries: readonly string[];
  /** Whether some of what goes along did not fit, though there is only one match on the page. */
  readonly isCut: boolean;
}

/** What a page is made of. */
export interface PageContent<Item> {
  readonly items: readonly Item[];
  entryOf(item: Item, mode: 'match' | 'include'): string;
  /** Hands over what one more match brings along, until something is not taken. */
  along(match: Item, take: (item: Item) => boolean): Steps<void>;
}

/**
 * Fills a page with matches, each with what goes along with it, for as long as they fit. Where the next match does not
 * fit with all that it brings along, the next page begins with it; what goes along with a single match and does not fit
 * is left out. Every entry is written once, and nothing is looked for that no longer fits.
 */
export function* fillPageWithIncluded<Item>(
  { items, entryOf, along }: PageContent<Item>,
  maxEntries: number,
  maxBytes: number = PAGE.maxBytes,
): Steps<PageWithIncluded<Item>> {
  const shown = new Map<Item, string>();
  const included = new Map<Item, string>();
  let bytes = 0;
  let isCut = false;
  for (const match of items) {
    if (shown.size >= maxEntries) break;
    yield 1;
    const entry = entryOf(match, 'match');
    const brought = new Map<Item, string>();
    // What an earlier match has brought along, and is a match itself, is said once.
    let added = Buffer.byteLength(entry) - Buffer.byteLength(included.get(match) ?? '');
    if (bytes + added > maxBytes && shown.size > 0) break;
    let isFull = false;
    yield* along(match, (item) => {
      const text = entryOf(item, 'include');
      const textBytes = Buffer.byteLength(text);
      isFull = bytes + added + textBytes > maxBytes;
      if (isFull) return false;
      added += textBytes;
      brought.set(item, text);
      return true;
    });
    isCut = isFull && shown.size === 0;
    if (isFull && !isCut) break;
    shown.set(match, entry);
    included.delete(match);
    for (const [item, text] of brought) included.set(item, text);
    bytes += added;
    if (isCut) break;
  }
  return {
    shown: [...shown.keys()],
    included: [...included.keys()],
    entries: [...shown.values(), ...included.values()],
    isCut,
  };
}
