import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServiceEndpoint } from './endpoint/endpoint.ts';
import { launchEngine, openStore, type Store } from './engine/store.ts';
import type { TableDescription } from './engine/tables.ts';
import { createBus } from './events/bus.ts';
import { environmentOf, functionsOf } from './functions/description.ts';
import { createFunctions, type Functions, type Parallelism } from './functions/functions.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import { type LoopbackServer, listenOnLoopback } from './gateway/server.ts';
import { rememberTokens } from './gateway/token-memory.ts';
import { type Ground, operatorPrincipal, prepareGround, reportTo } from './ground.ts';
import type { AccessKey } from './iam/credentials.ts';
import type { Principal } from './iam/model.ts';
import { functionPrincipal, queueReaderPrincipal } from './iam/principal.ts';
import type { NameTable } from './identity/federation/reach.ts';
import { createIdentity, type Identity } from './identity/identity.ts';
import { openMessages } from './queues/messages.ts';
import { createQueues, type Queues } from './queues/queues.ts';
import { createReport } from './report.ts';
import { type Place, resourcesOf } from './resource.ts';
import type { Room } from './room/room.ts';
import { UNWATCHED } from './room/unwatched.ts';
import { createParameters } from './secrets/parameters.ts';
import { createSecrets, type Secrets } from './secrets/secrets.ts';
import type { QueueMapping } from './sources/mapping.ts';
import { atOnceOf, queueMappingsOf, startSources } from './sources/sources.ts';
import { openCheckpoints } from './streams/checkpoints.ts';
import { type Streams, startStreams } from './streams/streams.ts';
import type { Template } from './template/template.ts';

export interface RuntimeOptions {
  /** Folder of the cloud assembly that is played. */
  readonly assembly: string;
  /** Everything that outlives the process. */
  readonly dataDir: string;
  /** Of the API; 0 for any. */
  readonly port: number;
  /** Where the other services should listen, if that port is free. */
  readonly servicesPort?: number | undefined;
  /** Where Node keeps compiled bundles. */
  readonly compileCache: string;
  /** An engine that is already running. */
  readonly engineEndpoint?: string | undefined;
  readonly parallelism?: Parallelism | undefined;
  /** Where the hosts of identity providers are on this machine. */
  readonly names?: NameTable | undefined;
  /** Of the disk that the data folder is on; by default nobody watches it. */
  readonly room?: Room | undefined;
}

/** The system, running on this machine. */
export interface Runtime {
  readonly template: Template;
  readonly place: Place;
  readonly baseUrl: string;
  /** `<baseUrl>/<stage>` */
  readonly stageUrl: string;
  /** Addresses of the services, as the SDKs' `AWS_ENDPOINT_URL_…` take them. */
  readonly endpoints: { readonly dynamodb: string; readonly services: string };
  readonly tables: readonly TableDescription[];
  /** Each queue, with an access key that may read it and do nothing else. */
  readonly queues: readonly { readonly name: string; readonly url: string; readonly reader: AccessKey }[];
  /** Who may sign in to it: partners' systems, apps, and people of providers. */
  readonly identity: Pick<Identity, 'apps' | 'clients' | 'providers'>;
  /** May do everything that no resource itself denies: for whoever runs the machine. */
  readonly operator: AccessKey;
  stop(): Promise<void>;
}

const LOGS = 'logs';
/** An event that is being worked on may come to its end, but not hold the stop up. */
const STOP_WITHIN_MS = 3_000;

/**
 * Plays the templates of an assembly.
 *
 * @throws UnsupportedTemplate when there is something in them that is not played; Error when a port is in use or the engine does not start
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const cleanUp: (() => unknown)[] = [];
  try {
    return await start(options, cleanUp);
  } catch (error) {
    await runAll(cleanUp);
    throw error;
  }
}

/** In the opposite order of what was started. */
async function runAll(cleanUp: (() => unknown)[]): Promise<void> {
  for (const step of cleanUp.splice(0).reverse()) await step();
}

async function start(options: RuntimeOptions, cleanUp: (() => unknown)[]): Promise<Runtime> {
  const { assembly, dataDir, port, servicesPort = 0, room = UNWATCHED } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const report = reportTo(createReport(join(dataDir, LOGS)), room);
  const gatewayServer = await listenOnLoopback(port);
  cleanUp.push(() => gatewayServer.close());
  const servicesServer = await listenIfFree(servicesPort);
  cleanUp.push(() => servicesServer.close());
  const starting = launchEngine(options, { report, cleanUp });

  const baseUrl = urlOf(gatewayServer);
  const ground = prepareGround(
    assembly,
    { gateway: baseUrl, services: urlOf(servicesServer) },
    { dataDir, report, room, cleanUp },
  );
  const { template, resources, place, policies, api, credentials, tables } = ground;
  const consumers: { streams?: Streams } = {};
  const onWrite = (table: string) => consumers.streams?.wake(table);
  const store = await openStore(await starting, { onWrite }, ground);
  const endpoints = { dynamodb: store.url, services: urlOf(servicesServer) };
  const mappings = queueMappingsOf(resources);
  const { functions, principalOf, descriptions } = startFunctions(endpoints, options, ground, mappings);
  const warming = functions.warm();
  warming.catch(() => {});
  const { queues, secrets } = startServices(servicesServer, functions, ground);
  const identity = createIdentity({
    ...{ resources, policies, baseUrl, dataDir, place, report },
    invokeTrigger: functions.invoke,
    secretOf: secrets.reveal,
    names: options.names ?? {},
  });
  cleanUp.push(() => identity.close());
  const gateway = createGateway({
    api,
    account: place.account,
    port: gatewayServer.port,
    verifyToken: rememberTokens(identity.verifyToken),
    poolArn: resourcesOf(resources, 'AWS::Cognito::UserPool')[0]?.attributes.Arn ?? '',
    invoke: functions.invokeProxied,
    report,
  });
  await warming;
  consumers.streams = await consumeStreams({ store, queues, functions, principalOf }, ground);
  const sources = await startSources({
    ...{ mappings, queues, policies, principalOf, room, report },
    functions: descriptions,
    invoke: functions.invoke,
  });
  cleanUp.push(() => Promise.race([sources.stop(), sleep(STOP_WITHIN_MS, undefined, { ref: false })]));
  gatewayServer.serve(frontDoor(gateway, identity));
  // Nobody new is let in before anything else is taken down.
  cleanUp.push(() => gatewayServer.close());

  return {
    ...{ template, place, baseUrl, endpoints, tables },
    stageUrl: baseUrl + gateway.prefix,
    queues: queues.settings.map((queue) => ({
      name: queue.name,
      url: queue.url,
      reader: credentials.issue(queueReaderPrincipal(queue, place)),
    })),
    identity,
    operator: credentials.issue(operatorPrincipal(place)),
    stop: () => runAll(cleanUp),
  };
}

function startFunctions(
  endpoints: Runtime['endpoints'],
  { compileCache, parallelism }: RuntimeOptions,
  ground: Ground,
  mappings: readonly QueueMapping[],
) {
  const { resources, place, policies, credentials, dataDir, cleanUp } = ground;
  const descriptions = functionsOf(resources);
  const principals = new Map(
    descriptions.map(({ arn, name, roleArn }) => [arn, functionPrincipal({ functionName: name, roleArn, policies, place })]),
  );
  const principalOf = (functionArn: string): Principal => principals.get(functionArn)!;
  const functions = createFunctions({
    descriptions,
    logFolder: join(dataDir, LOGS),
    compileCache,
    parallelism,
    atOnceOf: (functionArn) => atOnceOf(mappings, functionArn),
    variablesOf: (description) => {
      const accessKey = credentials.issue(principalOf(description.arn));
      return environmentOf(description, { region: place.region, accessKey, endpoints: variablesFor(endpoints) });
    },
  });
  cleanUp.push(() => functions.close());
  return { functions, principalOf, descriptions };
}

/** Queues, buses, secrets and parameters, behind one address. */
function startServices(server: LoopbackServer, { invoke }: Functions, ground: Ground): { queues: Queues; secrets: Secrets } {
  const { resources, place, policies, credentials, dataDir, report, cleanUp } = ground;
  const messages = openMessages(join(dataDir, 'messages.db'));
  cleanUp.push(() => messages.close());
  const queues = createQueues({ resources, messages, place, report });
  cleanUp.push(() => queues.close());
  const bus = createBus({ resources, messages, queues, policies, place, invoke, report });
  cleanUp.push(() => bus.close());
  const secrets = createSecrets({ resources, dataDir, place });
  const services = [queues, bus, secrets, createParameters({ resources, place })];
  const endpoint = createServiceEndpoint({ services, credentials, policies, report });
  server.serve((request, response) => endpoint.handle(request, response));
  return { queues, secrets };
}

interface StreamParts {
  readonly store: Store;
  readonly queues: Queues;
  readonly functions: Functions;
  readonly principalOf: (functionArn: string) => Principal;
}

async function consumeStreams({ store, queues, functions, principalOf }: StreamParts, ground: Ground): Promise<Streams> {
  const { resources, place, policies, tables, dataDir, report, room, cleanUp } = ground;
  const checkpoints = openCheckpoints(join(dataDir, 'streams.db'));
  cleanUp.push(() => checkpoints.close());
  const streams = await startStreams({
    ...{ resources, tables, checkpoints, queues, policies, place, principalOf, room, report },
    calls: store.calls,
    engineFile: store.engineFile,
    invoke: functions.invoke,
  });
  cleanUp.push(() => Promise.race([streams.stop(), sleep(STOP_WITHIN_MS, undefined, { ref: false })]));
  return streams;
}

/** The API below its stage, the token endpoint beside it. */
const frontDoor =
  (gateway: Gateway, identity: Identity): Parameters<LoopbackServer['serve']>[0] =>
  async (request, response) => {
    if (isBelow(request.url ?? '/', gateway.prefix)) return gateway.handle(request, response);
    if (await identity.handle(request, response)) return;
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"Not Found"}');
  };

const urlOf = ({ port }: LoopbackServer): string => `http://127.0.0.1:${port}`;

async function listenIfFree(port: number): Promise<LoopbackServer> {
  if (port === 0) return listenOnLoopback(0);
  return listenOnLoopback(port).catch(() => listenOnLoopback(0));
}

/** Standard variables of the AWS SDKs ("Service-specific endpoints"). */
const variablesFor = ({ dynamodb, services }: Runtime['endpoints']): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
  AWS_ENDPOINT_URL_EVENTBRIDGE: services,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: services,
  AWS_ENDPOINT_URL_SQS: services,
  AWS_ENDPOINT_URL_SSM: services,
});

const isBelow = (url: string, prefix: string): boolean =>
  url.startsWith(prefix) && (url.length === prefix.length || '/?'.includes(url[prefix.length]!));
