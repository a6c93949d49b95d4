import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { FUNCTIONS, type FunctionDescription, type FunctionName } from './functions.ts';
import { type CheckedSettings, channelsOf } from './settings.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Where the bundles lie: `dist/functions/<name>/index.js`, with whatever the function reads beside it. */
export const BUNDLES = join(ROOT, 'dist', 'functions');

/** What of a deployment lies beside its bundles. */
export type Beside = Pick<
  CheckedSettings,
  'deployment' | 'organisations' | 'sources' | 'assertions' | 'providers' | 'subscribers' | 'feeds'
>;
/** Context of the app that tells constructs where they lie. */
export const BUNDLES_CONTEXT = 'chesil:bundles';

/**
 * Bundles every function in one go.
 *
 * CommonJS, with the SDK inside, credentials from the environment only, and no dynamic import: together that is the
 * shortest cold start that was measured (docs/decisions/0010-bundles.md).
 * @param deployment what the files beside bundles hold.
 * @returns what is in each bundle, as esbuild tells it; also written to `bundles.json` beside them.
 */
export async function bundleFunctions(deployment: Beside, into = BUNDLES): Promise<Metafile> {
  const names = Object.keys(FUNCTIONS) as FunctionName[];
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: names.map((name) => ({ in: `functions/${name}/handler.ts`, out: `${name}/index` })),
    outdir: into,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    minify: true,
    // Names of errors reach logs and outcomes.
    keepNames: true,
    supported: { 'dynamic-import': false },
    alias: { '@aws-sdk/credential-provider-node': join(ROOT, 'infra', 'environment-credentials.ts') },
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
  for (const name of names) layBeside(join(into, name), name, deployment);
  writeFileSync(join(into, 'bundles.json'), JSON.stringify(metafile));
  return metafile;
}

/** What each file beside a bundle holds. */
const FILES: Readonly<Record<Exclude<FunctionDescription['beside'][number], 'policies'>, (deployment: Beside) => unknown>> = {
  directory: ({ organisations }) => organisations,
  sources: ({ sources }) => sources,
  providers: ({ providers }) => providers,
  channels: channelsOf,
  feeds: ({ feeds }) => feeds,
};

function layBeside(folder: string, name: FunctionName, deployment: Beside) {
  // The nearest package.json decides how Node reads `.js`; that of this repository says ES modules.
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  const beside: readonly string[] = FUNCTIONS[name].beside;
  for (const [file, holds] of Object.entries(FILES))
    if (beside.includes(file)) writeFileSync(join(folder, `${file}.json`), JSON.stringify(holds(deployment)));
  if (beside.includes('policies')) {
    writeFileSync(join(folder, 'assertions.json'), JSON.stringify(deployment.assertions));
    cpSync(join(ROOT, 'shared', 'access', 'policies'), join(folder, 'policies'), { recursive: true });
    const cedar = createRequire(import.meta.url).resolve('@cedar-policy/cedar-wasm/nodejs');
    cpSync(join(cedar, '..', 'cedar_wasm_bg.wasm'), join(folder, 'cedar_wasm_bg.wasm'));
  }
}

/** Bytes of the JavaScript of each bundle. */
export function bundleBytes(metafile: Metafile): Readonly<Record<string, number>> {
  const sizes = Object.entries(metafile.outputs).map(([path, { bytes }]) => [path.split('/').at(-2) ?? path, bytes] as const);
  return Object.fromEntries(sizes);
}
