import { decompress, decompressAside } from './frames.ts';

/** Bodies of versions as they are stored: one compressed frame of one line a version. */
export interface StoredBodies {
  readonly frame: Uint8Array;
  readonly versions: number;
  /** Length of the lines together. */
  readonly contentBytes: number;
  dictionary(): Buffer;
  /** The body that a line stands for; `undefined` for an empty one. */
  bodyOf(line: string, index: number): string | undefined;
}

/** Bodies that are opened when they are asked for. */
export interface LazyBodies {
  at(index: number): string | undefined;
  /** Decompresses what is large in another thread, so that the first body is there at once. */
  open(): Promise<void>;
}

/** From here on lines are kept as bytes, and made into text when they are asked for: a record has megabytes of them. */
const LARGE_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** @param stored absent: no version has content. */
export function lazyBodies(stored: StoredBodies | undefined): LazyBodies {
  if (stored === undefined) return NONE;
  let pending: StoredBodies | undefined = stored;
  let lineAt: (index: number) => string;
  const { bodyOf } = stored;
  const opened = (content: Buffer): void => {
    if (pending === undefined) return;
    lineAt = content.byteLength < LARGE_BYTES ? linesOf(content) : slicesOf(content, pending.versions);
    pending = undefined;
  };
  return {
    at(index) {
      if (pending !== undefined) opened(decompress(pending.frame, pending.dictionary(), pending.contentBytes));
      return bodyOf(lineAt(index), index);
    },
    async open() {
      if (pending === undefined || pending.contentBytes < LARGE_BYTES) return;
      opened(await decompressAside(pending.frame, pending.dictionary(), pending.contentBytes));
    },
  };
}

const NONE: LazyBodies = { at: () => undefined, open: async () => {} };

function linesOf(content: Buffer): (index: number) => string {
  const lines = content.toString().split('\n');
  return (index) => lines[index]!;
}

function slicesOf(content: Buffer, versions: number): (index: number) => string {
  const starts = new Uint32Array(versions + 1);
  for (let index = 1; index < versions; index++) starts[index] = content.indexOf(NEWLINE, starts[index - 1]) + 1;
  starts[versions] = content.byteLength + 1;
  return (index) => content.toString('utf8', starts[index], starts[index + 1]! - 1);
}

const known = new WeakMap<object, LazyBodies>();

/** Notes whose bodies they are, a contribution's or a fold's. */
export const keepBodies = (of: object, bodies: LazyBodies): unknown => known.set(of, bodies);

/** The bodies of what was read from storage; `undefined` for what has just been written. */
export const bodiesOf = (of: object): LazyBodies | undefined => known.get(of);
