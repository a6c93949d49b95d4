import type { PersonRecord } from '../../record/fold.ts';
import { type GivenGround, groundsOfKind, reasonSpan, restrictionSpan } from './grounds.ts';
import { type Span, standsAt } from './spans.ts';

/** What the policies are told of a person. */
export interface PersonFacts {
  readonly restricted: boolean;
  readonly optedOut: boolean;
  readonly deceased: boolean;
}

/** A name (of a fragment, of a person who acts) with when it stands. */
type Named = readonly (readonly [name: string, span: Span])[];

/** Somebody who may act for a person, when, and by whose word. */
interface Proxy {
  readonly person: string;
  readonly span: Span;
  readonly source: string;
}

/** What a record says of its person, with when each stands. */
export interface PersonTimes {
  readonly restricted: readonly Span[];
  readonly optedOut: readonly Span[];
  readonly deceased: readonly Span[];
  /** Fragments that the person asked to seal, and those that ask it: who reads them would know that something is sealed, and often what. */
  readonly sealed: Named;
  /** Persons who may act for this one, each with the organisation that says so. */
  readonly proxies: readonly Proxy[];
}

/** What all linked folds say of the person: one of them is enough for a restriction. */
export function personTimes(record: PersonRecord): PersonTimes {
  const spans = (kind: 'restricted' | 'opt-out' | 'deceased') => groundsOfKind(record, kind).map(restrictionSpan);
  return {
    restricted: spans('restricted'),
    optedOut: spans('opt-out'),
    deceased: spans('deceased'),
    sealed: groundsOfKind(record, 'sealed').flatMap((ground) =>
      named({ ...ground, names: [...ground.names, ground.fragment.fragmentId] }, restrictionSpan(ground)),
    ),
    proxies: groundsOfKind(record, 'proxy').flatMap((ground) =>
      named(ground, reasonSpan(ground, PROXY)).map(([person, span]) => ({ person, span, source: ground.fragment.owner })),
    ),
  };
}

/** A proxy acts from the day to the day that the record says, and not an hour longer. */
const PROXY = { title: 'proxy', beforeDays: 0, afterDays: 0 };

const named = ({ names }: GivenGround, span: Span | undefined): Named =>
  span === undefined ? [] : names.map((name) => [name, span] as const);

/** What stands at an instant. */
export const personFactsAt = ({ restricted, optedOut, deceased }: PersonTimes, atMs: number): PersonFacts => ({
  restricted: standsAt(restricted, atMs),
  optedOut: standsAt(optedOut, atMs),
  deceased: standsAt(deceased, atMs),
});

const NOTHING: ReadonlySet<string> = new Set();

/** Fragments that are sealed at an instant. */
export const sealedAt = ({ sealed }: PersonTimes, atMs: number): ReadonlySet<string> =>
  sealed.length === 0 ? NOTHING : new Set(sealed.flatMap(([name, span]) => (standsAt([span], atMs) ? [name] : [])));

/**
 * Whether somebody may act for the person at an instant.
 * @param caresFor whether an organisation has to do with the person then: the word of any other makes nobody a proxy
 */
export const actsFor = (
  { proxies }: PersonTimes,
  person: string,
  atMs: number,
  caresFor: (organisation: string) => boolean,
): boolean => proxies.some((proxy) => proxy.person === person && standsAt([proxy.span], atMs) && caresFor(proxy.source));
