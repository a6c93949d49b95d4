import { isRefusal, type Refusal, refuse } from '../outcomes.ts';
import { type Cursor, type CursorHolder, openCursor, sealCursor } from '../search/cursor.ts';
import type { BundleLink } from './bundle.ts';
import type { Query } from './query-parameters.ts';

/** The one parameter of the address of a further page: everything else is sealed inside. */
const CURSOR = '_cursor';

/** A page that is asked for. */
export interface PageRequest {
  /** What is paged through: the path below the FHIR base, with opaque ids only. */
  readonly path: string;
  /** The parameters of the first page, without those of the media type. */
  readonly query: Query;
  /** Those of the media type: they stay in every address, since a browser follows links with the same `Accept`. */
  readonly form: Query;
  /** `undefined` on the first page. */
  readonly cursor: Cursor | undefined;
}

/**
 * Reads which page is asked for.
 * @returns a refusal `bad-cursor` for an address that was not given out, that was given to somebody else, or that belongs to another path
 */
export function openPage(
  key: Uint8Array,
  holder: CursorHolder,
  path: string,
  query: Query,
  form: Query = [],
): PageRequest | Refusal {
  const [sealed, ...others] = new Set(query.flatMap(([name, value]) => (name === CURSOR ? [value] : [])));
  if (sealed === undefined) return { path, query, form, cursor: undefined };
  if (others.length > 0) return refuse('bad-cursor');
  const cursor = openCursor(key, sealed, holder);
  if (isRefusal(cursor)) return cursor;
  return cursor.path === path ? { path, query: cursor.query, form, cursor } : refuse('bad-cursor');
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
  { path, query, form, cursor }: PageRequest,
  selfQuery: Query,
  next: NextPage | undefined,
): BundleLink[] {
  const sealed = (position: NextPage): Query => [[CURSOR, sealCursor(key, { path, query, ...position }, holder)]];
  const linkTo = (relation: BundleLink['relation'], own: Query): BundleLink => ({
    relation,
    url: addressOf(fhirUrl, path, [...own, ...form]),
  });
  const self = linkTo('self', cursor === undefined ? selfQuery : sealed(cursor));
  return next === undefined ? [self] : [self, linkTo('next', sealed(next))];
}

/** The address of a path with parameters. */
export const addressOf = (fhirUrl: string, path: string, query: Query): string =>
  query.length === 0 ? `${fhirUrl}/${path}` : `${fhirUrl}/${path}?${new URLSearchParams(query as [string, string][])}`;
