/**
 * `npm run bench`: what the system does, beside the floor that the engine sets, in one run on one machine.
 *
 *   --json            machine-readable
 *   --quick           a tenth of the operations
 *   --signals         signals alone
 *   --bundles FOLDER  gzipped FHIR bundles to count write units of, such as Synthea's
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine } from '../../infra/command-line.ts';
import { startSystem } from '../system.ts';
import { measureSealing } from './audit/sealing.ts';
import { measureCapacity } from './capacity.ts';
import { measureDecisions } from './decisions/decisions.ts';
import { measureFloor } from './floor.ts';
import { footprint } from './footprint.ts';
import { memoryMbOf } from './measure.ts';
import { processesOf } from './processes.ts';
import { type Figure, reportText } from './report.ts';
import { measureSignals } from './signals/signals.ts';
import { measureTokens } from './tokens.ts';
import { runTrials } from './trials.ts';

const { values } = readCommandLine({
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    signals: { type: 'boolean' },
    bundles: { type: 'string' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'chesil-bench-'));
try {
  const report = {
    machine: { node: process.versions.node, cores: cpus().length, cpu: cpus()[0]?.model ?? 'unknown' },
    ...(values.signals ? { measured: [], ...(await signals()) } : await everything()),
  };
  console.log(values.json ? JSON.stringify(report, null, 2) : reportText(report));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function signals() {
  return measureSignals(join(folder, 'signals'), values.quick ?? false);
}

async function everything() {
  const floor = await measureFloor(join(folder, 'floor.sqlite'));
  const { measured, figures } = await measureSystem();
  const signalling = await signals();
  return { floor: [...floor, ...signalling.floor], measured, figures: [...figures, ...signalling.figures] };
}

async function measureSystem() {
  const { measured, figures } = await withSystem();
  // Once the machine has nothing else to do: a system goes on announcing, sealing and compacting for a while.
  return {
    measured,
    figures: [
      ...figures,
      ...(await measureTokens()),
      ...(await measureDecisions()),
      ...(await measureCapacity(values.bundles)),
      ...(await measureSealing()),
      ...(await footprint(join(folder, 'bundles', 'functions'))),
    ],
  };
}

async function withSystem() {
  const system = await startSystem({ dataDir: join(folder, 'data') });
  const pids = processesOf(system.pid);
  try {
    const measured = await runTrials(system, pids, values.quick ?? false);
    const memory = pids.map(memoryMbOf).filter((each) => each !== undefined);
    const figures: Figure[] = [
      { name: 'start to ready line, no persons', value: system.readyMs, unit: 'ms', promise: '≤ 4,000 from cached synth' },
      { name: 'memory after the trials: runtime and functions', value: memory[0] ?? Number.NaN, unit: 'MB' },
      { name: 'memory after the trials: engine', value: memory.slice(1).reduce((sum, each) => sum + each, 0), unit: 'MB' },
    ];
    return { measured, figures };
  } finally {
    await system.stop();
  }
}
