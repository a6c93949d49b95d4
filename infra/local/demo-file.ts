import { join } from 'node:path';
import type { Office } from '../../shared/access/review/task-kinds.ts';
import type { Role } from '../../shared/access/roles.ts';
import { createDirectory } from '../../shared/directory/directory.ts';
import { createSources } from '../../shared/directory/sources.ts';
import { DEFAULT_SOURCE } from '../../shared/record/source-names.ts';
import type { LoadedPerson } from '../demo/load.ts';
import { DEMO_USERS, type DemoUser } from '../demo/providers/users.ts';
import type { Practice } from '../demo/stories/story.ts';
import type { DemoSubscriber } from '../demo/subscriptions.ts';
import { type CheckedSettings, officeQueueName, officesOf, subscriberQueueName } from '../settings.ts';
import { DataFolderProblem } from './data-folder/fault.ts';
import { readJson, writeJson } from './data-folder/json-file.ts';
import { resourcesOf } from './resource.ts';
import type { Runtime } from './runtime.ts';

/** What `<data>/demo.json` tells whoever tries the system out. */
export interface DemoFile {
  readonly baseUrl: string;
  readonly fhirUrl: string;
  readonly tokenUrl: string;
  readonly clients: readonly DemoClient[];
  /** What people sign in to. */
  readonly apps: readonly DemoApp[];
  readonly users: readonly DemoLogin[];
  readonly persons: readonly LoadedPerson[];
  readonly queues: readonly DemoQueue[];
  /** Where privacy offices collect what they are to review. */
  readonly privacyQueues: readonly DemoQueue[];
  /** Where records offices collect what they are to answer. */
  readonly recordsQueues: readonly DemoQueue[];
}

export interface DemoClient {
  readonly organisation: string;
  /** ODS code of the organisation, or its GSS code when it is a council. */
  readonly ods: string;
  /** Which system of the organisation it is. */
  readonly source: string;
  /** Whether that system traces NHS numbers; absent where it does not. */
  readonly tracesNhsNumbers?: true;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
}

export interface DemoApp {
  readonly name: string;
  readonly clientId: string;
  readonly redirectUris: readonly string[];
}

/** Somebody who can sign in with a demo provider. */
export interface DemoLogin {
  readonly name: string;
  /** For whom they act; absent for people who look at their own record. */
  readonly organisation?: string;
  readonly role: Role;
  readonly provider: string;
  readonly username: string;
  readonly password: string;
}

/** Where an organisation collects what it is told, with an access key that may read this queue and do nothing else. */
export interface DemoQueue {
  readonly organisation: string;
  readonly endpoint: string;
  readonly region: string;
  readonly queueUrl: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What the running system tells of itself. */
export function demoFile(
  runtime: Runtime,
  settings: CheckedSettings,
  persons: readonly LoadedPerson[],
  passwords: Readonly<Record<string, string>>,
): DemoFile {
  const { template, baseUrl, stageUrl, identity } = runtime;
  const parameters = resourcesOf(template.resources, 'AWS::SSM::Parameter');
  const systemOf = (clientId: string): readonly [organisation: string, source: string] => {
    const value = parameters.find(({ ref }) => ref.endsWith(`/${clientId}`))?.properties.Value ?? '';
    const [organisation = '', source = DEFAULT_SOURCE] = String(value).split('/');
    return [organisation, source];
  };
  const sources = createSources(settings.sources);
  const codes = codesOf(settings);
  return {
    baseUrl,
    fhirUrl: `${stageUrl}/R4`,
    tokenUrl: `${baseUrl}/oauth2/token`,
    clients: identity.clients.map(({ clientId, clientSecret, scopes }) => {
      const [organisation, source] = systemOf(clientId);
      const { tracesNhsNumbers } = sources.byName(organisation, source);
      return {
        organisation,
        ods: codes.get(organisation) ?? '',
        source,
        ...(tracesNhsNumbers ? { tracesNhsNumbers } : {}),
        ...{ clientId, clientSecret, scopes },
      };
    }),
    apps: identity.apps.map(({ clientId, name, redirectUris }) => ({ name, clientId, redirectUris })),
    users: DEMO_USERS.map((user) => loginOf(user, passwords)),
    persons,
    queues: settings.subscribers.flatMap(
      ({ organisation }) => queueOf(runtime, organisation, subscriberQueueName(settings, organisation)) ?? [],
    ),
    privacyQueues: queuesOf(runtime, settings, 'privacy'),
    recordsQueues: queuesOf(runtime, settings, 'records'),
  };
}

function loginOf(user: DemoUser, passwords: Readonly<Record<string, string>>): DemoLogin {
  const { name, role, provider, username } = user;
  const organisation = user.kind === 'nhs-login' ? {} : { organisation: user.organisation };
  return { name, ...organisation, role, provider, username, password: passwords[username] ?? '' };
}

const queuesOf = (runtime: Runtime, settings: CheckedSettings, office: Office): readonly DemoQueue[] =>
  officesOf(settings, office).flatMap(
    ({ organisation }) => queueOf(runtime, organisation, officeQueueName(settings, organisation, office)) ?? [],
  );

function queueOf({ queues, endpoints, place }: Runtime, organisation: string, queueName: string): DemoQueue | undefined {
  const queue = queues.find(({ name }) => name === queueName);
  if (queue === undefined) return undefined;
  const { accessKeyId, secretAccessKey } = queue.reader;
  return {
    organisation,
    endpoint: endpoints.services,
    region: place.region,
    queueUrl: queue.url,
    accessKeyId,
    secretAccessKey,
  };
}

/** The organisations that a queue was made for. */
export const subscribersOf = ({ queues, place }: Runtime, settings: CheckedSettings): readonly DemoSubscriber[] =>
  settings.subscribers.flatMap(({ organisation }) => {
    const name = subscriberQueueName(settings, organisation);
    const isMade = queues.some((queue) => queue.name === name);
    return isMade ? [{ organisation, queueArn: `arn:aws:sqs:${place.region}:${place.account}:${name}` }] : [];
  });

/** The last code that each organisation had: those that merged keep the one they left with. */
const codesOf = ({ organisations }: CheckedSettings): ReadonlyMap<string, string> =>
  new Map(
    organisations.flatMap(({ id, codes }) => (codes.at(-1) === undefined ? [] : [[id, codes.at(-1)!.value.value] as const])),
  );

/** The practices that can register people: those with an app client. */
export function practicesOf(settings: CheckedSettings): readonly Practice[] {
  const directory = createDirectory(settings.organisations);
  const today = new Date().toISOString().slice(0, 10);
  const codes = codesOf(settings);
  return settings.organisations
    .filter(({ id, kind }) => kind === 'gp-practice' && settings.clients.some(({ organisation }) => organisation === id))
    .map(({ id }) => ({ organisation: id, code: codes.get(id) ?? '', name: directory.nameAt(id, today) ?? id }));
}

/** Spaces, for the people who read these files. */
const INDENT = 2;

const pathOf = (dataDir: string): string => join(dataDir, 'demo.json');

/**
 * What an earlier start wrote; `undefined` when there was none.
 *
 * @throws DataFolderProblem when the file cannot be read, or holds something else
 */
export function readDemoFile(dataDir: string): DemoFile | undefined {
  const found = readJson(pathOf(dataDir)) as Partial<DemoFile> | null | undefined;
  if (found === undefined) return undefined;
  if (!Array.isArray(found?.persons) || !Array.isArray(found.clients) || !Array.isArray(found.apps))
    throw new DataFolderProblem(pathOf(dataDir), 'damaged');
  return found as DemoFile;
}

/** Writes it whole or not at all, for its owner alone: it holds secrets. */
export const writeDemoFile = (dataDir: string, demo: DemoFile): void => writeJson(pathOf(dataDir), demo, INDENT);

/** What tools for whoever runs the machine need: `npm run inspect`, the bench, tests. */
export function writeRuntimeFile(dataDir: string, { baseUrl, endpoints, place, tables, queues, operator }: Runtime): void {
  const content = {
    pid: process.pid,
    baseUrl,
    region: place.region,
    dynamodbEndpoint: endpoints.dynamodb,
    servicesEndpoint: endpoints.services,
    credentials: operator,
    tables: Object.fromEntries(tables.map(({ name }) => [shortName(name), name])),
    queues: Object.fromEntries(queues.map(({ name, url, reader }) => [name, { url, credentials: reader }])),
  };
  writeJson(join(dataDir, 'runtime.json'), content, INDENT);
}

/** The port on which the services listened last; 0 when they never did. */
export function formerServicesPort(dataDir: string): number {
  const found = readJson(join(dataDir, 'runtime.json')) as { servicesEndpoint?: unknown } | null | undefined;
  const address = String(found?.servicesEndpoint);
  return URL.canParse(address) ? Number(new URL(address).port) : 0;
}

/** `Record` of `chesil-demo-data-RecordTableDC0C661A`: the construct without what CloudFormation adds to it. */
const shortName = (table: string): string => table.slice(table.lastIndexOf('-') + 1).replace(/(?:Table)?[0-9A-F]{8}$/, '');
