import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { naming } from './data-folder/fault.ts';
import { openLogFile } from './functions/log-file.ts';

/** Tells whoever runs the machine that something went wrong in the runtime itself. */
export type Report = (error: unknown) => void;

/** Appends to `runtime.log`. Messages of errors may quote what was sent: only names, codes and places are kept. */
export function createReport(logFolder: string): Report {
  naming(logFolder, () => mkdirSync(logFolder, { recursive: true, mode: 0o700 }));
  const log = openLogFile(join(logFolder, 'runtime.log'));
  return (error) => log.append(`${JSON.stringify({ time: new Date().toISOString(), ...factsOf(error) })}\n`);
}

function factsOf(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return {
    error: error.name,
    code: (error as { code?: unknown }).code,
    at: frames.slice(0, 8).map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: factsOf(error.cause) }),
  };
}
