import { Agent, request } from 'node:http';

/** A light HTTP client: it shares two cores with what it measures. */
export interface Client {
  /** @throws Error naming the status when it is not one of those expected. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
  close(): void;
}

export interface SendOptions {
  readonly body?: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly expect?: readonly number[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** @param token access token sent with each request */
export function createClient(fhirUrl: string, token: string, atOnce = 16): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const base = new URL(fhirUrl);
  return {
    send: (method, path, { body, headers, expect = [200, 201] } = {}) =>
      new Promise((resolve, reject) => {
        const outgoing = request(
          {
            agent,
            host: base.hostname,
            port: base.port,
            method,
            path: `${base.pathname}${path}`,
            headers: {
              authorization: `Bearer ${token}`,
              ...(body === undefined
                ? {}
                : { 'content-type': 'application/fhir+json', 'content-length': Buffer.byteLength(body) }),
              ...headers,
            },
          },
          (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
            incoming.on('error', reject);
            incoming.on('end', () => {
              const status = incoming.statusCode ?? 0;
              const answer = { status, headers: incoming.headers, body: Buffer.concat(chunks) };
              if (expect.includes(status)) resolve(answer);
              else reject(new Error(`${method} answered ${status}: ${answer.body.toString('utf8').slice(0, 500)}`));
            });
          },
        );
        outgoing.on('error', reject);
        outgoing.end(body);
      }),
    close: () => agent.destroy(),
  };
}
