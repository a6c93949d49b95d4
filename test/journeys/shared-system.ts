import type { TestProject } from 'vitest/node';
import type { DemoFile } from '../../infra/local/demo-file.ts';
import { startSystem } from '../system.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** What `demo.json` of the system that the journeys share says. */
    readonly demo: DemoFile;
    /** Its data folder. */
    readonly dataDir: string;
  }
}

/** Starts one system for all journeys: each has people of its own in it. */
export default async function start({ provide }: TestProject): Promise<() => Promise<void>> {
  const { dataDir, stop, printed: _printed, kill: _kill, token: _token, ...demo } = await startSystem();
  provide('demo', demo);
  provide('dataDir', dataDir);
  return stop;
}
