import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { newAccessId } from '../shared/access/access-id.ts';
import { classKey } from '../shared/access/facts/classes.ts';
import type { Fold } from '../shared/record/fold.ts';
import { isOrganisationId, isPersonId, type LogicalId, parseLogicalId } from '../shared/record/identity.ts';
import { createAudit } from '../shared/store/audit.ts';
import { type Inspection, inspect, type KeptContribution } from '../shared/store/inspection.ts';
import { readCommandLine } from './command-line.ts';
import { runningSystem } from './running-system.ts';

const USAGE = `npm run inspect -- <person> [--bodies] [--data DIR | --table NAME [--audit-table NAME]]

  <person>         the id of a person, an organisation or a fragment: <personId>, <personId>.<fragmentId>
  --bodies         show what was contributed too; this is written to the audit first
  --data DIR       the data of a local run (default .local), which must be running
  --table NAME     the Record table of a deployment, with the credentials of your environment
  --audit-table    the Audit table of the deployment, needed for --bodies`;

/** Where the record is kept. */
interface Place {
  readonly client: DynamoDBClient;
  readonly recordTable: string;
  readonly auditTable: string | undefined;
}

function localPlace(dataDir: string): Place {
  const { client, tables } = runningSystem(dataDir);
  return { client, recordTable: tables.Record, auditTable: tables.Audit };
}

/** Lines about what is kept of a subject. @param id narrows them to one fragment. @param bodies shows what was contributed. */
function report(inspection: Inspection, { fragmentId }: LogicalId, bodies: boolean): string[] {
  const { subject, fold, live, slots, snapshot, staleParts, history, liveBytes, historyBytes } = inspection;
  const retracted = [...fold.fragments.values()].filter(({ action }) => action === 'retracted').length;
  const log = (kept: readonly KeptContribution[]) => kept.flatMap((each) => contributionLines(each, fragmentId, bodies));
  return [
    `subject       ${subject}`,
    `record        up to contribution ${fold.sequence}${fold.recordedAt === undefined ? '' : ` of ${fold.recordedAt}`}`,
    `fragments     ${fold.fragments.size}, of which ${retracted} retracted`,
    `contributors  ${[...fold.contributors].join(', ') || 'none'}`,
    ...[...fold.links.values()].map(({ person, survivor }) => `linked        ${person}, shown as ${survivor}`),
    '',
    `live partition, ${liveBytes} bytes`,
    snapshot === undefined
      ? '  no snapshot'
      : `  snapshot up to ${snapshot.sequence}: generation ${snapshot.generation}, ${snapshot.parts} parts, ${snapshot.bytes} bytes`,
    ...(staleParts === 0 ? [] : [`  ${staleParts} parts of other snapshots, which the next compaction removes`]),
    ...(slots.length === 0
      ? []
      : [`  ${slots.length} slots of moved contributions, ${slots[0]!.sequence} to ${slots.at(-1)!.sequence}`]),
    ...log(live),
    '',
    `history partition, ${historyBytes} bytes`,
    ...log(history),
  ];
}

function contributionLines(
  { contribution, items, bytes }: KeptContribution,
  fragmentId: string | undefined,
  bodies: boolean,
): string[] {
  const { sequence, recordedAt, contributor, client, source, requestId, link, fragments } = contribution;
  const lines = fragments.flatMap((version, index) => {
    if (fragmentId !== undefined && version.fragmentId !== fragmentId) return [];
    const body = bodies ? contribution.bodies[index] : undefined;
    const line = `      ${version.action.padEnd(9)} ${version.type}/${contribution.subject}.${version.fragmentId} version ${version.version}`;
    return body === undefined ? [line] : [line, `        ${body}`];
  });
  if (fragmentId !== undefined && lines.length === 0) return [];
  return [
    `  ${String(sequence).padStart(6)}  ${recordedAt}  by ${contributor} (client ${client}, source ${source}, request ${requestId}), ${fragments.length} versions, ${items} items, ${bytes} bytes`,
    ...(link === undefined ? [] : [`      ${link.kind.padEnd(9)} ${link.person}`]),
    ...lines,
  ];
}

/** Nobody looks at a person's record unseen, the operator neither. */
async function note({ client, auditTable }: Place, { subject, fold }: Inspection): Promise<void> {
  if (!isPersonId(subject)) return;
  if (auditTable === undefined)
    throw new Error('--bodies needs --audit-table: nothing of a person is shown without an audit entry');
  await createAudit({ client, table: auditTable }).record({
    id: newAccessId(),
    at: new Date().toISOString(),
    person: subject,
    organisation: 'operator',
    client: userInfo().username,
    role: 'operator',
    purpose: 'operations',
    interaction: 'inspect',
    outcome: 'shown',
    shown: countsByClass(fold),
    withheld: {},
    sequences: { [subject]: fold.sequence },
    policyVersion: 'none',
    requestId: randomUUID(),
  });
}

function countsByClass({ fragments }: Fold): Record<string, number> {
  const classes = Object.groupBy(fragments.values(), classKey);
  return Object.fromEntries(Object.entries(classes).map(([name, each]) => [name, each?.length ?? 0]));
}

/** The subject that an argument names, or that and one of its fragments. */
function namedBy(argument: string | undefined): LogicalId | undefined {
  if (argument === undefined) return undefined;
  return isOrganisationId(argument) ? { subject: argument } : parseLogicalId(argument);
}

async function main(): Promise<void> {
  const { values, positionals } = readCommandLine({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      bodies: { type: 'boolean', default: false },
      data: { type: 'string', default: '.local' },
      table: { type: 'string' },
      'audit-table': { type: 'string' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const id = namedBy(positionals[0]);
  if (id === undefined || positionals.length !== 1) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const place: Place =
    values.table === undefined
      ? localPlace(values.data)
      : { client: new DynamoDBClient(), recordTable: values.table, auditTable: values['audit-table'] };
  const inspection = await inspect({ client: place.client, table: place.recordTable }, id.subject);
  if (inspection.fold.sequence === 0) throw new Error('Nothing is kept under this id.');
  if (values.bodies) await note(place, inspection);
  console.log(report(inspection, id, values.bodies).join('\n'));
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
