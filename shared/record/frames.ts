import { promisify } from 'node:util';
import { constants, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';

const LEVEL = 3;
const COMPRESSION = { [constants.ZSTD_c_compressionLevel]: LEVEL };
const SMALLEST_CHUNK_BYTES = 16_384;

/** One zstd frame (RFC 8878) whose compressor knows `dictionary`, a raw-content prefix. */
export const compress = (content: Buffer, dictionary: Buffer): Buffer =>
  zstdCompressSync(content, {
    params: COMPRESSION,
    dictionary,
    chunkSize: Math.max(SMALLEST_CHUNK_BYTES, content.byteLength >> 2),
  });

/** @param contentBytes expected length of the content; a good guess saves copying. */
export const decompress = (frame: Uint8Array, dictionary: Buffer, contentBytes: number): Buffer =>
  zstdDecompressSync(frame, { dictionary, chunkSize: Math.max(SMALLEST_CHUNK_BYTES, contentBytes + 64) });

const decompressInThread = promisify(zstdDecompress);

/** The same in another thread. */
export const decompressAside = (frame: Uint8Array, dictionary: Buffer, contentBytes: number): Promise<Buffer> =>
  decompressInThread(frame, { dictionary, chunkSize: Math.max(SMALLEST_CHUNK_BYTES, contentBytes + 64) });

/** The same bytes, copied where they are a small part of a larger buffer: whoever keeps a part keeps all of it in memory. */
export const onItsOwn = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength * 2 < bytes.buffer.byteLength ? new Uint8Array(bytes) : bytes;
