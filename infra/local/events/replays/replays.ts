import { setTimeout as pause } from 'node:timers/promises';
import type { Messages } from '../../queues/messages.ts';
import type { Archives } from '../archives.ts';
import type { Entry } from '../entries.ts';
import type { Rule } from '../rules/rule.ts';
import { type Replay, replayedEntry } from './replay.ts';

/** How far a replay has come, in EventBridge's words. */
export type ReplayState = 'STARTING' | 'RUNNING' | 'CANCELLING' | 'COMPLETED' | 'CANCELLED';

/** A replay and how far it has come. Instants are milliseconds since 1970. */
export interface ReplayProgress {
  readonly request: Replay;
  readonly state: ReplayState;
  /** When the event that was told last was taken in by the archive. */
  readonly reachedTime?: number;
  readonly started: number;
  readonly ended?: number;
}

/** Replays, told one after another in the background. Each goes on after a restart where it was. */
export interface Replays {
  all(): readonly ReplayProgress[];
  find(name: string): ReplayProgress | undefined;
  /** Resolves once it is noted. */
  start(request: Replay): Promise<ReplayProgress | 'exists' | 'too-many' | 'no-such-rule'>;
  /** Resolves to its state afterwards; `undefined` when it is over already. */
  cancel(name: string): Promise<ReplayProgress | undefined>;
  close(): void;
}

interface Parts {
  readonly messages: Messages;
  readonly archives: Archives;
  readonly rules: () => readonly Rule[];
  /** Tells an event again to the rules named, or to all. Called inside `Messages.write`. */
  readonly tell: (entry: Entry, rules: readonly string[] | undefined) => void;
  readonly now: () => number;
  readonly report: (error: unknown) => void;
}

interface Row {
  readonly name: string;
  readonly request: string;
  readonly state: ReplayState;
  /** Number of the event that was told last. */
  readonly reached: number;
  readonly reached_time: number | null;
  readonly started: number;
  readonly ended: number | null;
}

/** EventBridge quotas, "Concurrent replays". */
const MOST_AT_ONCE = 10;
const TOLD_AT_ONCE = 100;
const TRY_AGAIN_MS = 1_000;
/** EventBridge user guide, "Replaying archived events": a replay is listed for so long. */
const LISTED_MS = 90 * 24 * 3600 * 1000;

/** Opens the replays, and goes on with those that are not over. */
export function openReplays({ messages, archives, rules, tell, now, report }: Parts): Replays {
  const { database } = messages;
  const select = database.prepare('SELECT * FROM replay WHERE name = ?');
  const selectAll = database.prepare('SELECT * FROM replay ORDER BY name');
  const insert = database.prepare("INSERT INTO replay (name, request, state, started) VALUES (?, ?, 'STARTING', ?)");
  const reach = database.prepare("UPDATE replay SET reached = ?, reached_time = ?, state = 'RUNNING' WHERE name = ?");
  const turn = database.prepare('UPDATE replay SET state = ?, ended = ? WHERE name = ?');
  const forget = database.prepare('DELETE FROM replay WHERE ended < ?');
  let closed = false;

  const rows = () => selectAll.all() as unknown as Row[];
  const row = (name: string) => select.get(name) as unknown as Row | undefined;
  const find = (name: string) => {
    const found = row(name);
    return found === undefined ? undefined : progressOf(found);
  };

  /** Tells some events, and notes how far that came, in one transaction: a replay that goes on tells none of them twice. */
  const step = (name: string): boolean => {
    const { request: text, state, reached } = row(name)!;
    const request = JSON.parse(text) as Replay;
    const archive = archives.archives.find(({ arn }) => arn === request.archiveArn);
    const window = { from: request.from, to: request.to, after: reached, most: TOLD_AT_ONCE };
    const events = archive === undefined || state === 'CANCELLING' ? [] : archives.read(archive, window);
    for (const event of events) tell(replayedEntry(event, request), request.rules);
    const last = events.at(-1);
    if (last === undefined) turn.run(state === 'CANCELLING' ? 'CANCELLED' : 'COMPLETED', now(), name);
    else reach.run(last.sequence, last.time, name);
    return last !== undefined;
  };

  const run = async (name: string): Promise<void> => {
    while (!closed) {
      try {
        if (!(await messages.write(() => !closed && step(name)))) return;
      } catch (error) {
        if (closed) return;
        report(error);
        await pause(TRY_AGAIN_MS, undefined, { ref: false });
      }
    }
  };

  for (const { name } of rows().filter(isUnderWay)) void run(name);
  return {
    all: () => rows().map(progressOf),
    find,
    async start(request) {
      const known = new Set(rules().flatMap(({ arn, bus }) => (bus === request.bus ? [arn] : [])));
      if (request.rules?.some((arn) => !known.has(arn))) return 'no-such-rule';
      const started = await messages.write(() => {
        forget.run(now() - LISTED_MS);
        if (row(request.name) !== undefined) return 'exists';
        if (rows().filter(isUnderWay).length >= MOST_AT_ONCE) return 'too-many';
        insert.run(request.name, JSON.stringify(request), now());
        return find(request.name)!;
      });
      if (typeof started === 'object') void run(request.name);
      return started;
    },
    cancel: (name) =>
      messages.write(() => {
        const found = row(name);
        if (found === undefined || !isUnderWay(found)) return undefined;
        turn.run('CANCELLING', null, name);
        return find(name);
      }),
    close() {
      closed = true;
    },
  };
}

const isUnderWay = ({ state }: Row): boolean => state === 'STARTING' || state === 'RUNNING' || state === 'CANCELLING';

const progressOf = ({ request, state, reached_time, started, ended }: Row): ReplayProgress => ({
  request: JSON.parse(request) as Replay,
  state,
  started,
  ...(reached_time === null ? {} : { reachedTime: reached_time }),
  ...(ended === null ? {} : { ended }),
});
