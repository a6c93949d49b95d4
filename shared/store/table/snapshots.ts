import type { Steps } from '../../concurrency/steps.ts';
import type { Fold } from '../../record/fold.ts';
import type { Subject } from '../../record/identity.ts';
import { decodeSnapshot, encodeSnapshot } from '../../record/snapshot.ts';
import { type Item, MARKER, MAX_PART_BYTES } from './items.ts';

/**
 * A snapshot is written under a name of its own, its generation, and put in force by the marker: no reader can mix the parts of two.
 * Sort keys: `snapshot#<generation>#<part>`, where a generation is its sequence number and a random word.
 */
export interface Marker {
  /** The snapshot in force holds the fold up to and with this contribution. */
  readonly sequence: number;
  readonly generation: string;
  readonly parts: number;
}

/** A part of a snapshot, whichever generation it is of. */
export interface SnapshotPart {
  readonly generation: string;
  readonly part: number;
  readonly item: Item;
}

const PART_KEY = /^snapshot#(\d{12}-[a-z0-9]+)#(\d{4})$/;

/** @param word tells two snapshots at the same sequence number apart. */
export const generationOf = (sequence: number, word: string): string => `${String(sequence).padStart(12, '0')}-${word}`;

/** Sequence number in the name of a generation. */
export const sequenceOfGeneration = (generation: string): number => Number(generation.slice(0, 12));

/** A fold as the items of one generation. */
export function itemsOfSnapshot(fold: Fold, generation: string): { readonly parts: readonly Item[]; readonly marker: Item } {
  const { manifest, body } = encodeSnapshot(fold);
  const bytes = body === undefined ? manifest : Buffer.concat([manifest, body]);
  const parts: Item[] = [];
  for (let at = 0; at < bytes.byteLength; at += MAX_PART_BYTES) {
    const item = { S: `snapshot#${generation}#${String(parts.length).padStart(4, '0')}` };
    parts.push({ subject: { S: fold.subject }, item, part: { B: bytes.subarray(at, at + MAX_PART_BYTES) } });
  }
  const marker: Item = {
    subject: { S: fold.subject },
    item: { S: MARKER },
    sequence: { N: String(fold.sequence) },
    generation: { S: generation },
    parts: { N: String(parts.length) },
    manifestBytes: { N: String(manifest.byteLength) },
  };
  return { parts, marker };
}

export const markerOf = (item: Item): Marker => ({
  sequence: Number(item.sequence!.N),
  generation: item.generation!.S!,
  parts: Number(item.parts!.N),
});

/** `undefined` for an item that is no part of a snapshot. */
export function snapshotPartOf(item: Item): SnapshotPart | undefined {
  const found = PART_KEY.exec(item.item!.S!);
  return found === null ? undefined : { generation: found[1]!, part: Number(found[2]), item };
}

/** The fold that the marker puts in force; `undefined` when parts are missing, because a newer snapshot has just replaced it. */
export function* foldOfSnapshot(subject: Subject, marker: Item, parts: readonly SnapshotPart[]): Steps<Fold | undefined> {
  const { generation, parts: count } = markerOf(marker);
  const own = parts.filter((part) => part.generation === generation).sort((a, b) => a.part - b.part);
  if (own.length !== count) return undefined;
  const bytes = Buffer.concat(own.map(({ item }) => item.part!.B!));
  const manifestBytes = Number(marker.manifestBytes!.N);
  const body = bytes.subarray(manifestBytes);
  return yield* decodeSnapshot(subject, {
    manifest: bytes.subarray(0, manifestBytes),
    ...(body.byteLength === 0 ? {} : { body }),
  });
}
