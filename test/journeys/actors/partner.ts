import { Agent, request } from 'node:http';
import type { DemoFile } from '../../../infra/local/demo-file.ts';

/** A partner's system: speaks HTTP with a token of its own, and takes every answer as it comes. */
export interface Partner {
  readonly organisation: string;
  readonly token: string;
  /** @param path below the FHIR base address, or the whole of an address that was answered. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
  get(path: string, headers?: Headers): Promise<Answer>;
  /** Creates, searches by form (`URLSearchParams`), or posts a bundle when the path is empty. */
  post(path: string, body: unknown, headers?: Headers): Promise<Answer>;
  put(path: string, body: unknown, headers?: Headers): Promise<Answer>;
  patch(path: string, operations: unknown, headers?: Headers): Promise<Answer>;
  delete(path: string, headers?: Headers): Promise<Answer>;
}

type Headers = Readonly<Record<string, string | undefined>>;

export interface SendOptions {
  /** Bytes and text are sent as they are, anything else as JSON. */
  readonly body?: unknown;
  /** `undefined` leaves one out that is otherwise sent. */
  readonly headers?: Headers;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape
  readonly json: any;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** Signs a partner in with its app client: the first of the organisation's, or that of these scopes, or of this source. */
export async function signIn(
  demo: DemoFile,
  organisation: string,
  scopes?: readonly string[],
  source?: string,
): Promise<Partner> {
  const client = demo.clients.find(
    (each) =>
      each.organisation === organisation &&
      (scopes === undefined || String(each.scopes) === String(scopes)) &&
      (source === undefined || each.source === source),
  );
  if (client === undefined) throw new Error(`${organisation} has no such client`);
  const answer = await exchange(
    demo.tokenUrl,
    'POST',
    {
      authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    Buffer.from('grant_type=client_credentials'),
  );
  if (answer.status !== 200) throw new Error(`the token endpoint answered ${answer.status}`);
  return partnerWith(demo.fhirUrl, organisation, answer.json.access_token);
}

/** Somebody who sends this token, whether or not it is worth anything. */
export function partnerWith(fhirUrl: string, organisation: string, token: string): Partner {
  const send: Partner['send'] = (method, path, { body, headers = {} } = {}) => {
    const address = path.startsWith('http') ? path : path === '' ? fhirUrl : `${fhirUrl}/${path}`;
    const sent = body === undefined ? undefined : bytesOf(body);
    return exchange(address, method, { authorization: `Bearer ${token}`, ...typeOf(method, body), ...headers }, sent);
  };
  return {
    organisation,
    token,
    send,
    get: (path, headers = {}) => send('GET', path, { headers }),
    post: (path, body, headers = {}) => send('POST', path, { body, headers }),
    put: (path, body, headers = {}) => send('PUT', path, { body, headers }),
    patch: (path, body, headers = {}) => send('PATCH', path, { body, headers }),
    delete: (path, headers = {}) => send('DELETE', path, { headers }),
  };
}

function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' || body instanceof URLSearchParams ? String(body) : JSON.stringify(body));
}

function typeOf(method: string, body: unknown): Headers {
  if (body === undefined) return {};
  if (body instanceof URLSearchParams) return { 'content-type': 'application/x-www-form-urlencoded' };
  return { 'content-type': method === 'PATCH' ? 'application/json-patch+json' : 'application/fhir+json' };
}

function exchange(address: string, method: string, headers: Headers, body?: Buffer): Promise<Answer> {
  return new Promise((done, fail) => {
    const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const outgoing = request(address, {
      agent,
      method,
      headers: { ...Object.fromEntries(given), ...(body === undefined ? {} : { 'content-length': body.length }) },
    });
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', fail);
      incoming.on('end', () => done(answerOf(incoming.statusCode ?? 0, incoming.headers, Buffer.concat(chunks))));
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

const answerOf = (status: number, headers: NodeJS.Dict<string | string[]>, bytes: Buffer): Answer => ({
  status,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()])),
  bytes,
  get text() {
    return bytes.toString('utf8');
  },
  get json() {
    return bytes.length === 0 ? undefined : JSON.parse(bytes.toString('utf8'));
  },
});
