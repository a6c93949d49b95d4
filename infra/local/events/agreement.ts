import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { compilePattern, InvalidEventPattern } from './pattern/pattern.ts';

/** A row of a file of cases: pattern and event as JSON text, and what EventBridge says of them. */
interface Case {
  readonly pattern: string;
  readonly event: string;
  readonly match?: boolean;
  readonly invalid?: true;
}

type Verdict = boolean | 'invalid';

function verdictOf({ pattern, event }: Case): Verdict {
  try {
    return compilePattern(pattern)(JSON.parse(event));
  } catch (error) {
    if (error instanceof InvalidEventPattern) return 'invalid';
    throw error;
  }
}

const file = process.argv[2];
if (file === undefined) throw new Error('name a file of cases: node infra/local/events/agreement.ts <cases.ndjson[.gz]>');
const bytes = readFileSync(file);
const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
const cases: Case[] = text
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));

const agreed = { valid: 0, invalid: 0 };
const total = { valid: 0, invalid: 0 };
for (const [index, row] of cases.entries()) {
  const kind = row.invalid ? 'invalid' : 'valid';
  const expected: Verdict = row.invalid ? 'invalid' : row.match!;
  const verdict = verdictOf(row);
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
process.exitCode = agreed.valid === total.valid && agreed.invalid === total.invalid ? 0 : 1;
