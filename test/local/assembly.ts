import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Resources = Readonly<Record<string, Resource>>;

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly Resources?: Resources;
  readonly [section: string]: unknown;
}

/** A cloud assembly as the CDK would write it. */
export interface Assembly {
  readonly folder: string;
  remove(): void;
}

interface Parts {
  /** By name. */
  readonly stacks: Readonly<Record<string, Template>>;
  /** Templates of nested stacks, by file name. */
  readonly nested?: Readonly<Record<string, Template>>;
  /** Source of each function's `index.js`, by asset folder. */
  readonly assets?: Readonly<Record<string, string>>;
}

export function writeAssembly({ stacks, nested = {}, assets = {} }: Parts): Assembly {
  const folder = mkdtempSync(join(tmpdir(), 'chesil-assembly-'));
  const write = (name: string, content: unknown) => writeFileSync(join(folder, name), JSON.stringify(content));
  for (const [name, template] of Object.entries(stacks)) write(`${name}.template.json`, template);
  for (const [name, template] of Object.entries(nested)) write(name, template);
  for (const [name, source] of Object.entries(assets)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'index.js'), source);
    writeFileSync(join(folder, name, 'package.json'), '{"type":"commonjs"}');
  }
  const artifact = (name: string) => ({
    type: 'aws:cloudformation:stack',
    environment: 'aws://unknown-account/eu-west-2',
    properties: { templateFile: `${name}.template.json` },
  });
  write('manifest.json', { artifacts: Object.fromEntries(Object.keys(stacks).map((name) => [name, artifact(name)])) });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
