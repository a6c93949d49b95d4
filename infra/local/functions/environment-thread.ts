import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync } from 'node:fs';
import { createRequire, enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { type InvocationFailure, thrown } from './failure.ts';
import { openLogFile } from './log-file.ts';
import type { EnvironmentSetup, FromEnvironment, Invoke, ProxiedResult } from './messages.ts';

/** Stands in for Lambda's Node.js runtime: loads a bundle, hands it events, sends back what it returns. */

type Handler = (event: unknown, context: object) => unknown;

const setup = workerData as EnvironmentSetup;
const port = parentPort!;
const current = new AsyncLocalStorage<string>();

const say = (message: FromEnvironment, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

/** Thrown for what Lambda calls by an error type of its own. */
class Unusable extends Error {
  readonly errorType: string;

  constructor(errorType: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.errorType = errorType;
  }
}

redirectOutput();
enableCompileCache(setup.compileCache);
try {
  const startedAt = performance.now();
  const handler = await load();
  port.on('message', (message: Invoke) => void current.run(message.requestId, run, handler, message));
  say({ kind: 'ready', initMs: performance.now() - startedAt });
} catch (error) {
  const failure = thrown(error, error instanceof Unusable ? error.errorType : undefined);
  note({ type: 'platform.initReport', record: { status: 'error', errorType: failure.errorType, trace: failure.trace } });
  say({ kind: 'unusable', failure });
}

/** Lambda developer guide, "Define Lambda function handler in Node.js": file and export, file relative to the task root. */
async function load(): Promise<Handler> {
  const dot = setup.handler.lastIndexOf('.');
  const [file, name] = [setup.handler.slice(0, dot), setup.handler.slice(dot + 1)];
  const path = ['.js', '.mjs', '.cjs'].map((ending) => join(setup.folder, file + ending)).find(existsSync);
  if (path === undefined) throw new Unusable('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`);
  const loaded = (path.endsWith('.mjs') ? await import(pathToFileURL(path).href) : createRequire(path)(path)) as Record<
    string,
    unknown
  >;
  const handler = loaded[name];
  if (typeof handler !== 'function')
    throw new Unusable('Runtime.HandlerNotFound', `${setup.handler} is undefined or not exported`);
  return handler as Handler;
}

async function run(handler: Handler, invoke: Invoke): Promise<void> {
  const { requestId, proxied } = invoke;
  try {
    const result = await handler(eventOf(invoke), contextOf(invoke));
    if (proxied) {
      const answer = proxiedResult(result);
      say({ kind: 'answered', requestId, answer }, answer.body === undefined ? [] : [answer.body.buffer]);
    } else say({ kind: 'answered', requestId, answer: JSON.stringify(result === undefined ? null : result) });
  } catch (error) {
    const failure = thrown(error);
    note(errorLine(requestId, failure));
    say({ kind: 'failed', requestId, failure });
  }
}

function eventOf({ event, body }: Invoke): unknown {
  if (body === undefined) return event;
  return { ...(event as object), body: Buffer.from(body.buffer).toString('base64'), isBase64Encoded: true };
}

const contextOf = ({ requestId, deadline }: Invoke) => ({
  awsRequestId: requestId,
  callbackWaitsForEmptyEventLoop: true,
  functionName: setup.name,
  functionVersion: '$LATEST',
  invokedFunctionArn: setup.arn,
  logGroupName: setup.logGroup,
  logStreamName: 'local',
  memoryLimitInMB: String(setup.memoryMb),
  getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
});

/** Below this no body can reach Lambda's limit by being escaped in JSON (six bytes for one at most). */
const SURELY_SMALL = 1_000_000;

function proxiedResult(result: unknown): ProxiedResult {
  const { body, isBase64Encoded, ...rest } = (result ?? {}) as { body?: unknown; isBase64Encoded?: unknown };
  if (typeof result !== 'object' || result === null || (body !== undefined && body !== null && typeof body !== 'string'))
    return { result: JSON.parse(JSON.stringify(result ?? null)), body: undefined, payloadBytes: 0 };
  const text = body ?? '';
  const payloadBytes =
    isBase64Encoded === true || text.length < SURELY_SMALL ? text.length : Buffer.byteLength(JSON.stringify(text));
  const bytes = Buffer.from(text, isBase64Encoded === true ? 'base64' : 'utf8');
  const envelope = JSON.stringify(rest);
  return {
    result: { ...JSON.parse(envelope), isBase64Encoded: isBase64Encoded === true },
    body: owned(bytes),
    payloadBytes: payloadBytes + envelope.length,
  };
}

/** Small buffers share memory with others, and cannot be given away. */
const owned = (bytes: Buffer): Uint8Array<ArrayBuffer> =>
  bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer)
    : new Uint8Array(bytes);

/** Everything that the function writes goes to its log: its own lines as they are, `console` as Lambda formats it. */
function redirectOutput(): void {
  const log = openLogFile(setup.logPath);
  const write = (chunk: string | Uint8Array) => {
    log.append(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    return true;
  };
  process.stdout.write = write as typeof process.stdout.write;
  process.stderr.write = write as typeof process.stderr.write;
  const levels = { debug: 'DEBUG', error: 'ERROR', info: 'INFO', log: 'INFO', trace: 'TRACE', warn: 'WARN' } as const;
  for (const [method, level] of Object.entries(levels))
    console[method as keyof typeof levels] = (...values: unknown[]) => {
      const timestamp = new Date().toISOString();
      const requestId = current.getStore();
      const message = format(...values);
      if (setup.logFormat === 'JSON') note({ timestamp, level, requestId, message });
      else write(`${timestamp}\t${requestId ?? 'undefined'}\t${level}\t${message}\n`);
    };
}

function note(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const errorLine = (requestId: string, { errorType, errorMessage, trace }: InvocationFailure) => ({
  timestamp: new Date().toISOString(),
  level: 'ERROR',
  requestId,
  message: { errorType, errorMessage, stackTrace: trace },
});
