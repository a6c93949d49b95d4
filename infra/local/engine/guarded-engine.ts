import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { DecideAccess, Verdict } from './access.ts';
import type { EngineEndpoint } from './endpoint.ts';
import type { Need } from './request.ts';

export type FromThread =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'decide'; readonly question: number; readonly accessKeyId: string; readonly need: Need }
  | { readonly kind: 'written'; readonly tables: readonly string[] }
  | { readonly kind: 'full' };

export type ToThread =
  | { readonly kind: 'decided'; readonly question: number; readonly verdict: Verdict }
  | { readonly kind: 'room'; readonly isShort: boolean }
  | { readonly kind: 'close' };

export interface GuardedEngine extends EngineEndpoint {
  /** While room is short, calls that have to wait for it are refused. */
  setShortOfRoom(isShort: boolean): void;
}

interface GuardOptions {
  /** Address of the engine. */
  readonly upstream: string;
  readonly decide: DecideAccess;
  /** Told which table may have changed, after each write. */
  readonly onWrite: (table: string) => void;
  /** Told when the engine failed for lack of room. */
  readonly onFull: () => void;
  /** Told when the thread itself failed: nothing reaches the engine any more. */
  readonly onFailure: (error: Error) => void;
}

/** Starts the engine's door in a thread of its own; what callers may do is decided here, where the policies are. */
export async function guardEngine({ upstream, decide, onWrite, onFull, onFailure }: GuardOptions): Promise<GuardedEngine> {
  const thread = new Worker(new URL('./endpoint-thread.ts', import.meta.url), { workerData: { upstream }, env: {} });
  const answer = (message: ToThread) => thread.postMessage(message);
  const listening = new Promise<string>((resolve, reject) => {
    thread.once('error', reject);
    thread.on('message', (message: FromThread) => {
      if (message.kind === 'listening') resolve(message.url);
      else if (message.kind === 'written') for (const table of message.tables) onWrite(table);
      else if (message.kind === 'full') onFull();
      else answer({ kind: 'decided', question: message.question, verdict: decide(message.accessKeyId, message.need) });
    });
  });
  const url = await listening;
  thread.on('error', onFailure);
  return {
    url,
    setShortOfRoom: (isShort) => answer({ kind: 'room', isShort }),
    async close() {
      const exit = once(thread, 'exit');
      answer({ kind: 'close' });
      await exit;
    },
  };
}
