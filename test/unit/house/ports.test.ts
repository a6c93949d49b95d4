import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Calls after which something listens, with a port that is written out and is not 0. */
const FIXED_PORT = /(?:\.listen|listenOnLoopback)\(\s*[1-9]|\b(?:startSystem|receive)\([^)]*\bport:\s*[1-9]/;

it.each(['server.listen(4100, done)', 'await listenOnLoopback(3999)', 'startSystem({ empty: true, port: 3000 })'])(
  'a fixed port is found in %s',
  (text) => expect(text).toMatch(FIXED_PORT),
);

it('no test listens on a fixed port, which another process may hold', () => {
  const files = globSync('test/**/*.ts').filter((file) => !file.endsWith('house/ports.test.ts'));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => FIXED_PORT.test(readFileSync(file, 'utf8')))).toEqual([]);
});
