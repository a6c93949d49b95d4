import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Case, compiledVerdict, runningVerdicts, type Verdict } from './agreement/verdicts.ts';

const [first, second] = process.argv.slice(2);
const isRunning = first === '--running';
const file = isRunning ? second : first;
if (file === undefined)
  throw new Error('name a file of cases: node infra/local/events/agreement.ts [--running] <cases.ndjson[.gz]>');
const bytes = readFileSync(file);
const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
const cases: Case[] = text
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const verdicts: readonly Verdict[] = isRunning ? await runningVerdicts(cases) : cases.map(compiledVerdict);

const agreed = { valid: 0, invalid: 0 };
const total = { valid: 0, invalid: 0 };
let notAsked = 0;
for (const [index, row] of cases.entries()) {
  const kind = row.invalid ? 'invalid' : 'valid';
  const expected: Verdict = row.invalid ? 'invalid' : row.match!;
  const verdict = verdicts[index];
  if (verdict === undefined) {
    notAsked += 1;
    continue;
  }
  total[kind] += 1;
  if (verdict === expected) agreed[kind] += 1;
  else
    console.log(
      `line ${index + 1}: ${expected} expected, ${verdict} found\n  pattern ${row.pattern.replace(/\s+/g, ' ')}\n  event   ${row.event.replace(/\s+/g, ' ')}`,
    );
}
for (const kind of ['valid', 'invalid'] as const) {
  console.log(`${kind}: ${agreed[kind]} of ${total[kind]} agree (${((100 * agreed[kind]) / total[kind]).toFixed(2)} %)`);
}
if (notAsked > 0) console.log(`${notAsked} cannot be asked: pattern too long for a rule, or the event is not an object`);
process.exitCode = agreed.valid === total.valid && agreed.invalid === total.invalid ? 0 : 1;
