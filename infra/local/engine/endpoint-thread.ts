import { parentPort, workerData } from 'node:worker_threads';
import type { AccessRefusal } from './access.ts';
import { startEngineEndpoint } from './endpoint.ts';
import type { FromThread, ToThread } from './guarded-engine.ts';

/** The engine's door runs in a thread of its own: it must not wait for whatever else the runtime is busy with. */

const port = parentPort!;
const say = (message: FromThread) => port.postMessage(message);
const asked = new Map<number, (refusal: AccessRefusal | undefined) => void>();
let questions = 0;

const endpoint = await startEngineEndpoint({
  upstream: workerData.upstream,
  decide: (accessKeyId, need) =>
    new Promise((resolve) => {
      const question = questions++;
      asked.set(question, resolve);
      say({ kind: 'decide', question, accessKeyId, need });
    }),
  onWrite: (tables) => say({ kind: 'written', tables }),
});

port.on('message', (message: ToThread) => {
  if (message.kind === 'close') {
    void endpoint.close().then(() => port.close());
    return;
  }
  asked.get(message.question)?.(message.refusal);
  asked.delete(message.question);
});
say({ kind: 'listening', url: endpoint.url });
