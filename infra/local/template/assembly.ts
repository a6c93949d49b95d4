import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UnsupportedTemplate } from '../resource.ts';

/** A resource as a template writes it, intrinsic functions and all. */
export interface RawResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

/** A CloudFormation template, as far as it is read here. */
export interface RawTemplate {
  readonly Resources?: Readonly<Record<string, RawResource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown }; readonly Condition?: string }>
  >;
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
}

/** One stack, or one nested in another (then `parent` says where its parameters come from). */
export interface Stack {
  readonly name: string;
  readonly template: RawTemplate;
  /** Folder against which asset paths are resolved. */
  readonly folder: string;
  readonly parent?: { readonly stack: Stack; readonly logicalId: string };
}

export interface Assembly {
  readonly folder: string;
  /** In the order of the manifest, nested ones after their parents. */
  readonly stacks: readonly Stack[];
  /** The region that the stacks are meant for. */
  readonly region: string;
}

interface Manifest {
  readonly artifacts: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly environment?: string;
        readonly properties?: { readonly templateFile?: string; readonly stackName?: string; readonly directoryName?: string };
      }
    >
  >;
}

const STACK = 'aws:cloudformation:stack';
const NESTED_ASSEMBLY = 'cdk:cloud-assembly';
const NESTED_STACK = 'AWS::CloudFormation::Stack';

/** Sections of a template that change what it means. `Rules` and `Metadata` do not, here: they speak to CloudFormation. */
const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Conditions',
  'Description',
  'Mappings',
  'Metadata',
  'Outputs',
  'Parameters',
  'Resources',
  'Rules',
];

/**
 * Reads the templates of a CDK cloud assembly.
 *
 * @param folder the CDK's output folder, with `manifest.json` in it
 * @throws UnsupportedTemplate when a template has a section that is not understood, or stacks stand in several regions
 */
export function readAssembly(folder: string): Assembly {
  const stacks = readManifest(folder);
  const regions = new Set(stacks.map(({ region }) => region));
  const [region, other] = regions;
  if (region === undefined) throw new UnsupportedTemplate(folder, 'the assembly holds no stack');
  if (other !== undefined) throw new UnsupportedTemplate(folder, 'stacks stand in several regions; the runtime plays one');
  return { folder, region, stacks: stacks.flatMap(({ stack }) => withNested(stack)) };
}

function readManifest(folder: string): { readonly stack: Stack; readonly region: string }[] {
  const { artifacts } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  return Object.entries(artifacts).flatMap(([id, { type, environment, properties = {} }]) => {
    if (type === NESTED_ASSEMBLY) return readManifest(join(folder, properties.directoryName ?? id));
    if (type !== STACK) return [];
    const name = properties.stackName ?? id;
    const template = readTemplate(join(folder, properties.templateFile ?? `${id}.template.json`), name);
    return [{ stack: { name, template, folder }, region: /^aws:\/\/[^/]*\/(.+)$/.exec(environment ?? '')?.[1] ?? '' }];
  });
}

function withNested(stack: Stack): Stack[] {
  const children = Object.entries(stack.template.Resources ?? {}).flatMap(([logicalId, { Type, Metadata }]) => {
    if (Type !== NESTED_STACK) return [];
    const name = `${stack.name}-${logicalId}`;
    const path = Metadata?.['aws:asset:path'];
    if (typeof path !== 'string')
      throw new UnsupportedTemplate(`${stack.name}/${logicalId}`, 'a nested stack without its template in the assembly');
    const template = readTemplate(resolve(stack.folder, path), name);
    return withNested({ name, template, folder: stack.folder, parent: { stack, logicalId } });
  });
  return [stack, ...children];
}

function readTemplate(path: string, stack: string): RawTemplate {
  if (!existsSync(path)) throw new UnsupportedTemplate(stack, `its template ${path} is not in the assembly`);
  const template = JSON.parse(readFileSync(path, 'utf8')) as RawTemplate;
  const unknown = Object.keys(template).find((section) => !SECTIONS.includes(section));
  if (unknown !== undefined)
    throw new UnsupportedTemplate(stack, `the section ${unknown} of its template is not understood here`);
  return template;
}
