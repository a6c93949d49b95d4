import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AccessRefusal } from './access.ts';
import { type Need, needsOf, type RequestHead, readHead, WRITES } from './request.ts';

/** The door in front of the engine. */
export interface EngineEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

interface EndpointOptions {
  /** Address of the engine. */
  readonly upstream: string;
  /** Asked once for each caller, action and table; `undefined` lets the call pass. */
  readonly decide: (accessKeyId: string, need: Need) => Promise<AccessRefusal | undefined>;
  /** Told, after the engine answered, which tables may have changed. */
  readonly onWrite: (tables: readonly string[]) => void;
}

/** DynamoDB takes requests of up to 16 MB (BatchGetItem and BatchWriteItem, service quotas). */
const MOST_BODY_BYTES = 16 * 1024 * 1024 + 64 * 1024;
const MOST_HEAD_BYTES = 64 * 1024;

/**
 * Passes calls on to the engine byte for byte, once it is known that the caller may make them.
 *
 * Each connection has one of its own to the engine, and the answers are not looked at: that is the cheapest way there is. So a caller
 * must wait for an answer before it asks again on the same connection, which every AWS SDK does.
 */
export async function startEngineEndpoint({ upstream, decide, onWrite }: EndpointOptions): Promise<EngineEndpoint> {
  const { hostname, port } = new URL(upstream);
  const gate = createGate(decide);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, () => connect({ host: hostname, port: Number(port), noDelay: true }), gate, onWrite);
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

type Gate = (accessKeyId: string, needs: readonly Need[]) => AccessRefusal | undefined | Promise<AccessRefusal | undefined>;

/** Remembers decisions, so that all but the first of a kind are made at once. */
function createGate(decide: EndpointOptions['decide']): Gate {
  const decided = new Map<string, AccessRefusal | undefined>();
  const keyOf = (accessKeyId: string, { action, table, index }: Need) => `${accessKeyId} ${action} ${table} ${index ?? ''}`;

  const ask = async (accessKeyId: string, needs: readonly Need[]) => {
    for (const need of needs) {
      const key = keyOf(accessKeyId, need);
      if (!decided.has(key)) decided.set(key, await decide(accessKeyId, need));
      const refusal = decided.get(key);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };

  return (accessKeyId, needs) => {
    for (const need of needs) {
      const key = keyOf(accessKeyId, need);
      const refusal = decided.get(key);
      if (refusal !== undefined) return refusal;
      if (!decided.has(key)) return ask(accessKeyId, needs);
    }
    return undefined;
  };
}

const UNKNOWN_OPERATION = { code: 'UnknownOperationException', message: 'The local engine knows no such operation.' };

/** What arrives on one connection is gathered to whole requests, decided, and passed on. */
function serve(socket: Socket, open: () => Socket, gate: Gate, onWrite: EndpointOptions['onWrite']): void {
  let engine: Socket | undefined;
  let gathered: Buffer[] = [];
  let bytes = 0;
  let request: { readonly head: RequestHead; readonly bodyAt: number; readonly endsAt: number } | undefined;
  let written: readonly string[] | undefined;

  const hangUp = () => {
    socket.destroy();
    engine?.destroy();
  };

  const engineSocket = (): Socket => {
    if (engine !== undefined) return engine;
    engine = open();
    engine.on('data', (chunk) => {
      socket.write(chunk);
      if (written === undefined) return;
      onWrite(written);
      written = undefined;
    });
    engine.on('error', hangUp);
    engine.on('close', hangUp);
    return engine;
  };

  const pass = (chunks: readonly Buffer[], operation: string, needs: readonly Need[]) => {
    if (WRITES.has(operation)) written = needs.map(({ table }) => table);
    const to = engineSocket();
    if (chunks.length > 1) to.cork();
    for (const chunk of chunks) to.write(chunk);
    if (chunks.length > 1) to.uncork();
  };

  const decide = ({ head, bodyAt }: NonNullable<typeof request>, chunks: readonly Buffer[]) => {
    const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    const needs = needsOf(head.operation, whole.subarray(bodyAt));
    if (needs === undefined) return refuse(socket, UNKNOWN_OPERATION);
    const outcome = gate(head.accessKeyId, needs);
    if (outcome instanceof Promise) {
      outcome.then((refusal) => (refusal === undefined ? pass([whole], head.operation, needs) : refuse(socket, refusal)), hangUp);
      return;
    }
    if (outcome === undefined) pass([whole], head.operation, needs);
    else refuse(socket, outcome);
  };

  socket.on('data', (chunk) => {
    gathered.push(chunk);
    bytes += chunk.length;
    if (request === undefined) {
      // Nearly always the head comes in one piece.
      const start = gathered.length === 1 ? chunk : Buffer.concat(gathered);
      const end = start.indexOf('\r\n\r\n');
      if (end === -1) return bytes > MOST_HEAD_BYTES ? hangUp() : undefined;
      const head = readHead(start.toString('latin1', 0, end + 2));
      if (head === undefined || head.bodyBytes > MOST_BODY_BYTES) return hangUp();
      request = { head, bodyAt: end + 4, endsAt: end + 4 + head.bodyBytes };
    }
    if (bytes < request.endsAt) return;
    // More than one request at a time is nothing that an SDK sends.
    if (bytes > request.endsAt) return hangUp();
    const [whole, chunks] = [request, gathered];
    [gathered, bytes, request] = [[], 0, undefined];
    decide(whole, chunks);
  });
  socket.on('error', hangUp);
  socket.on('close', hangUp);
}

/** DynamoDB API reference, "Common errors": 400 with the code in `__type`. */
function refuse(socket: Socket, { code, message }: { readonly code: string; readonly message: string }): void {
  const body = JSON.stringify({ __type: `com.amazon.coral.service#${code}`, Message: message });
  socket.write(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}
