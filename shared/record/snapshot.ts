import type { Steps } from '../concurrency/steps.ts';
import { keepBodies, lazyBodies } from './bodies.ts';
import { millisecondsOf } from './codec.ts';
import type { Fold, FoldedLink, Fragment } from './fold.ts';
import type { Subject } from './identity.ts';
import { openManifest, type Packed, pack, VERSIONS_A_VISIT } from './packed.ts';
import type { RecordedRuling } from './rulings.ts';
import { DEFAULT_SOURCE } from './source-names.ts';

/** A contribution that fragments of the snapshot came from. */
type Origin = readonly [sequence: number, recordedAtMs: number, owner: string, source?: string];

type Facts = readonly [
  sequence: number,
  recordedAtMs: number,
  contributors: readonly string[],
  links: readonly FoldedLink[],
  origins: readonly Origin[],
  /** Of each fragment: the place of its origin. */
  origin: readonly number[],
  /** Of each fragment that a late version came for: its place and its last version. */
  late: readonly (readonly [place: number, lastVersion: number])[],
  rulings?: readonly RecordedRuling[],
];

/** A fold as it is stored: what `decodeSnapshot` reads is equal to what was given, with the same order. */
export function encodeSnapshot(fold: Fold): Packed {
  const fragments = [...fold.fragments.values()];
  const origins = new Map<number, { place: number; origin: Origin }>();
  for (const fragment of fragments) {
    if (!origins.has(fragment.sequence)) origins.set(fragment.sequence, { place: origins.size, origin: originOf(fragment) });
  }
  const facts: Facts = [
    fold.sequence,
    fold.recordedAt === undefined ? 0 : millisecondsOf(fold.recordedAt),
    [...fold.contributors],
    [...fold.links.values()],
    [...origins.values()].map(({ origin }) => origin),
    fragments.map(({ sequence }) => origins.get(sequence)!.place),
    fragments.flatMap(({ fragmentId, version }, place) => {
      const last = fold.lastVersions.get(fragmentId);
      return last === undefined || last === version ? [] : [[place, last] as const];
    }),
    ...(fold.rulings.length === 0 ? ([] as const) : ([fold.rulings] as const)),
  ];
  return pack(
    fold.subject,
    facts,
    fragments.map((fragment) => ({ version: fragment, recordedAt: fragment.recordedAt, body: fragment.body })),
  );
}

function originOf({ sequence, recordedAt, owner, source }: Fragment): Origin {
  const origin = [sequence, millisecondsOf(recordedAt), owner] as const;
  return source === DEFAULT_SOURCE ? origin : [...origin, source];
}

/** A snapshot as it is stored. */
export interface StoredSnapshot {
  readonly manifest: Uint8Array;
  readonly body?: Uint8Array;
}

/** Reads the manifest, in steps, and the bodies when one is first asked for. */
export function* decodeSnapshot(subject: Subject, { manifest, body }: StoredSnapshot): Steps<Fold> {
  const { facts, versions, bodies } = yield* openManifest<Facts>(subject, manifest);
  const [sequence, recordedAtMs, contributors, links, origins, originOf, late, rulings = []] = facts;
  const instants = origins.map(([, milliseconds]) => new Date(milliseconds).toISOString());
  const instantOf = (place: number) => instants[originOf[place]!]!;
  const lines = lazyBodies(body && bodies(body, instantOf));
  const fragments = new Map<string, Fragment>();
  const lastVersions = new Map<string, number>();
  for (const [place, version] of versions.entries()) {
    const [from, , owner, source = DEFAULT_SOURCE] = origins[originOf[place]!]!;
    const { fragmentId } = version;
    fragments.set(fragmentId, {
      ...version,
      subject,
      owner,
      source,
      sequence: from,
      recordedAt: instantOf(place),
      get body() {
        return lines.at(place);
      },
    });
    lastVersions.set(fragmentId, version.version);
    if (place % VERSIONS_A_VISIT === 0) yield 1;
  }
  for (const [place, last] of late) lastVersions.set(versions[place]!.fragmentId, last);
  const fold: Fold = {
    subject,
    sequence,
    ...(sequence === 0 ? {} : { recordedAt: new Date(recordedAtMs).toISOString() }),
    fragments,
    lastVersions,
    contributors: new Set(contributors),
    links: new Map(links.map((link) => [link.person, link])),
    rulings,
  };
  keepBodies(fold, lines);
  return fold;
}
