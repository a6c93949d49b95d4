import { Worker } from 'node:worker_threads';
import { exited, FunctionFailed, type InvocationFailure, timedOut } from './failure.ts';
import type { EnvironmentSetup, FromEnvironment, Invoke, ProxiedResult } from './messages.ts';

/** An execution environment: one worker thread with the bundle loaded, as Lambda keeps them warm. */
export interface Environment {
  /** Events that it is working on. */
  readonly inFlight: number;
  /** Whether it takes further events. */
  readonly usable: boolean;
  /** Answers when the bundle is loaded. @throws FunctionFailed when it cannot be */
  readonly ready: Promise<void>;
  invoke(call: Call): Promise<string | ProxiedResult>;
  /** Ends it once it has answered what it works on. */
  retire(): void;
  /** Ends it now. */
  end(): Promise<void>;
}

export interface Call {
  readonly requestId: string;
  readonly event: unknown;
  readonly body?: Uint8Array<ArrayBuffer> | undefined;
  readonly proxied: boolean;
}

interface EnvironmentOptions {
  readonly setup: EnvironmentSetup;
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Told once, when it takes no further events and why. */
  readonly onUnusable: (environment: Environment, failure: InvocationFailure) => void;
}

interface Pending {
  readonly settle: (answer: string | ProxiedResult) => void;
  readonly fail: (failure: InvocationFailure) => void;
  readonly timer: NodeJS.Timeout;
}

/** Starts an environment. */
export function startEnvironment({ setup, variables, timeoutMs, onUnusable }: EnvironmentOptions): Environment {
  const worker = new Worker(new URL('./environment-thread.ts', import.meta.url), {
    workerData: setup,
    env: { ...variables },
    name: setup.name,
    resourceLimits: { maxOldGenerationSizeMb: setup.memoryMb },
  });
  const pending = new Map<string, Pending>();
  const started = Promise.withResolvers<void>();
  started.promise.catch(() => {});
  let usable = true;

  const environment: Environment = {
    get inFlight() {
      return pending.size;
    },
    get usable() {
      return usable;
    },
    ready: started.promise,
    invoke,
    retire: () => close(),
    end: async () => {
      usable = false;
      await worker.terminate();
    },
  };

  /** No further events; those under way may come to their end. */
  function close(): void {
    usable = false;
    if (pending.size === 0) void worker.terminate();
  }

  function giveUp(failure: InvocationFailure): void {
    const first = usable;
    close();
    if (first) onUnusable(environment, failure);
  }

  function invoke({ requestId, event, body, proxied }: Call): Promise<string | ProxiedResult> {
    const { promise, resolve, reject } = Promise.withResolvers<string | ProxiedResult>();
    const done = () => {
      clearTimeout(pending.get(requestId)?.timer);
      pending.delete(requestId);
      if (!usable && pending.size === 0) void worker.terminate();
    };
    const fail = (failure: InvocationFailure) => {
      done();
      reject(new FunctionFailed(setup.name, requestId, failure));
    };
    const settle = (answer: string | ProxiedResult) => {
      done();
      resolve(answer);
    };
    const timer = setTimeout(() => {
      const failure = timedOut(requestId, timeoutMs);
      fail(failure);
      giveUp(failure);
    }, timeoutMs);
    pending.set(requestId, { settle, fail, timer });
    const message: Invoke = {
      kind: 'invoke',
      requestId,
      event,
      proxied,
      deadline: Date.now() + timeoutMs,
      ...(body && { body }),
    };
    worker.postMessage(message, body === undefined ? [] : [body.buffer]);
    return promise;
  }

  function collapse(how: string): void {
    started.reject(new FunctionFailed(setup.name, 'init', exited('init', how)));
    for (const [requestId, { fail }] of [...pending]) fail(exited(requestId, how));
    giveUp(exited('', how));
  }

  worker.on('message', (message: FromEnvironment) => {
    if (message.kind === 'ready') started.resolve();
    else if (message.kind === 'answered') pending.get(message.requestId)?.settle(message.answer);
    else if (message.kind === 'failed') pending.get(message.requestId)?.fail(message.failure);
    else {
      started.reject(new FunctionFailed(setup.name, 'init', message.failure));
      for (const { fail } of [...pending.values()]) fail(message.failure);
      giveUp(message.failure);
    }
  });
  let uncaught: Error | undefined;
  worker.on('error', (error) => {
    uncaught = error instanceof Error ? error : new Error(String(error));
  });
  worker.on('exit', (code) => collapse(uncaught === undefined ? `exit status ${code}` : reasonOf(uncaught)));
  return environment;
}

const reasonOf = (error: Error & { code?: string }): string =>
  error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'signal: killed' : 'exit status 1';
