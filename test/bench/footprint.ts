import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLES } from '../../infra/bundle.ts';
import type { Figure } from './report.ts';

const STARTS = 7;

/** Bundle bytes and load time of each function, each start in a fresh Node. */
export function footprint(): readonly Figure[] {
  const names = readdirSync(BUNDLES).filter((name) => existsSync(join(BUNDLES, name, 'index.js')));
  return names.flatMap((name) => [
    { name: `${name}: bundle`, value: statSync(join(BUNDLES, name, 'index.js')).size / 1_024, unit: 'kB' },
    { name: `${name}: load in a fresh Node`, value: loadMs(join(BUNDLES, name, 'index.js')), unit: 'ms' },
  ]);
}

/** The median over a few starts; a function that lacks its environment has loaded by the time it says so. */
function loadMs(file: string): number {
  const script = `const t=performance.now();try{require(${JSON.stringify(file)})}catch{}console.log(performance.now()-t);process.exit(0)`;
  const times = Array.from({ length: STARTS }, () =>
    Number(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout),
  );
  return times.sort((one, other) => one - other)[Math.floor(STARTS / 2)]!;
}
