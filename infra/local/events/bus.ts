import { type Call, type Input, isServiceRefusal, type Service, type ServiceRefusal } from '../endpoint/service.ts';
import type { Policies } from '../iam/policies.ts';
import type { Messages } from '../queues/messages.ts';
import type { Queues } from '../queues/queues.ts';
import type { Place, ResolvedResource } from '../resource.ts';
import { createArchives } from './archives.ts';
import { createDispatcher, dispatchesOf, type Matching } from './dispatcher.ts';
import { type Entry, type EntryProblem, isEntry, readEntries } from './entries.ts';
import { fieldsOf } from './pattern/fields.ts';
import { replayActions } from './replays/actions.ts';
import { openReplays } from './replays/replays.ts';
import { ruleActions } from './rules/actions.ts';
import { createRuleBook } from './rules/rule-book.ts';
import { openRunTimeRules } from './rules/run-time-rules.ts';
import { routesOf } from './rules/template-rules.ts';
import { startScheduler } from './schedule/scheduler.ts';

/** The event buses of a template, with their rules and archives: EventBridge for whoever signs. */
export interface Bus extends Service {
  /** Stops delivering to functions, and what is scheduled; what has not arrived is delivered after the next start. */
  close(): void;
}

interface Parts {
  readonly resources: Iterable<ResolvedResource>;
  readonly messages: Messages;
  readonly queues: Queues;
  readonly policies: Policies;
  readonly place: Place;
  /** Runs a function; rejects when it fails. */
  readonly invoke: (functionArn: string, payload: unknown) => Promise<unknown>;
  readonly now?: () => number;
  /** Where failures of the bus itself are reported. */
  readonly report?: (error: unknown) => void;
}

/** How often archives drop what is too old. */
const EXPIRY_MS = 3_600_000;

/** @throws UnsupportedTemplate when a bus or rule has something that is not known here, or a target may not be sent to */
export function createBus({
  resources,
  messages,
  queues,
  policies,
  place,
  invoke,
  now = Date.now,
  report = console.error,
}: Parts): Bus {
  const { buses, rules, described } = routesOf({ resources, queues, policies, place });
  const archives = createArchives(resources, buses, messages);
  const ground = { queues, policies, place, buses };
  const made = openRunTimeRules(messages, ground, () => book.renew());
  const book = createRuleBook(() => [...rules, ...made.enabled()]);

  const dispatcher = createDispatcher({ messages, queues, targetOf: book.target, invoke, now, report });
  const scheduler = startScheduler({ messages, rules, place, dispatch: dispatcher.dispatch, now, report });
  const expiry = setInterval(() => void messages.write(() => archives.expire(now())).catch(report), EXPIRY_MS).unref();

  const put = async (entries: readonly (Entry | EntryProblem)[]) => {
    const outcomes = entries.map((entry) => (isEntry(entry) && !buses.has(entry.bus) ? noBus(entry.bus) : entry));
    const events = outcomes.filter(isEntry).map((entry) => ({ entry, fields: fieldsOf(entry.event) }));
    const dispatches = events.flatMap(({ entry, fields }) => dispatchesOf(entry, fields, book.matching));
    // Answered only once everything that follows from the events is on disk.
    await messages.write(() => {
      for (const { entry, fields } of events) archives.keep(entry, fields, now());
      dispatches.forEach(dispatcher.dispatch);
    });
    return {
      FailedEntryCount: outcomes.filter((outcome) => !isEntry(outcome)).length,
      Entries: outcomes.map((outcome) => (isEntry(outcome) ? { EventId: outcome.id } : outcome)),
    };
  };

  const replays = openReplays({
    messages,
    archives,
    rules: () => book.all(),
    now,
    report,
    tell: (entry, wanted) => {
      const heard: Matching = (bus, fields) => book.matching(bus, fields).filter(({ arn }) => wanted?.includes(arn) ?? true);
      dispatchesOf(entry, fieldsOf(entry.event), heard).forEach(dispatcher.dispatch);
    },
  });

  return {
    target: 'AWSEvents',
    protocol: '1.1',
    actions: {
      ...ruleActions({ rules: made, fixed: described, ground }),
      ...replayActions(replays, archives.archives, place),
      PutEvents(input: Input): Call | ServiceRefusal {
        const entries = readEntries(input, place, new Date(now()));
        if (isServiceRefusal(entries)) return entries;
        const demands = entries.filter(isEntry).map(({ bus, source, detailType }) => ({
          action: 'events:PutEvents',
          resource: buses.get(bus) ?? `arn:aws:events:${place.region}:${place.account}:event-bus/${bus}`,
          context: { 'events:source': source, 'events:detail-type': detailType },
        }));
        return { demands, run: () => put(entries) };
      },
    },
    close() {
      clearInterval(expiry);
      scheduler.close();
      replays.close();
      dispatcher.close();
    },
  };
}

/** Stricter than EventBridge, which loses such an event without a word. */
const noBus = (bus: string): EntryProblem => ({
  ErrorCode: 'ResourceNotFoundException',
  ErrorMessage: `Event bus ${bus} does not exist.`,
});
