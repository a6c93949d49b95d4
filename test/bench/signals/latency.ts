import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { runningSystem } from '../../../infra/running-system.ts';
import { percentile } from '../measure.ts';
import type { Figure } from '../report.ts';
import { contribute, PRACTICES, type Sent, warmUp } from './load.ts';
import { collect, type Parts, settle } from './parts.ts';
import type { Arrival } from './receiver.ts';
import { becomesActive, subscribe } from './subscribers.ts';

/** With those of the demo itself, a queue each. */
const SUBSCRIPTIONS = 50;
const LOAD = { people: 200, perSecond: 50, fragments: 4 } as const;

/** Who else subscribes: none of them has to do with anybody of the load, so that their rules are asked of each change and never match. */
const UNINTERESTED = ['dch', 'dhc', 'swasft', 'dorset-council', 'bcp', 'hhft', 'limpet'];

/**
 * From sending a contribution to receiving a signal of it: 50 contributions a second of 4 fragments each, so 200 changes a second. Each is heard by the queue of the
 * hospital, by the hospital's webhook for the person's practice, and, of every fifth person, by the queue and the webhook of the practice: 2.4 signals a change, 480 a second. The other
 * subscriptions hear nothing.
 */
export async function measureLatency(parts: Parts, seconds: number): Promise<Figure[]> {
  const { interested, uninterested } = await subscribeAll(parts);
  const webhooks = interested.length + uninterested.length;
  await warmUp(parts.hospital, LOAD.people);
  // The code that runs for a minute is not that of the first seconds of a process.
  await contribute(parts.hospital, parts.system.fhirUrl, { ...LOAD, seconds: seconds / 6 });
  await settle(parts);
  const before = archived(parts);
  const started = performance.now();
  const sent = await contribute(parts.hospital, parts.system.fhirUrl, { ...LOAD, seconds });
  const pushedSeconds = (performance.now() - started) / 1_000;
  const atAmmonite = [...sent.values()].filter(({ practice }) => practice === 'ammonite').length;
  const expected = 2 * sent.size + 2 * atAmmonite;
  const arrivals = await collect(parts, (come) => come.filter(({ address }) => sent.has(address)).length >= expected);
  const latencies = arrivals.flatMap(({ address, atMs }) => latencyOf(sent, address, atMs)).sort((one, other) => one - other);
  return [
    { name: 'signals: subscriptions', value: webhooks + parts.system.queues.length, unit: `of which ${webhooks} webhooks` },
    {
      name: 'signals: load',
      value: sent.size / pushedSeconds,
      unit: `changes/s for ${Math.round(pushedSeconds)} s`,
      promise: '200/s',
    },
    {
      name: 'signals: received',
      value: latencies.length,
      unit: `of ${expected}, ${(latencies.length / sent.size).toFixed(1)} a change`,
    },
    {
      name: 'signals: contribution sent to signal received, p50',
      value: percentile(latencies, 0.5),
      unit: 'ms',
      promise: '≤ 150 ms',
    },
    {
      name: 'signals: contribution sent to signal received, p99',
      value: percentile(latencies, 0.99),
      unit: 'ms',
      promise: '≤ 1,000 ms',
    },
    { name: 'signals: PutEvents entries a change', value: (archived(parts) - before) / sent.size, unit: '', promise: '≤ 1' },
    {
      name: 'signals: items written a signal that a webhook heard',
      value: (await itemsOf(parts, interested)) / heardBy(arrivals, '/load/'),
      unit: '',
    },
    {
      name: `signals: items written for ${uninterested.length} subscriptions that did not match`,
      value: await itemsOf(parts, uninterested),
      unit: '',
      promise: '0',
    },
  ];
}

const latencyOf = (sent: Sent, address: string, atMs: number): number[] => {
  const contribution = sent.get(address);
  return contribution === undefined ? [] : [atMs - contribution.sentMs];
};

interface Webhooks {
  /** Ids of subscriptions. */
  readonly interested: readonly string[];
  readonly uninterested: readonly string[];
}

async function subscribeAll(parts: Parts): Promise<Webhooks> {
  const hospital = PRACTICES.map(({ code }) => ({ organisation: 'uhd', criteria: `generalpractitioner='${code}'` }));
  const interested = [...hospital, { organisation: 'ammonite', criteria: "source='R0D'" }];
  const others = SUBSCRIPTIONS - parts.system.queues.length - interested.length;
  const uninterested = Array.from({ length: others }, (_, index) => ({
    organisation: UNINTERESTED[index % UNINTERESTED.length]!,
    criteria: "source='R0D'",
  }));
  return { interested: await subscribeEach(parts, interested), uninterested: await subscribeEach(parts, uninterested) };
}

let webhooks = 0;

async function subscribeEach(
  { subscribers, clientOf }: Parts,
  wanted: readonly { readonly organisation: string; readonly criteria: string }[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const { organisation, criteria } of wanted) {
    const client = await clientOf(organisation);
    const id = await subscribe(client, `${subscribers.url}/load/${++webhooks}`, criteria);
    await becomesActive(client, id);
    client.close();
    ids.push(id);
  }
  return ids;
}

const heardBy = (arrivals: readonly Arrival[], path: string): number => arrivals.filter(({ at }) => at.startsWith(path)).length;

/** Items of signals that wait or were told, of these subscriptions. */
async function itemsOf({ system }: Parts, ids: readonly string[]): Promise<number> {
  const { client, tables } = runningSystem(system.dataDir);
  let items = 0;
  for (const id of ids)
    for (const kind of ['pending#', 'told#']) {
      const { Count = 0 } = await client.send(
        new QueryCommand({
          TableName: tables.Signals,
          KeyConditionExpression: '#of = :of AND begins_with(#item, :kind)',
          ExpressionAttributeNames: { '#of': 'of', '#item': 'item' },
          ExpressionAttributeValues: { ':of': { S: id }, ':kind': { S: kind } },
          Select: 'COUNT',
        }),
      );
      items += Count;
    }
  client.destroy();
  return items;
}

/** How many entries the bus has taken: its archive keeps each. */
function archived({ system }: Parts): number {
  const database = new DatabaseSync(join(system.dataDir, 'messages.db'), { readOnly: true });
  const { count } = database.prepare('SELECT count(*) AS count FROM archived').get() as { count: number };
  database.close();
  return count;
}
