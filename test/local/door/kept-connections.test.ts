import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createServiceEndpoint } from '../../../infra/local/endpoint/endpoint.ts';
import { createEngineCalls } from '../../../infra/local/engine/call.ts';
import { createCredentials } from '../../../infra/local/iam/credentials.ts';
import { policiesOf } from '../../../infra/local/iam/policies.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Longer than any process is held up: Node's own five seconds were not, on a busy machine. */
const KEPT_AT_LEAST_SECONDS = 60;

test('the services keep the connections of busy clients open', async () => {
  // Given the services behind their address
  const credentials = createCredentials({ key: Buffer.alloc(32) });
  const endpoint = createServiceEndpoint({ services: [], credentials, policies: policiesOf([]) });
  const url = await endpoint.listen(0);
  closing.push(() => endpoint.close());

  // When somebody calls them
  const answer = await fetch(url, { method: 'POST' });

  // Then the answer says for how long the connection is good
  const seconds = /^timeout=(\d+)$/.exec(answer.headers.get('keep-alive') ?? '')?.[1];
  expect(Number(seconds)).toBeGreaterThanOrEqual(KEPT_AT_LEAST_SECONDS);
});

test('a call to the engine is made again when its kept connection proves to be closed', async () => {
  // Given an engine that answers once on each connection and closes it when asked again
  const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{"TableNames":[]}';
  const answered = new Set<Socket>();
  let closed = 0;
  const engine = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      if (answered.has(socket)) {
        closed += 1;
        socket.resetAndDestroy();
      } else {
        answered.add(socket);
        socket.write(answer);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(engine, 'listening');
  closing.push(() => engine.close());
  const { port } = engine.address() as { port: number };
  const calls = createEngineCalls(`http://127.0.0.1:${port}`);
  closing.push(() => calls.close());

  // When it is called three times, then every call is answered
  for (let time = 0; time < 3; time++) expect(await calls.call('DynamoDB.ListTables', {})).toEqual({ TableNames: [] });
  expect(closed).toBe(2);
});
