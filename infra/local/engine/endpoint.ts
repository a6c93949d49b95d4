import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AccessRefusal, Verdict } from './access.ts';
import { type Need, needsOf, type RequestHead, readHead, WRITES } from './request.ts';

/** The door in front of the engine. */
export interface EngineEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

interface EndpointOptions {
  /** Address of the engine. */
  readonly upstream: string;
  /** Asked once for each caller, action and table. */
  readonly decide: (accessKeyId: string, need: Need) => Promise<Verdict>;
  /** Told, after the engine answered, which tables may have changed. */
  readonly onWrite: (tables: readonly string[]) => void;
  /** Told when the engine failed for lack of room. */
  readonly onFull: () => void;
  readonly isShortOfRoom: () => boolean;
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
export async function startEngineEndpoint(options: EndpointOptions): Promise<EngineEndpoint> {
  const { hostname, port } = new URL(options.upstream);
  const gate = createGate(options);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, () => connect({ host: hostname, port: Number(port), noDelay: true }), gate, options);
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

type CallRefusal = AccessRefusal | typeof NO_ROOM;
type Gate = (accessKeyId: string, needs: readonly Need[]) => CallRefusal | undefined | Promise<CallRefusal | undefined>;

/** What DynamoDB answers when it cannot take a call for now (API reference, "Common errors"). */
const NO_ROOM = { code: 'ServiceUnavailable', message: 'There is too little room on the disk.', status: 503 } as const;

/** Remembers decisions, so that all but the first of a kind are made at once. */
function createGate({ decide, isShortOfRoom }: EndpointOptions): Gate {
  const decided = new Map<string, Verdict>();
  const keyOf = (accessKeyId: string, { action, table, index }: Need) => `${accessKeyId} ${action} ${table} ${index ?? ''}`;

  const refusalOf = ({ refusal, waitsForRoom }: Verdict): CallRefusal | undefined =>
    refusal ?? (waitsForRoom && isShortOfRoom() ? NO_ROOM : undefined);

  const ask = async (accessKeyId: string, needs: readonly Need[]) => {
    for (const need of needs) {
      const key = keyOf(accessKeyId, need);
      const verdict = decided.get(key) ?? (await decide(accessKeyId, need));
      decided.set(key, verdict);
      const refusal = refusalOf(verdict);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };

  return (accessKeyId, needs) => {
    for (const need of needs) {
      const verdict = decided.get(keyOf(accessKeyId, need));
      if (verdict === undefined) return ask(accessKeyId, needs);
      const refusal = refusalOf(verdict);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
}

const UNKNOWN_OPERATION = { code: 'UnknownOperationException', message: 'The local engine knows no such operation.' };

/** What arrives on one connection is gathered to whole requests, decided, and passed on. */
function serve(socket: Socket, open: () => Socket, gate: Gate, { onWrite, onFull }: EndpointOptions): void {
  let engine: Socket | undefined;
  let gathered: Buffer[] = [];
  let bytes = 0;
  let request: { readonly head: RequestHead; readonly bodyAt: number; readonly endsAt: number } | undefined;
  let written: readonly string[] | undefined;
  /** Whether the answer that arrives is a failure of the engine itself. */
  let isFailure = false;

  const hangUp = () => {
    socket.destroy();
    engine?.destroy();
  };

  const engineSocket = (): Socket => {
    if (engine !== undefined) return engine;
    engine = open();
    engine.on('data', (chunk) => {
      socket.write(chunk);
      isFailure ||= isServerError(chunk);
      if (isFailure && chunk.includes(FULL)) onFull();
      if (written === undefined) return;
      onWrite(written);
      written = undefined;
    });
    engine.on('error', hangUp);
    engine.on('close', hangUp);
    return engine;
  };

  const pass = (chunks: readonly Buffer[], operation: string, needs: readonly Need[]) => {
    isFailure = false;
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

/** What SQLite says, in the engine's words (SQLITE_FULL, https://sqlite.org/rescode.html). */
const FULL = Buffer.from('database or disk is full');
const FIVE = 0x35;
const STATUS_AT = 'HTTP/1.1 '.length;

/** Whether an answer begins with a status of 5xx. */
const isServerError = (chunk: Buffer): boolean =>
  chunk[STATUS_AT] === FIVE && chunk.toString('latin1', 0, STATUS_AT) === 'HTTP/1.1 ';

interface RefusalAnswer {
  readonly code: string;
  readonly message: string;
  readonly status?: 503;
}

/** DynamoDB API reference, "Common errors": the code in `__type`, and 400 unless it is for now only. */
function refuse(socket: Socket, { code, message, status }: RefusalAnswer): void {
  const body = JSON.stringify({ __type: `com.amazon.coral.service#${code}`, Message: message });
  socket.write(
    `HTTP/1.1 ${status === undefined ? '400 Bad Request' : '503 Service Unavailable'}\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}
