import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { findingLine } from '../shared/store/chain/findings.ts';
import type { ChainTable } from '../shared/store/chain/reading.ts';
import { type Verified, verify } from '../shared/store/chain/verifying.ts';
import { readCommandLine } from './command-line.ts';
import { runningSystem } from './running-system.ts';

const USAGE = `npm run audit:verify -- [--day DAY | --from DAY --to DAY] [--head HASH …] [--data DIR | --table NAME --chain-table NAME]

  Walks the hash chain of the audit, reads every entry, and prints a line for everything that was changed, removed or slipped in.
  Ends with 0 when nothing was, with 1 when something was.

  --day DAY        one day only, as 2026-11-24 (UTC); --from and --to are both inclusive; everything by default
  --head HASH      a hash that the log of seal told: it must be in the chain. May be given several times
  --data DIR       the data of a local run (default .local), which must be running
  --table NAME     the Audit table of a deployment, with the credentials of your environment
  --chain-table    its AuditChain table`;

/** A day that the calendar has: of one that it has not there would be no findings. */
const isDay = (text: string): boolean => z.safeParse(z.iso.date(), text).success;

interface Question {
  readonly from?: string;
  readonly to?: string;
  readonly heads: readonly string[];
  readonly audit: ChainTable;
  readonly chain: ChainTable;
}

/** @returns `undefined` when the arguments ask for nothing that can be done; `help` when they ask how to ask */
function questionOf(args: readonly string[]): Question | 'help' | undefined {
  const { values } = readCommandLine({
    args,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      day: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      head: { type: 'string', multiple: true, default: [] },
      data: { type: 'string', default: '.local' },
      table: { type: 'string' },
      'chain-table': { type: 'string' },
    },
  });
  if (values.help) return 'help';
  const { day, from = day, to = day, head, data, table, 'chain-table': chainTable } = values;
  const days = [from, to].filter((given) => given !== undefined);
  if (!days.every(isDay) || days.toSorted().join() !== days.join()) return undefined;
  if ((table === undefined) !== (chainTable === undefined)) return undefined;
  const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), heads: head };
  if (table !== undefined && chainTable !== undefined) {
    const client = new DynamoDBClient();
    return { ...range, audit: { client, table }, chain: { client, table: chainTable } };
  }
  const { client, tables } = runningSystem(data);
  return { ...range, audit: { client, table: tables.Audit }, chain: { client, table: tables.AuditChain } };
}

const countsOf = ({ entries, links }: Verified): string => `${entries} entries, ${links} links`;

/** Tells on a terminal how far it is, four times a second, in a line that what follows wipes away. */
function progressLine(): { show(verified: Verified): void; wipe(): void } {
  const { stderr } = process;
  let shownAt = 0;
  return {
    show(verified) {
      if (!stderr.isTTY || Date.now() - shownAt < 250) return;
      shownAt = Date.now();
      stderr.write(`\r\u001b[K${countsOf(verified)} so far`);
    },
    wipe() {
      if (stderr.isTTY) stderr.write('\r\u001b[K');
    },
  };
}

async function main(): Promise<void> {
  const question = questionOf(process.argv.slice(2));
  if (question === 'help') {
    console.log(USAGE);
    return;
  }
  if (question === undefined) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const { audit, chain, ...range } = question;
  const progress = progressLine();
  let findings = 0;
  const verified = await verify(
    { audit, chain },
    {
      ...range,
      now: new Date(),
      onFinding: (finding) => {
        findings++;
        progress.wipe();
        console.log(findingLine(finding));
      },
      onProgress: progress.show,
    },
  );
  progress.wipe();
  console.log(`${countsOf(verified)}, ${findings === 0 ? 'no' : findings} findings`);
  process.exitCode = findings === 0 ? 0 : 1;
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 2;
  });
}
