import type { IncomingMessage } from 'node:http';

/** API Gateway takes no larger request (REST API quotas: 10 MB). */
const MOST_REQUEST_BYTES = 10 * 1024 * 1024;

/** Lambda takes no larger event (6 MB); in it the body stands as base64, beside headers and the rest. */
const MOST_EVENT_BYTES = 6 * 1024 * 1024;

/** What a request brought: its bytes; too many of them; or the caller hung up. */
export type Body = { readonly bytes: Uint8Array<ArrayBuffer> | undefined } | 'too-large' | 'gone';

/** Whether the head alone says that the body is too large. */
export function announcesTooMuch(request: IncomingMessage): boolean {
  return Number(request.headers['content-length'] ?? 0) > MOST_REQUEST_BYTES;
}

/** Reads the body of a request. Of one that is too large no more is kept in memory than was. */
export function readBody(request: IncomingMessage): Promise<Body> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MOST_REQUEST_BYTES) chunks.push(chunk);
      else {
        chunks = [];
        resolve('too-large');
      }
    });
    request.on('end', () => resolve({ bytes: bytes === 0 ? undefined : joined(chunks, bytes) }));
    request.on('error', () => resolve('gone'));
    request.on('close', () => resolve('gone'));
  });
}

/** With a body below this an event surely fits: the head of a request is bounded. */
const SURELY_FITS_BYTES = 4 * 1024 * 1024;

/** Whether Lambda would take an event (which holds everything but the body) with this body. */
export function fitsEvent(body: Uint8Array | undefined, event: unknown): boolean {
  if (body === undefined || body.length < SURELY_FITS_BYTES) return true;
  return Math.ceil(body.length / 3) * 4 + JSON.stringify(event).length <= MOST_EVENT_BYTES;
}

/** In memory of its own, so that it can be given to another thread. */
function joined(chunks: readonly Buffer[], bytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
