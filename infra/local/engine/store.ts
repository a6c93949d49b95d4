import { join } from 'node:path';
import type { Report } from '../report.ts';
import type { Room } from '../room/room.ts';
import type { RoomState } from '../room/room-state.ts';
import { decideAccess } from './access.ts';
import { createEngineCalls, type EngineCalls } from './call.ts';
import { type Engine, startEngine } from './engine.ts';
import { type EngineFile, openEngineFile } from './engine-file.ts';
import { sweepExpired } from './expiry.ts';
import { guardEngine } from './guarded-engine.ts';
import { ensureTable, type TableDescription } from './tables.ts';

/** Tables, and who gets at them. */
export interface Store {
  readonly calls: EngineCalls;
  readonly engineFile: EngineFile | undefined;
  /** The guarded door, through which functions go. */
  readonly url: string;
}

interface Listeners {
  /** Told which table may have changed, after each write. */
  readonly onWrite: (table: string) => void;
}

interface Upkeep {
  readonly report: Report;
  /** What is to be done when the runtime stops, last first. */
  readonly cleanUp: (() => unknown)[];
}

type Ground = Upkeep & Parameters<typeof decideAccess>[0] & { readonly tables: readonly TableDescription[]; readonly room: Room };

interface EngineOptions {
  readonly dataDir: string;
  readonly engineEndpoint?: string | undefined;
}

/** Begins to start the engine: that takes as long as reading the template. */
export function launchEngine({ dataDir, engineEndpoint }: EngineOptions, { report, cleanUp }: Upkeep): Promise<Engine> {
  const starting = startEngine({ file: join(dataDir, 'engine.db'), endpoint: engineEndpoint, onRestart: report });
  const stop = () =>
    starting.then(
      (engine) => engine.stop(),
      () => {},
    );
  cleanUp.push(stop);
  return starting;
}

/** Tables of the template, behind a door that knows who may do what. */
export async function openStore(engine: Engine, { onWrite }: Listeners, ground: Ground): Promise<Store> {
  const { tables, report, room, cleanUp } = ground;
  const calls = createEngineCalls(engine.url);
  cleanUp.push(() => calls.close());
  const engineFile = engine.file === undefined ? undefined : openEngineFile(engine.file);
  cleanUp.push(() => engineFile?.close());
  for (const table of tables) await ensureTable(calls, table);
  cleanUp.push(startSweeping(tables, calls, report));
  const decide = decideAccess(ground);
  const guard = await guardEngine({ upstream: engine.url, decide, onWrite, onFull: room.noteFull, onFailure: report });
  cleanUp.push(() => guard.close());
  const tellGuard = (state: RoomState) => guard.setShortOfRoom(state !== 'enough');
  tellGuard(room.state);
  room.onChange(tellGuard);
  return { calls, engineFile, url: guard.url };
}

const SWEEP_EVERY_MS = 60 * 60 * 1000;

function startSweeping(tables: readonly TableDescription[], calls: EngineCalls, report: Report): () => void {
  const sweep = async () => {
    for (const table of tables) if (table.expiryAttribute !== undefined) await sweepExpired(calls, table, new Date());
  };
  const timer = setInterval(() => void sweep().catch(report), SWEEP_EVERY_MS).unref();
  return () => clearInterval(timer);
}
