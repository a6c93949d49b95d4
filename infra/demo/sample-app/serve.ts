import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { readCommandLine } from '../../command-line.ts';
import { readDemoFile } from '../../local/demo-file.ts';
import { listenOnLoopback } from '../../local/gateway/server.ts';
import { STYLE } from '../../pages/page.ts';

const NAME = 'sample-app';

/** `--port` is for browsers that lead the registered address to another port, as the tests' browser does. */
const { values } = readCommandLine({ options: { data: { type: 'string', default: '.local' }, port: { type: 'string' } } });
const demo = readDemo();
const app = demo?.apps.find(({ name }) => name === NAME);
if (demo === undefined || app === undefined) {
  console.error('There is no demo to sign in to: begin with `npm start`; `--data DIR` says where, if it is not .local.');
  process.exit(1);
}

const config = {
  fhirUrl: demo.fhirUrl,
  clientId: app.clientId,
  logoutUrl: `${demo.baseUrl}/logout`,
  revokeUrl: `${demo.baseUrl}/oauth2/revoke`,
};
const here = (name: string) => readFileSync(new URL(name, import.meta.url));
const library = join(dirname(createRequire(import.meta.url).resolve('fhirclient/package.json')), 'build', 'fhir-client.js');

const FILES: Readonly<Record<string, { readonly type: string; readonly read: () => Buffer | string }>> = {
  '/': { type: 'text/html; charset=utf-8', read: () => here('index.html') },
  '/app.js': { type: 'text/javascript', read: () => here('app.js') },
  '/fhir-client.js': { type: 'text/javascript', read: () => readFileSync(library) },
  '/style.css': { type: 'text/css', read: () => STYLE },
  '/config.json': { type: 'application/json', read: () => JSON.stringify(config) },
};

/** Sign-in comes back to this address and to no other. */
const registered = app.redirectUris[0]!;
const server = await listenOnLoopback(Number(values.port ?? new URL(registered).port)).catch((error: Error) => {
  const isTaken = (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';
  console.error(isTaken ? `Something else listens at ${registered}, where sign-in comes back to. Stop it first.` : error.message);
  process.exit(1);
});
server.serve(async (request, response) => {
  const file = FILES[(request.url ?? '/').split('?', 1)[0]!];
  if (file === undefined) return void response.writeHead(404).end();
  response.writeHead(200, {
    'content-type': file.type,
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'self'; connect-src 'self' ${demo.baseUrl}; base-uri 'none'; frame-ancestors 'none'`,
    // The address holds a code for a moment.
    'referrer-policy': 'no-referrer',
  });
  response.end(file.read());
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close());
console.log(`ready http://localhost:${server.port}/`);

/** What `npm start` wrote. A file that cannot be used ends the process with the sentence that names it. */
function readDemo() {
  try {
    return readDemoFile(resolve(values.data));
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
