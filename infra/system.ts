import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks } from 'cdk-nag';
import { BUNDLES, BUNDLES_CONTEXT, bundleFunctions } from './bundle.ts';
import { type CheckedSettings, loadSettings } from './settings.ts';
import { ApiStack } from './stacks/api.ts';
import { BusStack } from './stacks/bus.ts';
import { DataStack } from './stacks/data.ts';
import { EventsStack } from './stacks/events.ts';
import { IdentityStack } from './stacks/identity.ts';
import { ObservabilityStack } from './stacks/observability.ts';

export interface SystemOptions {
  /** Where the templates go, with bundles of their own below it: two that run at once do not meet. By default `cdk.out` and `dist`. */
  readonly outdir?: string;
  /** Name of a deployment of `settings.ts`; by default what `-c deployment=` says, else `demo`. */
  readonly deployment?: string;
  /** Whether the rule packs and the validator look at the templates (default): takes longer than everything else. */
  readonly checks?: boolean;
}

/** The flags and settings of cdk.json: the CDK's own command passes them on, other callers must not miss them. */
const CONTEXT = (
  JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8')) as { context: Record<string, unknown> }
).context;

/** Bundles the functions and describes the whole system. Call `synth()` on what it returns. */
export async function createSystem({ outdir, deployment, checks = true }: SystemOptions = {}): Promise<App> {
  const app = new App({
    outdir,
    context: {
      ...CONTEXT,
      // The one-machine runtime finds each function's bundle by it.
      'aws:cdk:enable-asset-metadata': true,
      ...(checks ? {} : { '@aws-cdk/core:validateAgainstDefaultRules': false }),
    },
  });
  const settings = loadSettings(deployment ?? app.node.tryGetContext('deployment') ?? 'demo');
  const bundles = outdir === undefined ? BUNDLES : join(outdir, 'bundles');
  await bundleFunctions(settings, bundles);
  app.node.setContext(BUNDLES_CONTEXT, bundles);
  addStacks(app, settings);
  if (checks) addChecks(app);
  return app;
}

/** Has the rule packs look at everything when it is synthesised. What they find and nobody has explained makes synthesis fail. */
export const addChecks = (app: App): void =>
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new NIST80053R5Checks(app));

function addStacks(app: App, settings: CheckedSettings) {
  const { deployment, account, region } = settings;
  const common = { settings, env: { account, region }, terminationProtection: true };
  const name = (part: string) => `chesil-${deployment}-${part}`;
  const data = new DataStack(app, name('data'), common);
  const identity = new IdentityStack(app, name('identity'), { ...common, data });
  const bus = new BusStack(app, name('bus'), common);
  const api = new ApiStack(app, name('api'), { ...common, data, bus, identity });
  const events = new EventsStack(app, name('events'), { ...common, data, bus, api });
  new ObservabilityStack(app, name('observability'), { ...common, data, identity, bus, api, events });
  Tags.of(app).add('service', 'chesil');
  Tags.of(app).add('deployment', deployment);
}
