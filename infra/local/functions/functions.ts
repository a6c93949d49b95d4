import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionDescription } from './description.ts';
import { type Call, type Environment, startEnvironment } from './environment.ts';
import { FunctionFailed, type InvocationFailure } from './failure.ts';
import { openLogFile } from './log-file.ts';
import type { EnvironmentSetup, ProxiedResult } from './messages.ts';

/** The functions of the system. */
export interface Functions {
  /** Loads every bundle. @throws FunctionFailed when one cannot be loaded */
  warm(): Promise<void>;
  /** Invokes a function and waits for its result. @throws FunctionFailed */
  invoke(functionArn: string, event: unknown): Promise<unknown>;
  /** Invokes a function with an HTTP request whose body is `body`. @throws FunctionFailed */
  invokeProxied(functionArn: string, event: unknown, body: Uint8Array<ArrayBuffer> | undefined): Promise<ProxiedResult>;
  close(): Promise<void>;
}

/** How many events one function works on at a time. */
export interface Parallelism {
  /** Environments of each function. */
  readonly environments: number;
  /** Events that one environment works on at the same time: one on Lambda. */
  readonly eventsAtOnce: number;
}

interface FunctionsOptions {
  readonly descriptions: readonly FunctionDescription[];
  readonly variablesOf: (description: FunctionDescription) => Readonly<Record<string, string>>;
  readonly logFolder: string;
  readonly compileCache: string;
  readonly parallelism?: Parallelism | undefined;
  /** Events that are handed to a function at the same time by what waits for it: one environment takes at least so many. */
  readonly atOnceOf?: (functionArn: string) => number;
}

/**
 * One environment of each function takes many events at a time, where Lambda starts one environment for each event at a time: what
 * instances remember is then kept once, and two cores serve most (docs/decisions/0030-one-machine.md).
 */
const DEFAULT_PARALLELISM: Parallelism = { environments: 1, eventsAtOnce: 64 };

const RESTART_AFTER_MS = 100;

export function createFunctions(options: FunctionsOptions): Functions {
  mkdirSync(options.logFolder, { recursive: true });
  const { parallelism = DEFAULT_PARALLELISM, atOnceOf = () => 0 } = options;
  const parallelismOf = ({ arn }: FunctionDescription): Parallelism => ({
    ...parallelism,
    eventsAtOnce: Math.max(parallelism.eventsAtOnce, atOnceOf(arn)),
  });
  const functions = new Map(
    options.descriptions.map((description) => [
      description.arn,
      createFunction(description, options, parallelismOf(description)),
    ]),
  );
  const find = (arn: string) => {
    const found = functions.get(arn);
    if (found === undefined) throw new Error(`there is no function ${arn}`);
    return found;
  };
  const call = (event: unknown, proxied: boolean, body?: Uint8Array<ArrayBuffer>): Call => ({
    requestId: randomUUID(),
    event,
    proxied,
    body,
  });
  return {
    async warm() {
      await Promise.all([...functions.values()].map(({ warm }) => warm()));
    },
    async invoke(arn, event) {
      return JSON.parse((await find(arn).invoke(call(event, false))) as string);
    },
    async invokeProxied(arn, event, body) {
      return (await find(arn).invoke(call(event, true, body))) as ProxiedResult;
    },
    async close() {
      await Promise.all([...functions.values()].map(({ close }) => close()));
    },
  };
}

interface Waiting {
  readonly call: Call;
  readonly take: (answer: Promise<string | ProxiedResult>) => void;
}

/** One function: its environments, and the events that wait for one. */
function createFunction(
  description: FunctionDescription,
  { variablesOf, logFolder, compileCache }: FunctionsOptions,
  { environments: wanted, eventsAtOnce }: Parallelism,
) {
  const setup = setupOf(description, logFolder, compileCache);
  const log = openLogFile(setup.logPath);
  const environments = new Set<Environment>();
  const waiting: Waiting[] = [];
  let closed = false;

  const start = (): Environment => {
    const environment = startEnvironment({
      setup,
      variables: variablesOf(description),
      timeoutMs: description.timeoutMs,
      onUnusable: replace,
    });
    environments.add(environment);
    return environment;
  };

  function replace(environment: Environment, failure: InvocationFailure): void {
    environments.delete(environment);
    if (closed) return;
    log.append(`${JSON.stringify({ time: new Date().toISOString(), type: 'platform.fault', record: failure })}\n`);
    // A bundle that cannot even start is tried again when the next event comes, not over and over.
    environment.ready.then(
      () => setTimeout(() => closed || next(), RESTART_AFTER_MS),
      () => next(),
    );
  }

  const free = (): Environment | undefined => {
    let best: Environment | undefined;
    for (const environment of environments)
      if (environment.inFlight < eventsAtOnce && (best === undefined || environment.inFlight < best.inFlight)) best = environment;
    return best === undefined || (best.inFlight > 0 && environments.size < wanted) ? grow(best) : best;
  };

  const grow = (best: Environment | undefined): Environment | undefined => (environments.size < wanted ? start() : best);

  function next(): void {
    while (waiting.length > 0) {
      const environment = free();
      if (environment === undefined) return;
      const { call, take } = waiting.shift()!;
      take(run(environment, call));
    }
  }

  function run(environment: Environment, call: Call): Promise<string | ProxiedResult> {
    const answer = environment.invoke(call);
    answer.then(next, next);
    return answer;
  }

  return {
    async warm() {
      while (environments.size < wanted) start();
      await Promise.all([...environments].map(({ ready }) => ready));
    },
    invoke(call: Call): Promise<string | ProxiedResult> {
      if (closed) return Promise.reject(new FunctionFailed(description.name, call.requestId, SHUT_DOWN));
      const environment = waiting.length === 0 ? free() : undefined;
      if (environment !== undefined) return run(environment, call);
      return new Promise((take) => waiting.push({ call, take }));
    },
    async close() {
      closed = true;
      await Promise.all([...environments].map((environment) => environment.end()));
    },
  };
}

const SHUT_DOWN: InvocationFailure = { errorType: 'Runtime.ExitError', errorMessage: 'The runtime is stopping', cause: 'exit' };

const setupOf = (description: FunctionDescription, logFolder: string, compileCache: string): EnvironmentSetup => ({
  name: description.name,
  arn: description.arn,
  folder: description.folder,
  handler: description.handler,
  memoryMb: description.memoryMb,
  logGroup: description.logGroup,
  logFormat: description.logFormat,
  logPath: join(logFolder, `${description.name}.log`),
  compileCache,
});
