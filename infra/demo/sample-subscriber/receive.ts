import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { CloudEvent } from './inbox.ts';
import { verify } from './verify.ts';

/** What a request brought, which certainly comes from Chesil. */
export interface Arrival {
  readonly event: CloudEvent;
  /** A handshake or a heartbeat: it tells of no change, and its number is the last that was given. */
  readonly isOwn: boolean;
}

export interface ReceiverOptions {
  readonly port: number;
  /** The secrets that stand. @param again asks for them anew: they may have been rotated since */
  readonly secrets: (again: boolean) => Promise<readonly string[]>;
  /** Keeps a signal. Once that is done, the signal is ours, and Chesil is told so. */
  readonly keep: (arrival: Arrival) => Promise<void>;
  readonly now?: () => number;
}

export const SIGNALS_PATH = '/signals';

const OWN = /^uk\.chesil\.(handshake|heartbeat)\.\d+$/;

/** A signal is some hundred bytes; whoever sends a megabyte is not Chesil. */
const MOST_BYTES = 1_000_000;

/**
 * Listens for signals on 127.0.0.1. It answers as soon as a signal is kept, and does nothing else meanwhile: Chesil waits for 30 seconds at
 * most, and sends again what was not answered with 2xx.
 */
export async function receive(options: ReceiverOptions): Promise<Server> {
  const server = createServer(async (request, response) => {
    const status = await statusOf(request, options).catch((error: Error) => {
      console.error(`could not be taken, and will come again: ${error.message}`);
      return 503;
    });
    response.writeHead(status, { connection: status === 413 ? 'close' : 'keep-alive' }).end();
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(options.port, '127.0.0.1', done);
  });
  return server;
}

async function statusOf(request: IncomingMessage, { secrets, keep, now = Date.now }: ReceiverOptions): Promise<number> {
  if (request.url !== SIGNALS_PATH) return 404;
  if (request.method !== 'POST') return 405;
  const body = await bodyOf(request);
  if (body === undefined) return 413;
  const received = { headers: request.headers, body };
  let verdict = verify(received, await secrets(false), now());
  if ('problem' in verdict) verdict = verify(received, await secrets(true), now());
  if ('problem' in verdict) {
    console.error(`refused: ${verdict.problem}`);
    return 401;
  }
  const event = JSON.parse(body.toString('utf8')) as CloudEvent;
  // What is signed is the id in the header: a body that says another was not meant for it.
  if (event.id !== verdict.id) return 400;
  await keep({ event, isOwn: OWN.test(event.type) });
  return 204;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
