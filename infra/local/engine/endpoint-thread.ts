import { parentPort, workerData } from 'node:worker_threads';
import type { Verdict } from './access.ts';
import { startEngineEndpoint } from './endpoint.ts';
import type { FromThread, ToThread } from './guarded-engine.ts';

/** The engine's door runs in a thread of its own: it must not wait for whatever else the runtime is busy with. */

const port = parentPort!;
const say = (message: FromThread) => port.postMessage(message);
const asked = new Map<number, (verdict: Verdict) => void>();
let questions = 0;
let isShortOfRoom = false;

const endpoint = await startEngineEndpoint({
  upstream: workerData.upstream,
  decide: (accessKeyId, need) =>
    new Promise((resolve) => {
      const question = questions++;
      asked.set(question, resolve);
      say({ kind: 'decide', question, accessKeyId, need });
    }),
  onWrite: (tables) => say({ kind: 'written', tables }),
  onFull: () => say({ kind: 'full' }),
  isShortOfRoom: () => isShortOfRoom,
});

port.on('message', (message: ToThread) => {
  if (message.kind === 'close') {
    void endpoint.close().then(() => port.close());
    return;
  }
  if (message.kind === 'room') {
    isShortOfRoom = message.isShort;
    return;
  }
  asked.get(message.question)?.(message.verdict);
  asked.delete(message.question);
});
say({ kind: 'listening', url: endpoint.url });
