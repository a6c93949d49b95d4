import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { FhirApi } from '../constructs/fhir-api.ts';
import { Firewall } from '../constructs/firewall.ts';
import { BundledFunction } from '../constructs/function.ts';
import type { CheckedSettings } from '../settings.ts';
import type { BusStack } from './bus.ts';
import type { DataStack } from './data.ts';
import type { IdentityStack } from './identity.ts';

export interface ApiProps extends StackProps {
  readonly settings: CheckedSettings;
  readonly data: DataStack;
  readonly bus: BusStack;
  readonly identity: IdentityStack;
}

/** The door: what partners push and read, over HTTPS. */
export class ApiStack extends Stack {
  readonly ingest: BundledFunction;
  readonly serve: BundledFunction;
  readonly justify: BundledFunction;
  readonly subscribe: BundledFunction;
  readonly fhir: FhirApi;
  readonly firewall: Firewall;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id, props);
    const { settings, data, bus, identity } = props;
    const { operationsKey } = data;
    this.ingest = new BundledFunction(this, 'ingest', { settings, operationsKey });
    data.record.grantContribute(this.ingest);
    data.identity.grantRead(this.ingest);
    data.versions.grantRead(this.ingest);
    data.signals.grantNoteFeeds(this.ingest);

    this.serve = new BundledFunction(this, 'serve', { settings, operationsKey });
    data.record.grantRead(this.serve);
    data.audit.grantNote(this.serve);
    data.audit.grantReadAudit(this.serve);
    data.oversight.grantReadQueue(this.serve);
    data.identity.grantRead(this.serve);
    data.versions.grantRead(this.serve);
    data.signals.grantReadFeeds(this.serve);
    identity.tokens.tellAddresses(this.serve);
    this.serve.tell('APP_ORIGINS', originsOf(settings));

    this.justify = new BundledFunction(this, 'justify', { settings, operationsKey });
    this.justify.tell('APP_ORIGINS', originsOf(settings));
    data.oversight.grantJustify(this.justify);
    data.audit.grantNote(this.justify);
    data.record.grantKnow(this.justify);
    data.identity.grantRead(this.justify);

    this.subscribe = new BundledFunction(this, 'subscribe', { settings, operationsKey });
    this.subscribe.tell('APP_ORIGINS', originsOf(settings));
    this.subscribe.tell('MOST_RULES', String(settings.mostRules));
    data.signals.grantSubscribe(this.subscribe);
    data.record.grantRead(this.subscribe);
    data.identity.grantRead(this.subscribe);
    bus.announcements.grantReplay(this.subscribe);
    bus.queues.grantRoute(this.subscribe);
    bus.queues.grantWake(this.subscribe);
    bus.signing.grantKeep(this.subscribe);

    const functions = { ingest: this.ingest, serve: this.serve, justify: this.justify, subscribe: this.subscribe };
    this.fhir = new FhirApi(this, 'Fhir', { settings, operationsKey, tokens: identity.tokens, functions });
    this.firewall = new Firewall(this, 'Firewall', { settings, operationsKey, stageArn: this.fhir.stageArn });
    new CfnOutput(this, 'FhirUrl', { value: this.fhir.fhirUrl, description: 'Base address of the FHIR API' });
  }
}

/** Whose scripts may call from a browser: those of the pages that apps come back to. No page has the origin that stands for nobody. */
const originsOf = ({ apps }: CheckedSettings): string =>
  [...new Set(apps.flatMap(({ redirectUris }) => redirectUris.map((uri) => new URL(uri).origin)))].join(' ') || 'nobody';
