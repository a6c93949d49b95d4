import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isOutOfRoom } from '../data-folder/fault.ts';
import { type LoopbackServer, listenOnLoopback } from '../gateway/server.ts';
import { authorise, type Decision, type Demand } from '../iam/authorise.ts';
import type { Credentials } from '../iam/credentials.ts';
import type { Principal } from '../iam/model.ts';
import type { Policies } from '../iam/policies.ts';
import { refusalText } from '../iam/refusal-text.ts';
import { type Input, isServiceRefusal, refuseCall, type Service, type ServiceRefusal } from './service.ts';

/** The local stand-ins of AWS behind one address: AWS JSON protocol, signed requests only. */
export interface ServiceEndpoint {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Listens on loopback. @param port 0 for any. @returns the base URL */
  listen(port: number): Promise<string>;
  close(): Promise<void>;
}

interface Parts {
  readonly services: readonly Service[];
  readonly credentials: Credentials;
  readonly policies: Policies;
  readonly now?: () => Date;
  /** Where a failure of a service itself is reported; its text never reaches the caller. */
  readonly report?: (error: unknown) => void;
}

/** Bytes of a request that are read: the most that any of the services takes, with room for its envelope. */
const MOST_BODY_BYTES = 2 * 1024 * 1024;

/** Puts services behind one address. A call is read, its signature checked, the caller's policies asked, then it runs. */
export function createServiceEndpoint({
  services,
  credentials,
  policies,
  now = () => new Date(),
  report = console.error,
}: Parts): ServiceEndpoint {
  const byTarget = new Map(services.map((service) => [service.target, service]));

  const answer = async (request: IncomingMessage, body: Buffer, signal: AbortSignal): Promise<Answer> => {
    const [target = '', action = ''] = String(request.headers['x-amz-target'] ?? '').split('.', 2);
    const service = byTarget.get(target);
    const outcome = await outcomeOf(service?.actions[action], request, body, signal);
    return { outcome, protocol: service?.protocol ?? '1.0' };
  };

  const outcomeOf = async (
    read: Service['actions'][string] | undefined,
    request: IncomingMessage,
    body: Buffer,
    signal: AbortSignal,
  ) => {
    const { method = '', url = '/', headers } = request;
    const principal = credentials.verify({ method, url, headers, body }, now());
    if ('code' in principal) return refuseCall(principal.code, principal.message, { status: 403 });
    if (read === undefined) return refuseCall('UnknownOperationException', 'The local services know no such operation.');
    const input = readInput(body);
    if (input === undefined) return refuseCall('SerializationException', 'The body is not a JSON object.');
    const call = read(input);
    if (isServiceRefusal(call)) return call;
    for (const demand of call.demands) {
      const decision = authorise(principal, demand, policies);
      if (decision !== 'allowed') return refuseAccess(principal, demand, decision);
    }
    return (await call.run({ principal, now: now(), signal })) ?? {};
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      const body = await readBody(request);
      if (body === undefined)
        send(response, {
          outcome: refuseCall('RequestEntityTooLargeException', 'The request is too large.', { status: 413 }),
          protocol: '1.0',
        });
      else send(response, await answer(request, body, gone.signal));
    } catch (error) {
      report(error);
      if (!response.headersSent) send(response, { outcome: failureOf(error), protocol: '1.0' });
    }
  };

  let server: LoopbackServer | undefined;
  return {
    handle,
    async listen(port) {
      server = await listenOnLoopback(port);
      server.serve(handle);
      return `http://127.0.0.1:${server.port}`;
    },
    close: async () => server?.close(),
  };
}

/** What AWS's services answer when they fail ("Common errors"). A call may be made again after a `ServiceUnavailable`. */
const failureOf = (error: unknown): ServiceRefusal =>
  isOutOfRoom(error)
    ? refuseCall('ServiceUnavailable', 'There is no room left on the disk.', { status: 503 })
    : refuseCall('InternalFailure', 'The local service failed.', { status: 500 });

interface Answer {
  readonly outcome: unknown;
  readonly protocol: '1.0' | '1.1';
}

function send(response: ServerResponse, { outcome, protocol }: Answer): void {
  const refusal = isServiceRefusal(outcome) ? outcome : undefined;
  const body = JSON.stringify(refusal === undefined ? outcome : { __type: refusal.code, message: refusal.message });
  response.writeHead(refusal?.status ?? 200, {
    'content-type': `application/x-amz-json-${protocol}`,
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
    ...(refusal?.queryCode === undefined ? {} : { 'x-amzn-query-error': `${refusal.queryCode};Sender` }),
  });
  response.end(body);
}

function refuseAccess(principal: Principal, demand: Demand, decision: Exclude<Decision, 'allowed'>): ServiceRefusal {
  const queryCode = demand.action.startsWith('sqs:') ? { queryCode: 'AccessDenied' } : {};
  return refuseCall('AccessDeniedException', refusalText(principal, demand, decision), queryCode);
}

function readInput(body: Buffer): Input | undefined {
  try {
    const input: unknown = body.length === 0 ? {} : JSON.parse(body.toString());
    return typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as Input) : undefined;
  } catch {
    return undefined;
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MOST_BODY_BYTES) chunks.push(chunk);
  }
  return bytes <= MOST_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}
