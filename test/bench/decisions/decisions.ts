import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { demo } from '../../../infra/deployments/demo.ts';
import { type Access, createAccess } from '../../../shared/access/access.ts';
import { loadPolicies, readPolicies } from '../../../shared/access/policy-set.ts';
import { systemViewer } from '../../../shared/access/viewer.ts';
import { createDirectory } from '../../../shared/directory/directory.ts';
import type { PersonRecord } from '../../../shared/record/fold.ts';
import { createRecordStore } from '../../../shared/store/record.ts';
import { startEngine } from '../../engine.ts';
import { partnershipOf } from '../../partnership.ts';
import { inProcess, type Send } from '../in-process.ts';
import type { Figure } from '../report.ts';
import { bundleOf } from '../samples.ts';

const FRAGMENTS = 500;
const PERSONS = 60;
const STARTS = 5;
const READS = 20;

/** What deciding who may see what costs: at a cold start, and in whole-record reads, whose share it is. */
export async function measureDecisions(): Promise<readonly Figure[]> {
  const engine = await startEngine({ stream: false });
  try {
    const { ingest, serve } = inProcess(engine);
    const ids: string[] = [];
    for (let index = 0; index < PERSONS; index++) ids.push(await pushed(ingest, index));
    const reads = await readMs(serve, ids);
    const store = createRecordStore({ client: engine.client, table: engine.recordTable });
    const records = await Promise.all(ids.map((id) => store.person(id)));
    return [...startFigures(), ...viewFigures(records, reads)];
  } finally {
    await engine.stop();
  }
}

async function pushed(ingest: Send, index: number): Promise<string> {
  const answer = await ingest('POST', [], JSON.stringify(bundleOf(8_000 + index, FRAGMENTS)));
  return /Patient\/([a-z2-7]{26})\./.exec(answer)![1]!;
}

interface Reads {
  /** The median, of persons whom the instance has not met and of one whom it has. */
  readonly firstMs: number;
  readonly againMs: number;
}

async function readMs(serve: Send, ids: readonly string[]): Promise<Reads> {
  const read = (id: string) => timed(() => serve('GET', ['Patient', id, '$everything'], ''));
  const [known, ...others] = ids;
  for (let count = 0; count < READS; count++) await read(known!);
  const first: number[] = [];
  for (const id of others) first.push(await read(id));
  // Of those that an instance meets while it warms up nothing is promised.
  first.splice(0, first.length / 2);
  const again: number[] = [];
  for (let count = 0; count < READS; count++) again.push(await read(known!));
  return { firstMs: median(first), againMs: median(again) };
}

/** An instance that has decided nothing yet, one that has decided for another person, and one that has made just this view. */
function viewFigures(records: readonly PersonRecord[], { firstMs, againMs }: Reads): readonly Figure[] {
  const access = newAccess();
  const at = new Date().toISOString();
  const viewMs = (record: PersonRecord) => {
    const started = performance.now();
    access.view(systemViewer('uhd'), record, at);
    return performance.now() - started;
  };
  const [known, ...others] = records;
  const decidedMs = viewMs(known!);
  const firstViewMs = median(others.map(viewMs).slice(others.length / 2));
  const againViewMs = median(Array.from({ length: 1_000 }, () => viewMs(known!)));
  return [
    { name: `decisions: view of ${FRAGMENTS}, nothing decided before`, value: decidedMs, unit: 'ms' },
    { name: `decisions: view of ${FRAGMENTS}, person not met before`, value: firstViewMs, unit: 'ms' },
    {
      name: `decisions: share of a whole-record read of ${FRAGMENTS}, the same`,
      value: share(firstViewMs, firstMs),
      unit: '%',
      promise: '≤ 10',
    },
    { name: `decisions: view of ${FRAGMENTS}, made before`, value: againViewMs * 1_000, unit: 'µs' },
    {
      name: `decisions: share of a whole-record read of ${FRAGMENTS}, the same`,
      value: share(againViewMs, againMs),
      unit: '%',
      promise: '≤ 10',
    },
  ];
}

function newAccess(): Access {
  const policies = loadPolicies(readPolicies(resolve(import.meta.dirname, '../../../shared/access/policies')));
  return createAccess(policies, partnershipOf(createDirectory(demo.organisations)));
}

/** In processes of their own: what one has compiled another has not. */
function startFigures(): readonly Figure[] {
  const starts = Array.from({ length: STARTS }, startOnce);
  return [
    {
      name: 'decisions: policies loaded at a cold start',
      value: median(starts.map(([load]) => load)),
      unit: 'ms',
      promise: '≤ 60',
    },
    { name: 'decisions: the first one', value: median(starts.map(([, first]) => first)), unit: 'ms' },
  ];
}

function startOnce(): readonly [loadMs: number, firstMs: number] {
  const { stdout, status } = spawnSync(process.execPath, [resolve(import.meta.dirname, 'start.ts')], { encoding: 'utf8' });
  if (status !== 0) throw new Error('the policies could not be loaded in a process of their own');
  return JSON.parse(stdout);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

const share = (part: number, whole: number): number => (part / whole) * 100;

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
