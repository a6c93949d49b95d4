import { lazily, millisecondsOf } from './codec.ts';
import type { PersonLink } from './contribution.ts';
import type { Fold, Fragment } from './fold.ts';
import { onItsOwn } from './frames.ts';
import type { Subject } from './identity.ts';
import { openManifest, type Packed, pack } from './packed.ts';
import { DEFAULT_SOURCE } from './source-names.ts';

/** A contribution that fragments of the snapshot came from. */
type Origin = readonly [sequence: number, recordedAtMs: number, owner: string, source?: string];

type Facts = readonly [
  sequence: number,
  recordedAtMs: number,
  contributors: readonly string[],
  links: readonly PersonLink[],
  origins: readonly Origin[],
  /** Of each fragment: the place of its origin. */
  origin: readonly number[],
  /** Of each fragment that a late version came for: its place and its last version. */
  late: readonly (readonly [place: number, lastVersion: number])[],
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

/** Reads the manifest at once, the bodies when one is first asked for. */
export function decodeSnapshot(subject: Subject, { manifest, body }: { manifest: Uint8Array; body?: Uint8Array }): Fold {
  const { facts, versions, bodies } = openManifest<Facts>(subject, manifest);
  const [sequence, recordedAtMs, contributors, links, origins, originOf, late] = facts;
  const instants = origins.map(([, milliseconds]) => new Date(milliseconds).toISOString());
  const instantOf = (place: number) => instants[originOf[place]!]!;
  const kept = body && onItsOwn(body);
  const lines = lazily(() => (kept === undefined ? [] : bodies(kept, instantOf)));
  const fragments = versions.map((version, place): Fragment => {
    const [from, , owner, source = DEFAULT_SOURCE] = origins[originOf[place]!]!;
    return {
      ...version,
      subject,
      owner,
      source,
      sequence: from,
      recordedAt: instantOf(place),
      get body() {
        return lines()[place];
      },
    };
  });
  const lastVersions = new Map(versions.map(({ fragmentId, version }) => [fragmentId, version]));
  for (const [place, last] of late) lastVersions.set(versions[place]!.fragmentId, last);
  return {
    subject,
    sequence,
    ...(sequence === 0 ? {} : { recordedAt: new Date(recordedAtMs).toISOString() }),
    fragments: new Map(fragments.map((fragment) => [fragment.fragmentId, fragment])),
    lastVersions,
    contributors: new Set(contributors),
    links: new Map(links.map((link) => [link.person, link])),
  };
}
