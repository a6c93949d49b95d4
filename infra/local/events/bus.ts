import { type Call, type Input, isServiceRefusal, type Service, type ServiceRefusal } from '../endpoint/service.ts';
import type { Policies } from '../iam/policies.ts';
import type { Messages } from '../queues/messages.ts';
import type { Queues } from '../queues/queues.ts';
import type { Place, ResolvedResource } from '../resource.ts';
import { createArchives } from './archives.ts';
import { createDispatcher, dispatchesOf } from './dispatcher.ts';
import { type Entry, type EntryProblem, isEntry, readEntries } from './entries.ts';
import { fieldsOf } from './pattern/fields.ts';
import { type Replay, readReplay, replayedEntry } from './replay.ts';
import { routesOf } from './rules.ts';
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
const REPLAYED_AT_ONCE = 500;

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
  const { buses, rules } = routesOf({ resources, queues, policies, place });
  const archives = createArchives(resources, buses, messages);
  const rulesOf = (bus: string) => rules.filter((rule) => rule.bus === bus);

  const targets = rules.flatMap((rule) => rule.targets);
  const dispatcher = createDispatcher({ messages, queues, targets, invoke, now, report });
  const scheduler = startScheduler({ messages, rules, place, dispatch: dispatcher.dispatch, now, report });
  const expiry = setInterval(() => void messages.write(() => archives.expire(now())).catch(report), EXPIRY_MS).unref();

  const put = async (entries: readonly (Entry | EntryProblem)[]) => {
    const outcomes = entries.map((entry) => (isEntry(entry) && !buses.has(entry.bus) ? noBus(entry.bus) : entry));
    const events = outcomes.filter(isEntry).map((entry) => ({ entry, fields: fieldsOf(entry.event) }));
    const dispatches = events.flatMap(({ entry, fields }) => dispatchesOf(entry, fields, rulesOf));
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

  const replay = async (request: Replay) => {
    const { archive, from, to, rules: wanted } = request;
    const heard = (bus: string) => rulesOf(bus).filter(({ arn }) => wanted?.includes(arn) ?? true);
    for (let after = 0; ; ) {
      const events = archives.read(archive, { from, to, after, most: REPLAYED_AT_ONCE });
      if (events.length === 0) return;
      const entries = events.map((event) => replayedEntry(event, request));
      const dispatches = entries.flatMap((entry) => dispatchesOf(entry, fieldsOf(entry.event), heard));
      await messages.write(() => dispatches.forEach(dispatcher.dispatch));
      after = events.at(-1)!.sequence;
    }
  };

  return {
    target: 'AWSEvents',
    protocol: '1.1',
    actions: {
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
      /** Answers once everything has been told again. */
      StartReplay(input: Input): Call | ServiceRefusal {
        const request = readReplay(input, archives.archives);
        if (isServiceRefusal(request)) return request;
        const ReplayArn = `arn:aws:events:${place.region}:${place.account}:replay/${request.name}`;
        const answer = { ReplayArn, State: 'COMPLETED', ReplayStartTime: Math.floor(now() / 1000) };
        return {
          demands: [{ action: 'events:StartReplay', resource: ReplayArn }],
          run: () => replay(request).then(() => answer),
        };
      },
    },
    close() {
      clearInterval(expiry);
      scheduler.close();
      dispatcher.close();
    },
  };
}

/** Stricter than EventBridge, which loses such an event without a word. */
const noBus = (bus: string): EntryProblem => ({
  ErrorCode: 'ResourceNotFoundException',
  ErrorMessage: `Event bus ${bus} does not exist.`,
});
