import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Resolve } from '../../../../shared/signals/endpoints/looking-up.ts';
import { outcomeOfStatus } from '../../../../shared/signals/endpoints/outcomes.ts';
import { createPoster, type Poster, type PosterOptions } from '../../../../shared/signals/endpoints/posting.ts';

const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/signals/tls/${name}`, import.meta.url), 'utf8');
const TLS = { key: fixture('hooks.example.key'), cert: fixture('hooks.example.pem') };
const CA = fixture('authority.pem');

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A server that counts who connects. */
async function serve(server: Server, answer?: { closeAllConnections(): void }) {
  let connections = 0;
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    answer?.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}
async function http(listener: RequestListener) {
  const server = createServer(listener);
  return serve(server, server);
}

/** Long enough that a busy machine never runs out of it: what is to time out says so. */
const PATIENT = { timeoutMs: 30_000, connectMs: 30_000, staleMs: 30_000 } as const;

function poster(endpoint: string, options: Partial<PosterOptions> = {}): Poster {
  return createPoster(endpoint, { now: Date.now, connections: 2, ...PATIENT, ...options });
}
const post = { body: '{}', headers: { 'content-type': 'application/json' } };
/** A name server that gives these answers, one after another. */
const answering = (...answers: readonly (readonly string[])[]): Resolve => {
  let asked = 0;
  return async () =>
    answers[Math.min(asked++, answers.length - 1)]!.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
};

describe('posting', () => {
  it('uses a connection again, and accepts what any 2xx says', async () => {
    const server = await http((request, response) => {
      request.resume();
      request.on('end', () => response.writeHead(202).end('thanks'));
    });
    const one = poster(`http://127.0.0.1:${server.port}/`);
    for (let index = 0; index < 3; index++) expect(await one.post(post)).toEqual({ ok: true });
    expect(server.connections()).toBe(1);
  });

  it('posts again, over a new connection, where the receiver has closed those that were kept', async () => {
    const used = new Set<unknown>();
    let posts = 0;
    const server = await http((request, response) => {
      posts++;
      // Too late for whoever keeps the connection to see it before they use it.
      if (used.has(request.socket)) return request.socket.resetAndDestroy();
      used.add(request.socket);
      response.writeHead(204).end();
    });
    const one = poster(`http://127.0.0.1:${server.port}/`);
    expect(await Promise.all([one.post(post), one.post(post)])).toEqual([{ ok: true }, { ok: true }]);
    expect(await one.post(post)).toEqual({ ok: true });
    expect(server.connections()).toBe(3);
    expect(posts).toBe(5);
  });

  it('takes it for a failure where a new connection is closed, after one attempt', async () => {
    let posts = 0;
    const server = await http((request) => {
      posts++;
      request.socket.resetAndDestroy();
    });
    expect(await poster(`http://127.0.0.1:${server.port}/`).post(post)).toEqual({ ok: false, code: 'connection-lost' });
    expect(posts).toBe(1);
  });

  it('takes it for a failure where the new connection is closed too', async () => {
    let posts = 0;
    const server = await http((request, response) => {
      if (++posts > 1) request.socket.resetAndDestroy();
      else response.writeHead(204).end();
    });
    const one = poster(`http://127.0.0.1:${server.port}/`);
    expect(await one.post(post)).toEqual({ ok: true });
    expect(await one.post(post)).toEqual({ ok: false, code: 'connection-lost' });
    expect(posts).toBe(3);
  });

  it('does not post again what was answered over a connection that was kept, nor what was not answered in time', async () => {
    let posts = 0;
    const server = await http((_, response) => {
      posts++;
      if (posts === 2) response.writeHead(500).end();
      else if (posts < 4) response.writeHead(204).end();
    });
    const one = poster(`http://127.0.0.1:${server.port}/`, { timeoutMs: 2_000 });
    const outcomes = [];
    for (let index = 0; index < 4; index++) outcomes.push(await one.post(post));
    expect(outcomes).toEqual([{ ok: true }, { ok: false, code: 'receiver-error' }, { ok: true }, { ok: false, code: 'timeout' }]);
    expect(posts).toBe(4);
  });

  it.each([
    [301, 'redirect'],
    [304, 'redirect'],
    [400, 'refused'],
    [410, 'gone'],
    [429, 'throttled'],
    [500, 'receiver-error'],
  ])('takes %s for a failure', async (status, code) => {
    let asked = 0;
    const server = await http((_, response) => {
      asked++;
      response.writeHead(status, { location: 'http://169.254.169.254/' }).end();
    });
    expect(await poster(`http://127.0.0.1:${server.port}/`).post(post)).toEqual({ ok: false, code });
    expect(asked).toBe(1);
  });

  it.each([
    ['5', 5_000],
    ['99999999999999999999', 3_600_000],
    ['-5', 0],
    ['Sun, 01 Mar 2026 09:00:30 GMT', 30_000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 3_600_000],
    ['Sat, 01 Mar 1975 09:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ])('understands that it is to wait for %j', (retryAfter, retryAfterMs) => {
    const outcome = outcomeOfStatus(429, retryAfter, Date.parse('2026-03-01T09:00:00Z'));
    expect(outcome).toEqual({ ok: false, code: 'throttled', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  });

  it('reads of a body that does not end no more than it has to, and lets go of the connection', async () => {
    let sent = 0;
    let closed: (() => void) | undefined;
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const server = await http((_, response) => {
      response.writeHead(200, { 'content-length': String(1024 ** 3) });
      const chunk = Buffer.alloc(65_536);
      const more = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.byteLength;
      };
      response.on('drain', more).on('close', () => closed?.());
      more();
    });
    expect(await poster(`http://127.0.0.1:${server.port}/`).post(post)).toEqual({ ok: true });
    await isClosed;
    expect(sent).toBeLessThan(64 * 1024 ** 2);
  });

  it('gives up on who answers too late, and on who never takes the connection up', async () => {
    const late = await http(() => {});
    expect(await poster(`http://127.0.0.1:${late.port}/`, { timeoutMs: 400 }).post(post)).toEqual({ ok: false, code: 'timeout' });
    const silent = await serve(createSocketServer((socket) => socket.resume()));
    const one = poster(`https://localhost:${silent.port}/`, { resolve: answering(['127.0.0.1']), connectMs: 200 });
    expect(await one.post(post)).toEqual({ ok: false, code: 'timeout' });
  });

  it('waits for who answers just in time', async () => {
    const slow = await http((_, response) => void setTimeout(() => response.writeHead(204).end(), 1_300));
    expect(await poster(`http://127.0.0.1:${slow.port}/`, { connectMs: 1_000 }).post(post)).toEqual({ ok: true });
  });

  it('does not read headers without end', async () => {
    const server = await serve(
      createSocketServer((socket) => {
        socket.on('error', () => {});
        socket.write('HTTP/1.1 204 No Content\r\n');
        socket.write(`x: ${'a'.repeat(40_000)}\r\n\r\n`);
      }),
    );
    expect(await poster(`http://127.0.0.1:${server.port}/`).post(post)).toEqual({ ok: false, code: 'receiver-error' });
  });

  it('connects to no address that is not public, whatever the name server says', async () => {
    const server = await http((_, response) => response.writeHead(204).end());
    for (const answer of [['127.0.0.1'], ['10.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::ffff:127.0.0.1'], []]) {
      const one = poster(`https://hooks.example:${server.port}/`, { resolve: answering(answer) });
      expect(await one.post(post)).toEqual({ ok: false, code: 'address-refused' });
    }
    expect(server.connections()).toBe(0);
  });

  it('asks a name server once for each connection, and connects to the answer that it checked', async () => {
    const server = await http((_, response) => response.writeHead(204, { connection: 'close' }).end());
    let asked = 0;
    const rebinding = answering(['127.0.0.1'], ['10.0.0.1']);
    const resolve: Resolve = (name) => {
      asked++;
      return rebinding(name);
    };
    const one = poster(`http://localhost:${server.port}/`, { resolve });
    expect(await one.post(post)).toEqual({ ok: true });
    expect(asked).toBe(1);
    expect(await one.post(post)).toEqual({ ok: false, code: 'address-refused' });
    expect(server.connections()).toBe(1);
  });

  it.each([
    'https://10.0.0.1/',
    'https://169.254.169.254/',
    'https://[::ffff:10.0.0.1]/',
    'https://2130706434.example/',
    'https://[fd00::1]/',
  ])('does not call %s', async (endpoint) => {
    const one = poster(endpoint, { resolve: answering(['169.254.169.254']) });
    expect(await one.post(post)).toEqual({ ok: false, code: 'address-refused' });
  });

  it('trusts a certificate for its own names alone, and of nobody unknown', async () => {
    const server = createTlsServer(TLS, (_, response) => response.writeHead(204).end());
    const { port } = await serve(server, server);
    const resolve = answering(['127.0.0.1']);
    expect(await poster(`https://localhost:${port}/`, { resolve, ca: CA }).post(post)).toEqual({ ok: true });
    expect(await poster(`https://localhost:${port}/`, { resolve }).post(post)).toEqual({ ok: false, code: 'tls' });
    expect(await poster(`https://127.0.0.1:${port}/`, { ca: CA }).post(post)).toEqual({ ok: false, code: 'tls' });
  });

  it('says of an endpoint that is not there what is wrong', async () => {
    const { port } = await http(() => {});
    await stops.splice(0)[0]!();
    expect(await poster(`http://127.0.0.1:${port}/`).post(post)).toEqual({ ok: false, code: 'connection-refused' });
    const resolve: Resolve = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    expect(await poster('https://nowhere.example/', { resolve }).post(post)).toEqual({ ok: false, code: 'name-not-found' });
  });
});
