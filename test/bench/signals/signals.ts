import { startSystem } from '../../system.ts';
import { createClient } from '../client.ts';
import type { Measurement } from '../measure.ts';
import type { Figure } from '../report.ts';
import { measureDrain } from './drain.ts';
import { measureFirstSignal } from './first.ts';
import { measureSignalFloor } from './floor.ts';
import { measureLatency } from './latency.ts';
import type { Parts } from './parts.ts';
import { startSubscribers } from './subscribers.ts';

export interface SignalFigures {
  readonly floor: readonly Measurement[];
  readonly figures: readonly Figure[];
}

/** What signals do, on a system of their own. `quick` loads for a tenth of the time. */
export async function measureSignals(dataDir: string, quick: boolean): Promise<SignalFigures> {
  const system = await startSystem({ dataDir });
  const subscribers = await startSubscribers(system.queues);
  const clientOf = async (organisation: string) => createClient(system.fhirUrl, await system.token(organisation), 32);
  const hospital = await clientOf('uhd');
  const parts: Parts = { system, subscribers, hospital, clientOf };
  try {
    const floor = [await measureSignalFloor(system)];
    const figures = [
      ...(await measureLatency(parts, quick ? 6 : 60)),
      ...(await measureFirstSignal(parts, quick ? 3 : 10)),
      ...(await measureDrain(parts, quick ? 1_000 : 10_000)),
    ];
    return { floor, figures };
  } finally {
    hospital.close();
    subscribers.stop();
    await system.stop();
  }
}
