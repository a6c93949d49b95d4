import { type Call, type Input, isServiceRefusal, type Service, type ServiceRefusal } from '../endpoint/service.ts';
import type { Policies } from '../iam/policies.ts';
import type { Messages } from '../queues/messages.ts';
import type { Queues } from '../queues/queues.ts';
import type { Place, ResolvedResource } from '../resource.ts';
import { createDeliveries } from './deliveries.ts';
import { type Entry, type EntryProblem, isEntry, readEntries } from './entries.ts';
import { type Fields, fieldsOf } from './pattern/fields.ts';
import { type Rule, routesOf, type Target } from './rules.ts';

/** The event buses of a template: EventBridge for whoever signs. */
export interface Bus extends Service {
  /** Stops delivering to functions; what has not arrived is delivered after the next start. */
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
}

/** An event on its way to one target. */
interface Dispatch {
  readonly target: Target;
  readonly payload: string;
}

const SENDER = 'events.amazonaws.com';

/** @throws UnsupportedTemplate when a bus or rule has something that is not known here, or a target may not be sent to */
export function createBus({ resources, messages, queues, policies, place, invoke, now = Date.now }: Parts): Bus {
  const { buses, rules } = routesOf({ resources, queues, policies, place });
  const rulesOf = (bus: string) => rules.filter((rule) => rule.bus === bus);

  const send = (target: Target, { queue, groupId }: Target['to'] & { kind: 'queue' }, payload: string): void => {
    if (Buffer.byteLength(payload) > queue.maximumBytes) {
      giveUp(target, payload, { code: 'MESSAGE_TOO_LARGE', text: 'larger than the queue takes' }, 1);
    } else {
      queues.store.enqueue(queue, { body: payload, sender: SENDER, ...(groupId === undefined ? {} : { groupId }) }, now());
    }
  };

  const giveUp = (
    target: Target,
    payload: string,
    problem: { readonly code: string; readonly text: string },
    attempts: number,
  ): void => {
    if (target.deadLetters === undefined) return;
    const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
    const attributes = {
      RULE_ARN: attribute(target.ruleArn),
      TARGET_ARN: attribute(target.arn),
      ERROR_CODE: attribute(problem.code),
      ERROR_MESSAGE: attribute(problem.text),
      RETRY_ATTEMPTS: attribute(String(attempts - 1)),
    };
    queues.store.enqueue(target.deadLetters, { body: payload, sender: SENDER, attributes }, now());
  };

  const deliveries = createDeliveries({ messages, targets: rules.flatMap(({ targets }) => targets), invoke, giveUp, now });

  const dispatch = ({ target, payload }: Dispatch): void => {
    if (target.to.kind === 'queue') send(target, target.to, payload);
    else deliveries.add(target, payload, now());
  };

  const put = async (entries: readonly (Entry | EntryProblem)[]) => {
    const outcomes = entries.map((entry) => (isEntry(entry) && !buses.has(entry.bus) ? noBus(entry.bus) : entry));
    const dispatches = outcomes.filter(isEntry).flatMap((entry) => dispatchesOf(entry, rulesOf));
    // Answered only once everything that follows from the events is on disk.
    await messages.write(() => dispatches.forEach(dispatch));
    return {
      FailedEntryCount: outcomes.filter((outcome) => !isEntry(outcome)).length,
      Entries: outcomes.map((outcome) => (isEntry(outcome) ? { EventId: outcome.id } : outcome)),
    };
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
    },
    close: deliveries.close,
  };
}

/** Stricter than EventBridge, which loses such an event without a word. */
const noBus = (bus: string): EntryProblem => ({
  ErrorCode: 'ResourceNotFoundException',
  ErrorMessage: `Event bus ${bus} does not exist.`,
});

/** Everything that follows from an event. A bus that is a target hands on to its own rules, and no further (EventBridge user guide). */
function dispatchesOf(entry: Entry, rulesOf: (bus: string) => readonly Rule[]): readonly Dispatch[] {
  const fields = fieldsOf(entry.event);
  const follow = (bus: string, mayHandOn: boolean): readonly Dispatch[] =>
    matchingTargets(rulesOf(bus), fields).flatMap((target) => {
      if (target.to.kind === 'bus') return mayHandOn ? follow(target.to.bus, false) : [];
      return [{ target, payload: target.input(entry) }];
    });
  return follow(entry.bus, true);
}

const matchingTargets = (rules: readonly Rule[], fields: Fields): readonly Target[] =>
  rules.filter(({ matches }) => matches(fields)).flatMap(({ targets }) => targets);
