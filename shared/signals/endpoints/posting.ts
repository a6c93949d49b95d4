import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { checkLiteral, hostOf, isLoopbackName, lookupFor, type Resolve, resolveBySystem } from './looking-up.ts';
import { failed, type Outcome, outcomeOfError, outcomeOfStatus } from './outcomes.ts';

/** What is posted. */
export interface Post {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Posts to one endpoint, over connections that it keeps. */
export interface Poster {
  post(post: Post): Promise<Outcome>;
}

export interface PosterOptions {
  readonly now: () => number;
  /** Whole attempt, and the connecting part of it. */
  readonly timeoutMs?: number;
  readonly connectMs?: number;
  /** How soon a kept connection fails that was closed before it was used again. */
  readonly staleMs?: number;
  readonly resolve?: Resolve;
  /** Certificates that are trusted in place of those that Node knows. */
  readonly ca?: string;
  readonly connections: number;
}

const TIMEOUT_MS = 30_000;
const CONNECT_MS = 5_000;
/** What is read of an answer: nobody looks at it, but a connection can only be used again once it was read. */
const MOST_BODY_BYTES = 16_384;
const MOST_HEADER_BYTES = 16_384;
const KEPT_MS = 4_000;

/**
 * Posts to an endpoint, and nowhere else: to an address that was checked when the connection was made, without following redirects, through no
 * proxy, and never for longer, nor reading more, than is needed to know what became of it.
 * @param endpoint that the settings allow. A name of this machine is only called because they do.
 */
export function createPoster(endpoint: string, options: PosterOptions): Poster {
  const { resolve = resolveBySystem, ca, connections } = options;
  const url = new URL(endpoint);
  const mayBeLoopback = isLoopbackName(hostOf(url));
  const lookup = lookupFor(resolve, mayBeLoopback);
  const keeping = { keepAlive: true, maxSockets: connections, keepAliveMsecs: KEPT_MS, timeout: KEPT_MS };
  const trust = { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) } as const;
  const agent = url.protocol === 'https:' ? new HttpsAgent({ ...keeping, ...trust }) : new HttpAgent(keeping);
  return {
    post: async (post) => {
      try {
        checkLiteral(hostOf(url), mayBeLoopback);
        return await attemptAgain(url, post, agent, { ...options, lookup });
      } catch (error) {
        return outcomeOfError(error);
      }
    },
  };
}

type Attempting = PosterOptions & { readonly lookup: ReturnType<typeof lookupFor> };

/**
 * Attempts it, and once more where a connection that was kept proves to be closed: the receiver, or whoever stands between, ended it while nobody looked. What
 * has gone through all the same comes twice, with the same id.
 */
async function attemptAgain(...[url, post, agent, attempting]: Parameters<typeof attempt>): Promise<Outcome> {
  const outcome = await attempt(url, post, agent, attempting);
  return outcome === 'stale' ? attemptAgain(url, post, agent, attempting) : outcome;
}

function attempt(
  url: URL,
  { body, headers }: Post,
  agent: HttpAgent | HttpsAgent,
  { now, lookup, timeoutMs = TIMEOUT_MS, connectMs = CONNECT_MS, staleMs = STALE_MS }: Attempting,
): Promise<Outcome | 'stale'> {
  return new Promise((resolve) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(url, {
      method: 'POST',
      agent,
      lookup,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      maxHeaderSize: MOST_HEADER_BYTES,
    });
    const begunAt = performance.now();
    const settle = (outcome: Outcome | 'stale', isReusable = false) => {
      clearTimeout(whole);
      clearTimeout(connecting);
      if (!isReusable) request.destroy();
      resolve(outcome);
    };
    const whole = setTimeout(() => settle(failed('timeout')), timeoutMs);
    const connecting = setTimeout(() => settle(failed('timeout')), Math.min(connectMs, timeoutMs));
    request.on('socket', (socket) => {
      const connected = () => clearTimeout(connecting);
      if (!socket.connecting) return connected();
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
    });
    const isStale = (error: Error) =>
      request.reusedSocket && !isAnswered && isClosed(error) && performance.now() - begunAt < staleMs;
    request.on('error', (error) => settle(isStale(error) ? 'stale' : outcomeOfError(error)));
    let isAnswered = false;
    request.on('response', (response) => {
      isAnswered = true;
      const outcome = outcomeOfStatus(response.statusCode ?? 0, response.headers['retry-after'], now());
      readSome(response, (isWhole) => settle(outcome, isWhole));
      // What the status says, it says at once: a body that does not end changes nothing.
      clearTimeout(whole);
      setTimeout(() => settle(outcome), BODY_MS).unref();
    });
    request.end(body);
  });
}

/** That a connection is closed shows at once; who closes it later had begun to work. */
const STALE_MS = 500;

const isClosed = ({ code }: NodeJS.ErrnoException): boolean => code === 'ECONNRESET' || code === 'EPIPE';

/** An answer that was begun is waited for no longer. */
const BODY_MS = 1_000;

/** @param done told whether the whole body was read, so that the connection can be used again */
function readSome(response: IncomingMessage, done: (isWhole: boolean) => void): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > MOST_BODY_BYTES) done(false);
  });
  response.on('end', () => done(true));
  response.on('error', () => done(false));
  response.on('aborted', () => done(false));
}
