import { setTimeout as sleep } from 'node:timers/promises';
import { createSignalLog, type SignalLog } from '../../shared/store/signals/log/log.ts';
import { createSubscriptions, type Subscriptions } from '../../shared/store/signals/subscriptions.ts';
import { readCommandLine } from '../command-line.ts';
import { runningSystem } from '../running-system.ts';
import { followBus } from './bus.ts';
import { announcedLines, hasTurned, heardLine, standingLine, type Watched } from './words.ts';

const USAGE = `npm run signals -- [--data DIR] [--before N]

Tells in words what goes over the bus of a system that runs on this machine: what was announced, who may hear of it, who has heard it and who is behind.
Ctrl-C stops it.

  --data DIR    the data of the local run (default .local), which must be running
  --before N    begins with the last N announcements (default 0)`;

const LOOK_EVERY_MS = 500;
/** Read at once of what somebody has heard since the last look. */
const MOST_HEARD = 1_000;

interface Place {
  readonly subscriptions: Subscriptions;
  readonly log: SignalLog;
}

/** Every subscription as it stands now. */
async function look({ subscriptions, log }: Place): Promise<ReadonlyMap<string, Watched>> {
  const all = await subscriptions.all();
  const watched = all.map(
    async (subscription): Promise<[string, Watched]> => [
      subscription.id,
      { subscription, state: await log.state(subscription.id) },
    ],
  );
  return new Map(await Promise.all(watched));
}

/** What happened to a subscription between two looks. */
async function turnsOf({ log }: Place, before: Watched | undefined, now: Watched): Promise<string[]> {
  const heardTo = before?.state.ackedTo ?? now.state.ackedTo;
  const heard = await log.told(now.subscription.id, heardTo + 1, Math.min(MOST_HEARD, now.state.ackedTo - heardTo));
  return [...heard.map((signal) => heardLine(now, signal)), ...(hasTurned(before, now) ? [standingLine(now, Date.now())] : [])];
}

async function main(): Promise<void> {
  const { values } = readCommandLine({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      data: { type: 'string', default: '.local' },
      before: { type: 'string', default: '0' },
    },
  });
  if (values.help) return console.log(USAGE);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const { client, tables } = runningSystem(values.data);
  const place: Place = {
    subscriptions: createSubscriptions({ client, table: tables.Signals }),
    log: createSignalLog({ client, table: tables.Signals, now: Date.now }),
  };
  const bus = followBus(values.data, Number(values.before));
  let before: ReadonlyMap<string, Watched> = new Map();
  while (!stopping.signal.aborted) {
    for (const announced of bus.next()) say(announcedLines(announced));
    const now = await look(place);
    for (const [id, watched] of now) say(await turnsOf(place, before.get(id), watched));
    for (const [id, { subscription }] of before)
      if (!now.has(id)) say([`          ${subscription.organisation} has taken back its subscription ${id.slice(0, 8)}`]);
    before = now;
    await sleep(LOOK_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {});
  }
  bus.close();
  client.destroy();
}

const say = (lines: readonly string[]): void => {
  for (const line of lines) console.log(line);
};

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
