import type { Messages } from '../queues/messages.ts';
import type { Queues } from '../queues/queues.ts';
import { createDeliveries } from './deliveries.ts';
import type { Entry } from './entries.ts';
import type { Fields } from './pattern/fields.ts';
import type { Rule, Target } from './rules/rule.ts';

/** An event on its way to one target. */
export interface Dispatch {
  readonly target: Target;
  readonly payload: string;
}

/** Hands events to targets: at once to queues, in its own time to functions. */
export interface Dispatcher {
  /** To be called inside `Messages.write`. */
  dispatch(dispatch: Dispatch): void;
  close(): void;
}

interface Parts {
  readonly messages: Messages;
  readonly queues: Queues;
  /** The target of a key, if it is still there. */
  readonly targetOf: (key: string) => Target | undefined;
  readonly invoke: (functionArn: string, payload: unknown) => Promise<unknown>;
  readonly now: () => number;
  readonly report: (error: unknown) => void;
}

const SENDER = 'events.amazonaws.com';

export function createDispatcher({ messages, queues, targetOf, invoke, now, report }: Parts): Dispatcher {
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

  const deliveries = createDeliveries({ messages, targetOf, invoke, giveUp, now, report });
  return {
    dispatch({ target, payload }) {
      if (target.to.kind === 'queue') send(target, target.to, payload);
      else if (target.to.kind === 'nowhere') giveUp(target, payload, target.to.obstacle, 1);
      else deliveries.add(target, payload, now());
    },
    close: deliveries.close,
  };
}

/** Everything that follows from an event. A bus that is a target hands on to its own rules, and no further (EventBridge user guide). */
export function dispatchesOf(entry: Entry, fields: Fields, matching: Matching): readonly Dispatch[] {
  const follow = (bus: string, mayHandOn: boolean): readonly Dispatch[] =>
    matching(bus, fields)
      .flatMap(({ targets }) => targets)
      .flatMap((target) => {
        if (target.to.kind === 'bus') return mayHandOn ? follow(target.to.bus, false) : [];
        return [{ target, payload: target.input(entry) }];
      });
  return follow(entry.bus, true);
}

/** The rules of a bus that match an event. */
export type Matching = (bus: string, fields: Fields) => readonly Rule[];
