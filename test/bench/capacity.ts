import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { startEngine } from '../engine.ts';
import { type Counted, countUnits, inProcess, type Send } from './in-process.ts';
import type { Figure } from './report.ts';
import { bundleOf, observationOf, somebody } from './samples.ts';

/** Fragments of the 120 Synthea patients that the promise of 10,000 write units is about. */
const SYNTHEA_FRAGMENTS = 91_336;

/**
 * Units that operations use, as the engine counts them, of functions that run without HTTP.
 * @param folder of gzipped FHIR bundles, loaded in the order of their names, whose units are scaled to 91,336 fragments
 */
export async function measureCapacity(folder?: string): Promise<readonly Figure[]> {
  const engine = await startEngine({ stream: false });
  try {
    const units = countUnits(engine.client);
    const { ingest, serve } = inProcess(engine);
    const measured = async (name: string, send: () => Promise<unknown>, promise?: string): Promise<Figure[]> => {
      const before = units();
      await send();
      return unitFigures(name, before, units(), promise);
    };
    await ingest('POST', [], JSON.stringify(bundleOf(1, 2)));
    const nhsNumber = somebody(1).nhsNumber!;
    const push = (value: number) => () => ingest('POST', ['Observation'], JSON.stringify(observationOf(1, nhsNumber, value)));
    const bundle = bundleOf(2, 101);
    await ingest('POST', [], JSON.stringify({ ...bundle, entry: bundle.entry!.slice(0, 1) }));
    const created = await measured('one create', push(70), '≤ 2 written');
    const updated = await measured('one update', push(71), '≤ 2 written');
    const again = await measured('the same again', push(71), '0 written');
    const hundred = await measured('100 creates in a bundle', () => ingest('POST', [], JSON.stringify(bundle)), '≤ 8 written');
    return [
      ...created,
      ...updated,
      ...again,
      ...hundred,
      ...(await readUnits(ingest, serve, measured)),
      ...(await scaled(folder, units, ingest)),
    ];
  } finally {
    await engine.stop();
  }
}

type Measured = (name: string, send: () => Promise<unknown>) => Promise<Figure[]>;

/** An instance that has not met the person yet, then one that has. */
async function readUnits(ingest: Send, serve: Send, measured: Measured): Promise<Figure[]> {
  const answer = await ingest('POST', [], JSON.stringify(bundleOf(3, 500)));
  const id = /Patient\/([a-z2-7]{26})\./.exec(answer)![1]!;
  const everything = () => serve('GET', ['Patient', id, '$everything'], '');
  const search = () => serve('GET', ['Patient', id, 'Observation'], '');
  return [
    ...(await measured('whole record of 500, person not remembered', everything)),
    ...(await measured('whole record of 500, person remembered', everything)),
    ...(await measured('search in it, person remembered', search)),
  ];
}

const unitFigures = (name: string, before: Counted, after: Counted, promise?: string): Figure[] => [
  {
    name: `units: ${name}`,
    value: after.written - before.written,
    unit: `written, ${after.read - before.read} read`,
    ...(promise === undefined ? {} : { promise }),
  },
];

async function scaled(folder: string | undefined, units: () => Counted, ingest: Send): Promise<Figure[]> {
  if (folder === undefined) return [];
  let fragments = 0;
  let used = 0;
  let ms = 0;
  for (const name of readdirSync(folder)
    .filter((each) => each.endsWith('.json.gz'))
    .sort()) {
    const body = gunzipSync(readFileSync(join(folder, name)));
    const before = units();
    const started = performance.now();
    await ingest('POST', [], body);
    // Directories are few and written once; persons are what a region has many of.
    if (name.startsWith('0-')) continue;
    ms += performance.now() - started;
    used += units().written - before.written;
    fragments += (JSON.parse(body.toString('utf8')) as fhir4.Bundle).entry!.length;
  }
  return [
    { name: `units: ${fragments} fragments of the bundles given`, value: used, unit: 'written' },
    {
      name: `units: scaled to ${SYNTHEA_FRAGMENTS} fragments`,
      value: (used / fragments) * SYNTHEA_FRAGMENTS,
      unit: 'written',
      promise: '≤ 10,000',
    },
    { name: 'ingest of the bundles given, in process', value: fragments / (ms / 1_000), unit: 'fragments/s', promise: '≥ 5,000' },
  ];
}
