import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { isOutOfRoom } from '../data-folder/fault.ts';

/** An HTTP server on the loopback. */
export interface LoopbackServer {
  readonly port: number;
  /** Answers requests from now on; before, they wait. */
  serve(handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>): void;
  close(): Promise<void>;
}

/** Bounds on what a caller may do without being a caller: API Gateway's own, where it states them (REST API quotas). */
const BOUNDS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  // What the server announces; it closes an idle connection only later, so that a busy client never sends on one that is being closed.
  keepAliveTimeout: 65_000,
  keepAliveTimeoutBuffer: 30_000,
  connectionsCheckingInterval: 5_000,
} as const;
const MOST_CONNECTIONS = 1_000;
/** How long a caller may go on sending what will not be read. */
const LINGER_MS = 5_000;

/**
 * Listens on a port of 127.0.0.1.
 *
 * @param port 0 for any
 * @throws Error which says so when the port is in use
 */
export async function listenOnLoopback(port: number): Promise<LoopbackServer> {
  const serving = Promise.withResolvers<(request: IncomingMessage, response: ServerResponse) => Promise<void>>();
  const server = createServer(BOUNDS, (request, response) => {
    response.on('finish', () => endLater(request));
    serving.promise.then((handle) => handle(request, response)).catch((error: unknown) => endFailed(response, error));
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('clientError', refuse);
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    serve: serving.resolve,
    async close() {
      server.closeIdleConnections();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const timer = setTimeout(() => server.closeAllConnections(), LINGER_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = `Port ${port} is in use. Choose another with --port N (--port 0 takes any that is free), or stop what listens there.`;
      reject(error.code === 'EADDRINUSE' ? new Error(inUse, { cause: error }) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

/** What is no HTTP, too large a head or too slow is told so, and hung up on. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  if (socket.writable && error.code !== 'ECONNRESET')
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  else socket.destroy();
}

/** What nobody answered is hung up on; a full disk is no fault of the caller's, and passes. */
function endFailed(response: ServerResponse, error: unknown): void {
  if (response.headersSent || !isOutOfRoom(error)) return void response.destroy();
  response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '30' });
  response.end('The disk of this machine is full. Try again when there is room.\n');
}

/** A caller that was answered before it had sent everything may finish, but not for ever. */
function endLater(request: IncomingMessage): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
  request.socket.once('close', () => clearTimeout(timer));
}
