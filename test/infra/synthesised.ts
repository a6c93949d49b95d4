import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Stack } from 'aws-cdk-lib/core';
import { createSystem } from '../../infra/system.ts';

/** A resource of a template, as CloudFormation reads it. */
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of a property is CloudFormation's, and what tests assert
  readonly Properties: Readonly<Record<string, any>>;
  readonly DeletionPolicy?: string;
}

/** The demo deployment, synthesised. */
export interface Synthesised {
  readonly outdir: string;
  /** By the part that a stack's name ends in: `data`, `api` … */
  readonly templates: Readonly<Record<string, Template>>;
  /** Whether each stack is, by its part. */
  readonly protectedFromDeletion: Readonly<Record<string, boolean | undefined>>;
  /** Resources of one type over all stacks, by logical id. */
  resources(type: string): Readonly<Record<string, Resource>>;
  /** What the rule packs and the validator found. */
  readonly findings: readonly unknown[];
  remove(): void;
}

/** Synthesises once into a folder of its own. */
export async function synthesise({ checks }: { readonly checks: boolean }): Promise<Synthesised> {
  const outdir = mkdtempSync(join(tmpdir(), 'synth-'));
  const app = await createSystem({ outdir, deployment: 'demo', checks });
  const stacks = app.node.children.filter(Stack.isStack);
  const byPart = <T>(of: (stack: Stack) => T) =>
    Object.fromEntries(stacks.map((stack) => [stack.stackName.slice('chesil-demo-'.length), of(stack)]));
  const templates = byPart((stack) => Template.fromStack(stack));
  return {
    outdir,
    templates,
    protectedFromDeletion: byPart(({ terminationProtection }) => terminationProtection),
    resources: (type) =>
      Object.assign({}, ...Object.values(templates).map((template) => template.findResources(type))) as Record<string, Resource>,
    findings: checks ? reportOf(outdir) : [],
    remove: () => rmSync(outdir, { recursive: true, force: true }),
  };
}

/** The report that synthesis leaves: one entry for each plugin that found something. */
function reportOf(outdir: string): readonly unknown[] {
  return (JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as { pluginReports: unknown[] }).pluginReports;
}
