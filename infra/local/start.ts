import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LoadedPerson, loadDemo } from '../demo/load.ts';
import { keptPasswords } from '../demo/providers/passwords.ts';
import { type DemoProviders, startDemoProviders } from '../demo/providers/providers.ts';
import { subscribeDemo } from '../demo/subscriptions.ts';
import { type CheckedSettings, loadSettings } from '../settings.ts';
import { checkDataFolder, makeDataFolder } from './data-folder/check-data-folder.ts';
import { DataFolderProblem, isOutOfRoom } from './data-folder/fault.ts';
import {
  type DemoFile,
  demoFile,
  formerServicesPort,
  practicesOf,
  readDemoFile,
  subscribersOf,
  writeDemoFile,
  writeRuntimeFile,
} from './demo-file.ts';
import { type Lock, takeLock } from './lock.ts';
import { readOptions, type StartOptions } from './options.ts';
import { createReport } from './report.ts';
import { UnsupportedTemplate } from './resource.ts';
import type { Room } from './room/room.ts';
import { watchDisk } from './room/watch-disk.ts';
import { type Runtime, startRuntime } from './runtime.ts';
import { synthesise } from './synthesis.ts';

/** The deployment of `settings.ts` that runs here. */
const DEPLOYMENT = 'demo';

const COMPILE_CACHE = join(fileURLToPath(new URL('../..', import.meta.url)), '.cache', 'compiled');

/** `npm start`: synthesises, starts, loads the demo, prints where everything is, and runs until it is told to stop. */
async function main(): Promise<void> {
  // Lambda runs in UTC.
  process.env.TZ = 'UTC';
  const options = readOptions(process.argv.slice(2));
  if ('say' in options) {
    (options.exitCode === 0 ? console.log : console.error)(options.say);
    process.exitCode = options.exitCode;
    return;
  }
  const dataDir = resolve(options.dataDir);
  const stopping = stopSignal();
  makeDataFolder(dataDir);
  const lock = claim(dataDir);
  const settings = loadSettings(DEPLOYMENT);
  let providers: DemoProviders | undefined;
  let runtime: Runtime | undefined;
  let room: Room | undefined;
  try {
    room = await watchDisk(dataDir);
    checkDataFolder(dataDir, { hasOwnEngine: process.env.DYNAMODB_ENDPOINT === undefined });
    const assembly = await synthesise(() => console.log('Synthesising the system …'));
    providers = await startDemoProviders(settings, dataDir, createReport(join(dataDir, 'logs')));
    runtime = await startRuntime({
      assembly,
      dataDir,
      port: options.port,
      servicesPort: formerServicesPort(dataDir),
      compileCache: COMPILE_CACHE,
      engineEndpoint: process.env.DYNAMODB_ENDPOINT,
      names: providers.names,
      room,
    });
    providers.serve(runtime.identity.providers);
    writeRuntimeFile(dataDir, runtime);
    const demo = await prepareDemo(runtime, settings, { ...options, dataDir, room }, stopping);
    if (!stopping.aborted) {
      console.log(tableOf(demo, runtime));
      console.log(`ready ${runtime.baseUrl}`);
      await aborted(stopping);
    }
  } catch (error) {
    if (error instanceof DataFolderProblem) throw error;
    throw isOutOfRoom(error) ? new DataFolderProblem(dataDir, 'full', { cause: error }) : error;
  } finally {
    await runtime?.stop();
    await providers?.stop();
    await room?.close();
    lock.release();
  }
}

function claim(dataDir: string): Lock {
  const lock = takeLock(join(dataDir, 'lock'));
  if (lock !== undefined) return lock;
  throw new Error(`Chesil already runs on ${dataDir}. Stop it first, or give this one a folder of its own: --data DIR.`);
}

/** Aborts on Ctrl-C and on SIGTERM; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(1);
      controller.abort();
    });
  return controller.signal;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done();
    // The servers keep the process alive until then.
    else signal.addEventListener('abort', () => done(), { once: true });
  });

/** Subscribes the demo's organisations, loads the population when the data does not have it yet, and says in `demo.json` what there is. */
async function prepareDemo(
  runtime: Runtime,
  settings: CheckedSettings,
  { dataDir, empty, people, room }: StartOptions & { readonly room: Room },
  signal: AbortSignal,
): Promise<DemoFile> {
  const before = readDemoFile(dataDir);
  const there = before?.persons ?? [];
  const write = (persons: readonly LoadedPerson[]) => {
    const demo = demoFile(runtime, settings, persons, keptPasswords(dataDir));
    writeDemoFile(dataDir, demo);
    return demo;
  };
  const demo = write(there);
  const { fhirUrl, tokenUrl, clients } = demo;
  try {
    await subscribeDemo({ fhirUrl, tokenUrl, clients, subscribers: subscribersOf(runtime, settings), signal });
    if (empty || there.length >= people) return demo;
    return write(
      await loadDemo({ fhirUrl, tokenUrl, clients, practices: practicesOf(settings), people, signal, onProgress: showProgress }),
    );
  } catch (error) {
    if (signal.aborted) return demo;
    if (room.state === 'enough') throw error;
    // An earlier start has prepared it, and the next one completes it. Meanwhile records can be read.
    if (before !== undefined) return demo;
    throw new DataFolderProblem(dataDir, 'full', { cause: error });
  }
}

const BAR_WIDTH = 40;

function showProgress(done: number, total: number): void {
  if (!process.stdout.isTTY) return;
  const filled = Math.round((done / total) * BAR_WIDTH);
  process.stdout.write(`\rLoading the demo ${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${done}/${total}`);
  if (done === total) process.stdout.write('\n');
}

function tableOf({ fhirUrl, tokenUrl, clients, users, persons }: DemoFile, { endpoints }: Runtime): string {
  const width = Math.max(...clients.map(({ organisation }) => organisation.length));
  const sourceWidth = Math.max(...clients.map(({ source }) => source.length));
  return [
    '',
    `  FHIR R4      ${fhirUrl}`,
    `  tokens       ${tokenUrl}   (client credentials, Basic)`,
    `  queues       ${endpoints.services}`,
    `  people       ${persons.length}`,
    '',
    `  ${'organisation'.padEnd(width)}  ${'source'.padEnd(sourceWidth)}  ${'client id'.padEnd(26)}  scopes`,
    ...clients.map(
      ({ organisation, source, clientId, scopes }) =>
        `  ${organisation.padEnd(width)}  ${source.padEnd(sourceWidth)}  ${clientId.padEnd(26)}  ${scopes.join(' ')}`,
    ),
    '',
    `  ${'signs in with'.padEnd(width)}  ${'user name'.padEnd(34)}  role`,
    ...users.map(
      ({ provider, username, role, organisation }) =>
        `  ${provider.padEnd(width)}  ${username.padEnd(34)}  ${role}${organisation ? ` of ${organisation}` : ''}`,
    ),
    '',
    '  Secrets, passwords and people: demo.json in the data folder.',
    '',
  ].join('\n');
}

try {
  await main();
} catch (error) {
  const expected =
    error instanceof UnsupportedTemplate ||
    error instanceof DataFolderProblem ||
    (error instanceof Error && error.name === 'Error');
  console.error(expected ? error.message : error);
  const cause = error instanceof Error ? error.cause : undefined;
  // What the API answered to the demo, for example.
  if (expected && cause !== undefined && !(cause instanceof Error)) console.error(JSON.stringify(cause, undefined, 2));
  process.exitCode = 1;
}
