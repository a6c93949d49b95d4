import { randomUUID } from 'node:crypto';
import type { Messages } from '../../queues/messages.ts';
import type { Place } from '../../resource.ts';
import type { Dispatch } from '../dispatcher.ts';
import type { Rule } from '../rules/rule.ts';

interface Parts {
  readonly messages: Messages;
  readonly rules: readonly Rule[];
  readonly place: Place;
  /** Called inside `Messages.write`. */
  readonly dispatch: (dispatch: Dispatch) => void;
  readonly now: () => number;
  readonly report: (error: unknown) => void;
}

/** The longest that a timer of Node waits is 24 days; the clock of a machine may be set meanwhile. */
const LONGEST_WAIT_MS = 60 * 60 * 1000;

/** What could not be sent is tried again after that. */
const RETRY_MS = 10_000;

/**
 * Sends rules that have a schedule their event when it is due. When each was sent last is kept, so that what became due while the machine was off is sent at the next
 * start: once, however often it was due.
 */
export function startScheduler({ messages, rules, place, dispatch, now, report }: Parts): { close(): void } {
  const scheduled = rules.flatMap((rule) => (rule.schedule === undefined ? [] : [{ rule, schedule: rule.schedule }]));
  const { database } = messages;
  database.exec('CREATE TABLE IF NOT EXISTS fired (rule TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID');
  const select = database.prepare('SELECT at FROM fired WHERE rule = ?');
  const keep = database.prepare('INSERT INTO fired (rule, at) VALUES (?, ?) ON CONFLICT (rule) DO UPDATE SET at = excluded.at');
  const timers = new Map<Rule, NodeJS.Timeout>();
  let closed = false;

  const lastOf = (rule: Rule): number => {
    const found = select.get(rule.arn) as { at: number } | undefined;
    if (found === undefined) keep.run(rule.arn, now());
    return found?.at ?? now();
  };

  const fire = (rule: Rule): Promise<void> =>
    messages.write(() => {
      const entry = scheduledEvent(rule, place, new Date(now()));
      for (const target of rule.targets) dispatch({ target, payload: target.input(entry) });
      keep.run(rule.arn, now());
    });

  /** @returns whether it was sent */
  const tryToFire = (rule: Rule): Promise<boolean> =>
    fire(rule).then(
      () => true,
      (error: unknown) => {
        report(error);
        return false;
      },
    );

  const wait = ({ rule, schedule }: (typeof scheduled)[number], leastMs = 0): void => {
    const due = closed ? undefined : schedule.next(lastOf(rule));
    if (due === undefined) return;
    const whenDue = async () => {
      const hasFailed = now() >= due && !(await tryToFire(rule));
      wait({ rule, schedule }, hasFailed ? RETRY_MS : 0);
    };
    const waitMs = Math.min(Math.max(leastMs, due - now()), LONGEST_WAIT_MS);
    timers.set(rule, setTimeout(() => void whenDue(), waitMs).unref());
  };

  for (const each of scheduled) wait(each);
  return {
    close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

/** As targets receive it (EventBridge user guide, "Scheduled events"). */
function scheduledEvent({ arn }: Rule, { account, region }: Place, at: Date) {
  const event = {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account,
    time: `${at.toISOString().slice(0, 19)}Z`,
    region,
    resources: [arn],
    detail: {},
  };
  return { text: JSON.stringify(event), event };
}
