/**
 * `npm test`: runs every test, names the files that failed, and closes with the line `N passed, N failed`.
 * Arguments go to vitest, so `npm test -- test/unit/access` runs one folder.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summarise, type TestReport } from './summary.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'chesil-test-'));
const report = join(folder, 'report.json');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

const child = spawn(
  process.execPath,
  [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
child.on('close', (code) => {
  const { passed, failed, lines } = summarise(readReport(), code, `${root}/`);
  rmSync(folder, { recursive: true, force: true });
  console.log(lines.join('\n'));
  process.exitCode = code === 0 && failed === 0 && passed > 0 ? 0 : 1;
});

function readReport(): TestReport | undefined {
  try {
    return JSON.parse(readFileSync(report, 'utf8')) as TestReport;
  } catch {
    return undefined;
  }
}
