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
 * The entries of as many items as one page holds. The first is taken however large it is.
 * @param maxBytes of UTF-8, of all entries together
 */
export function fillPage<Item>(
  items: readonly Item[],
  entryOf: (item: Item) => string,
  maxEntries: number,
  maxBytes: number = PAGE.maxBytes,
): string[] {
  const page: string[] = [];
  let atMostBytes = 0;
  let bytes: number | undefined;
  for (const item of items) {
    if (page.length >= maxEntries) break;
    const entry = entryOf(item);
    // Three bytes a UTF-16 unit is the most there can be: counting what is far from the bound would cost more than joining it.
    atMostBytes += entry.length * 3;
    if (atMostBytes > maxBytes) {
      bytes ??= page.reduce((sum, earlier) => sum + Buffer.byteLength(earlier), 0);
      bytes += Buffer.byteLength(entry);
      if (bytes > maxBytes && page.length > 0) break;
    }
    page.push(entry);
  }
  return page;
}

/** A page of matches, with what goes along with them. */
export interface PageWithIncluded<Item> {
  readonly shown: readonly Item[];
  readonly entries: readonly string[];
  /** Whether some of what goes along did not fit, though there is only one match on the page. */
  readonly isCut: boolean;
}

/**
 * Fills a page with matches and what goes along with them. Where both together are too much for one answer, it holds fewer matches; what goes along with a single match and
 * does not fit is left out.
 */
export function fillPageWithIncluded<Item>(
  items: readonly Item[],
  entryOf: (item: Item) => string,
  includedWith: (shown: readonly Item[]) => readonly string[],
  maxEntries: number,
): PageWithIncluded<Item> {
  let entries = fillPage(items, entryOf, maxEntries);
  for (;;) {
    const shown = items.slice(0, entries.length);
    const included = includedWith(shown);
    const all = [...entries, ...included];
    const fitting = fillPage(all, (entry) => entry, Number.POSITIVE_INFINITY);
    if (fitting.length === all.length || entries.length <= 1)
      return { shown, entries: fitting, isCut: fitting.length < all.length };
    entries = entries.slice(0, Math.ceil(entries.length / 2));
  }
}
