import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleFunctions } from '../../infra/bundle.ts';

import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts';
import { loadSettings } from '../../infra/settings.ts';
import type { Figure } from './report.ts';

const STARTS = 7;
const run = promisify(execFile);

/** What a function is called with first: something that it can answer as soon as it has started, without a table. */
const FIRST_EVENTS: Readonly<Record<FunctionName, unknown>> = {
  ingest: unauthorised('POST'),
  serve: unauthorised('GET'),
  justify: unauthorised('POST'),
  subscribe: unauthorised('GET'),
  announce: { Records: [] },
  collect: { Records: [] },
  deliver: { Records: [] },
  tend: {},
  alert: { Records: [] },
  review: {},
  compact: { Records: [] },
  seal: { Records: [] },
  claims: { callerContext: { clientId: 'unknown' }, request: { scopes: [] } },
};

/** An API Gateway event without a caller: refused, but only once keys and policies are there. */
function unauthorised(httpMethod: string) {
  const requestContext = { requestId: 'bench', path: '/fhir/R4/Patient/x' };
  return {
    httpMethod,
    path: '/R4/Patient/x',
    resource: '/R4/{type}/{id}',
    headers: {},
    body: null,
    isBase64Encoded: false,
    requestContext,
  };
}

/** Loads a bundle as Lambda does, calls it once, and prints how long both took. */
const START = `
const started = performance.now();
const { handler } = require(process.argv[1]);
const loadMs = performance.now() - started;
const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 10000 };
Promise.resolve(handler(JSON.parse(process.argv[2]), context)).catch(() => {}).then(() => {
  require('fs').writeSync(2, JSON.stringify({ loadMs, answeredMs: performance.now() - started }));
  process.exit(0);
});`;

/** Bundle bytes and cold start of each function, each start in a fresh Node. @param folder where the bundles are made */
export async function footprint(folder: string): Promise<readonly Figure[]> {
  await bundleFunctions(loadSettings('demo'), folder);
  const secrets = await serveSecrets();
  try {
    const figures: Figure[] = [];
    for (const name of Object.keys(FUNCTIONS) as FunctionName[]) {
      const { loadMs, answeredMs } = await coldStart(name, join(folder, name), secrets.url);
      figures.push(
        { name: `${name}: bundle`, value: statSync(join(folder, name, 'index.js')).size / 1_024, unit: 'kB' },
        { name: `${name}: cold start, loaded`, value: loadMs, unit: 'ms' },
        { name: `${name}: cold start, first answer`, value: answeredMs, unit: 'ms' },
      );
    }
    return figures;
  } finally {
    secrets.close();
  }
}

/** The medians over a few starts. */
async function coldStart(name: FunctionName, folder: string, endpoint: string): Promise<{ loadMs: number; answeredMs: number }> {
  const variables = Object.fromEntries(
    FUNCTIONS[name].environment.map((variable) => [
      variable,
      variable.endsWith('_URL') ? 'https://bench.example/bench' : 'bench',
    ]),
  );
  const env = {
    ...variables,
    LAMBDA_TASK_ROOT: folder,
    AWS_REGION: 'eu-west-2',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_ENDPOINT_URL: endpoint,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  };
  const starts: { loadMs: number; answeredMs: number }[] = [];
  for (let start = 0; start < STARTS; start++) {
    const event = JSON.stringify(FIRST_EVENTS[name]);
    const { stderr } = await run(process.execPath, ['-e', START, join(folder, 'index.js'), event], { env });
    starts.push(JSON.parse(stderr));
  }
  const median = (values: number[]) => values.sort((one, other) => one - other)[Math.floor(STARTS / 2)]!;
  return { loadMs: median(starts.map(({ loadMs }) => loadMs)), answeredMs: median(starts.map(({ answeredMs }) => answeredMs)) };
}

/** Answers every call with a secret: a start needs nothing else. */
async function serveSecrets(): Promise<{ readonly url: string; close(): void }> {
  const answer = JSON.stringify({ SecretString: JSON.stringify({ identity: 'x'.repeat(64) }) });
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'application/x-amz-json-1.1').end(answer));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
