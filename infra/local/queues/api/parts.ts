import { type Call, type Input, isServiceRefusal, type Service, type ServiceRefusal } from '../../endpoint/service.ts';
import type { Demand } from '../../iam/authorise.ts';
import type { Place } from '../../resource.ts';
import type { Messages } from '../messages.ts';
import type { QueueSettings } from '../settings.ts';
import type { QueueStore, ReceiveOptions, StoredMessage } from '../store.ts';
import { missingParameter, REFUSALS } from './refusals.ts';

/** What the actions of SQS work with. */
export interface Parts {
  readonly settings: readonly QueueSettings[];
  readonly store: QueueStore;
  readonly messages: Messages;
  readonly place: Place;
  readonly now: () => number;
  /** Wakes who waits for a queue. */
  readonly ring: (queue: string) => void;
  receive(queue: QueueSettings, options: ReceiveOptions): Promise<readonly StoredMessage[]>;
}

export type Actions = Service['actions'];

/** An action on one queue: what it needs, and how its other parameters are read. */
export interface QueueAction {
  readonly demands: (queue: QueueSettings) => readonly Demand[];
  readonly read: (queue: QueueSettings, input: Input) => Omit<Call, 'demands'> | ServiceRefusal;
}

/** Finds the queue by its URL's last part, so that a URL outlives the port that it was given out with. */
export const onQueue =
  (settings: readonly QueueSettings[], { demands, read }: QueueAction): Actions[string] =>
  (input) => {
    if (typeof input.QueueUrl !== 'string') return missingParameter('QueueUrl');
    const name = input.QueueUrl.slice(input.QueueUrl.lastIndexOf('/') + 1);
    const queue = settings.find((one) => one.name === name);
    if (queue === undefined) return REFUSALS.noQueue;
    const call = read(queue, input);
    return isServiceRefusal(call) ? call : { demands: demands(queue), run: (caller) => call.run(caller) };
  };

/** What an action that needs the queue alone demands. */
export const queueDemand =
  (action: string): QueueAction['demands'] =>
  ({ arn }) => [{ action: `sqs:${action}`, resource: arn }];

/** A whole number from 0 to `most`; `undefined` for anything else. */
export const readWhole = (value: unknown, most: number): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most ? value : undefined;

export const readNames = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
