import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleBytes, bundleFunctions } from '../../infra/bundle.ts';
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts';
import { loadSettings } from '../../infra/settings.ts';

/**
 * Most bytes that each function's JavaScript may have: about a tenth above what it had when the gate was set. Loading is what
 * a cold start costs, and bytes, unlike milliseconds, are the same on every machine.
 */
const GATES: Readonly<Record<FunctionName, number>> = {
  ingest: 790_000,
  serve: 1_170_000,
  justify: 430_000,
  subscribe: 840_000,
  announce: 495_000,
  collect: 520_000,
  deliver: 840_000,
  tend: 560_000,
  alert: 330_000,
  review: 420_000,
  compact: 335_000,
  seal: 340_000,
  claims: 350_000,
};

const names = Object.keys(FUNCTIONS) as FunctionName[];
const settings = loadSettings('demo');
const { organisations, providers, sources } = settings;

let folder: string;
let bytes: Readonly<Record<string, number>>;
let inputs: Readonly<Record<string, readonly string[]>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bundles-'));
  const metafile = await bundleFunctions(settings, folder);
  bytes = bundleBytes(metafile);
  inputs = Object.fromEntries(
    Object.entries(metafile.outputs).map(([path, output]) => [path.split('/').at(-2), Object.keys(output.inputs)]),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('bundles', () => {
  it.each(names)('%s stays within its bytes', (name) => {
    expect(bytes[name]).toBeGreaterThan(0);
    expect(bytes[name]).toBeLessThanOrEqual(GATES[name]);
  });

  it.each(names)('%s holds the SDK, takes credentials from the environment only, and imports nothing later on', (name) => {
    expect(inputs[name]!.some((input) => input.includes('@aws-sdk/client-'))).toBe(true);
    expect(inputs[name]).toContain('infra/environment-credentials.ts');
    expect(inputs[name]!.filter((input) => /credential-provider-(node|ini|sso|process|web)/.test(input))).toEqual([]);
    expect(readFileSync(join(folder, name, 'index.js'), 'utf8')).not.toMatch(/[^.\w]import\(/);
  });

  it.each(names)('%s has beside it what it reads', (name) => {
    const expected = ['index.js', 'package.json'];
    const beside: readonly string[] = FUNCTIONS[name].beside;
    for (const file of ['directory', 'sources', 'providers', 'channels', 'feeds'])
      if (beside.includes(file)) expected.push(`${file}.json`);
    if (beside.includes('policies')) expected.push('policies', 'cedar_wasm_bg.wasm', 'assertions.json');
    expect(readdirSync(join(folder, name)).sort()).toEqual(expected.sort());
  });

  it.each(names)('%s loads as Lambda loads it, and has a handler', (name) => {
    const variables = Object.fromEntries(
      FUNCTIONS[name].environment.map((variable) => [
        variable,
        variable.endsWith('_URL') ? `https://the.example/${variable.toLowerCase()}` : `the-${variable.toLowerCase()}`,
      ]),
    );
    const script = `const { handler } = require(${JSON.stringify(join(folder, name, 'index.js'))}); process.stdout.write(typeof handler); process.exit(0)`;
    const env = {
      ...variables,
      LAMBDA_TASK_ROOT: join(folder, name),
      AWS_REGION: 'eu-west-2',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    };
    expect(execFileSync(process.execPath, ['-e', script], { env, encoding: 'utf8' })).toBe('function');
  });

  it('know the partners and the providers of the deployment', () => {
    expect(JSON.parse(readFileSync(join(folder, 'serve', 'directory.json'), 'utf8'))).toEqual(organisations);
    expect(JSON.parse(readFileSync(join(folder, 'ingest', 'sources.json'), 'utf8'))).toEqual(sources);
    expect(JSON.parse(readFileSync(join(folder, 'claims', 'providers.json'), 'utf8'))).toEqual(providers);
  });
});
