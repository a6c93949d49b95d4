import { isRefusal, type Refusal, refuse } from '../outcomes.ts';
import { type Cursor, type CursorHolder, openCursor, sealCursor } from '../search/cursor.ts';
import type { BundleLink } from './bundle.ts';

/** Query parameters, in their order. */
export type Query = readonly (readonly [name: string, value: string])[];

/** The one parameter of the address of a further page: everything else is sealed inside. */
const CURSOR = '_cursor';

/** A page that is asked for. */
export interface PageRequest {
  /** What is paged through: the path below the FHIR base, with opaque ids only. */
  readonly path: string;
  /** The parameters of the first page, without those of the media type. */
  readonly query: Query;
  /** `undefined` on the first page. */
  readonly cursor: Cursor | undefined;
}

/**
 * Reads which page is asked for.
 * @returns a refusal `bad-cursor` for an address that was not given out, that was given to somebody else, or that belongs to another path
 */
export function openPage(key: Uint8Array, holder: CursorHolder, path: string, query: Query): PageRequest | Refusal {
  const sealed = query.find(([name]) => name === CURSOR)?.[1];
  if (sealed === undefined) return { path, query, cursor: undefined };
  const cursor = openCursor(key, sealed, holder);
  if (isRefusal(cursor)) return cursor;
  return cursor.path === path ? { path, query: cursor.query, cursor } : refuse('bad-cursor');
}

/** Where the next page starts, and at which state of the record. */
export type NextPage = Pick<Cursor, 'sequences' | 'offset' | 'at'>;

/**
 * `self` and `next` of a page. Neither holds an identifier: the first page tells its `selfQuery`, a further one the cursor that it was asked for with.
 * @param selfQuery the parameters that were taken into account, none of which may be an identifier of a person
 */
export function pageLinks(
  key: Uint8Array,
  holder: CursorHolder,
  fhirUrl: string,
  { path, query, cursor }: PageRequest,
  selfQuery: Query,
  next: NextPage | undefined,
): BundleLink[] {
  const sealed = (position: NextPage): Query => [[CURSOR, sealCursor(key, { path, query, ...position }, holder)]];
  const links: BundleLink[] = [
    { relation: 'self', url: addressOf(fhirUrl, path, cursor === undefined ? selfQuery : sealed(cursor)) },
  ];
  if (next !== undefined) links.push({ relation: 'next', url: addressOf(fhirUrl, path, sealed(next)) });
  return links;
}

/** The address of a path with parameters. */
export const addressOf = (fhirUrl: string, path: string, query: Query): string =>
  query.length === 0 ? `${fhirUrl}/${path}` : `${fhirUrl}/${path}?${new URLSearchParams(query as [string, string][])}`;
