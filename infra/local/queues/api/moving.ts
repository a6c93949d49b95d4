import { randomUUID } from 'node:crypto';
import { type Input, refuseCall, type ServiceRefusal } from '../../endpoint/service.ts';
import type { QueueSettings } from '../settings.ts';
import { receiveDemands, sendDemands } from './demands.ts';
import type { Actions, Parts } from './parts.ts';
import { badParameter } from './refusals.ts';

/** A task that takes messages from a dead-letter queue back to where they came from. */
interface Task {
  readonly handle: string;
  readonly source: QueueSettings;
  readonly destination: QueueSettings | undefined;
  readonly started: number;
  readonly toMove: number;
  moved: number;
  state: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';
}

const MOVED_AT_ONCE = 100;
const MOST_LISTED = 10;

/** What brings dead letters back. A task is of this process: what it had not moved when that ended stays where it is. */
export function movingActions({ settings, store, messages, place, now }: Parts): Actions {
  const tasks: Task[] = [];
  const byArn = (arn: unknown) => settings.find((one) => one.arn === arn);
  const feeding = ({ arn }: QueueSettings) => settings.filter(({ redrive }) => redrive?.deadLetterArn === arn);

  const run = async (task: Task): Promise<void> => {
    while (task.state === 'RUNNING') {
      const moved = await messages.write(() => store.moveBack(task.source, task.destination, MOVED_AT_ONCE, now()));
      task.moved += moved;
      if (moved === 0 && task.state === 'RUNNING') task.state = 'COMPLETED';
    }
    if (task.state === 'CANCELLING') task.state = 'CANCELLED';
  };
  const start = (source: QueueSettings, destination: QueueSettings | undefined) => {
    if (tasks.some((task) => task.source === source && task.state === 'RUNNING'))
      return badParameter('SourceArn', 'There is already a task running.');
    const toMove = store.counts(source, now()).visible;
    const task: Task = { handle: randomUUID(), source, destination, started: now(), toMove, moved: 0, state: 'RUNNING' };
    tasks.unshift(task);
    void run(task).catch(() => {
      task.state = 'FAILED';
    });
    return { TaskHandle: task.handle };
  };

  return {
    StartMessageMoveTask({ SourceArn, DestinationArn }: Input) {
      const source = byArn(SourceArn);
      if (source === undefined) return noResource();
      if (feeding(source).length === 0)
        return badParameter('SourceArn', 'Source queue must be configured as a Dead Letter Queue.');
      const destination = byArn(DestinationArn);
      if (DestinationArn !== undefined && destination === undefined) return noResource();
      const targets = destination === undefined ? feeding(source) : [destination];
      return {
        demands: [
          { action: 'sqs:StartMessageMoveTask', resource: source.arn },
          ...receiveDemands(source, place),
          ...targets.flatMap((target) => sendDemands(target, place)),
        ],
        run: () => start(source, destination),
      };
    },
    ListMessageMoveTasks({ SourceArn, MaxResults = 1 }: Input) {
      const source = byArn(SourceArn);
      if (source === undefined) return noResource();
      const most = Math.min(Number(MaxResults), MOST_LISTED);
      const listed = () => tasks.filter((task) => task.source === source).slice(0, most);
      return {
        demands: [{ action: 'sqs:ListMessageMoveTasks', resource: source.arn }],
        run: () => ({ Results: listed().map(described) }),
      };
    },
    CancelMessageMoveTask({ TaskHandle }: Input) {
      const task = tasks.find(({ handle }) => handle === TaskHandle);
      if (task === undefined) return noResource();
      return {
        demands: [{ action: 'sqs:CancelMessageMoveTask', resource: task.source.arn }],
        run() {
          if (task.state !== 'RUNNING') return noResource();
          task.state = 'CANCELLING';
          return { ApproximateNumberOfMessagesMoved: task.moved };
        },
      };
    },
  };
}

const described = ({ handle, source, destination, started, toMove, moved, state }: Task) => ({
  ...(state === 'RUNNING' ? { TaskHandle: handle } : {}),
  Status: state,
  SourceArn: source.arn,
  ...(destination === undefined ? {} : { DestinationArn: destination.arn }),
  ApproximateNumberOfMessagesMoved: moved,
  ApproximateNumberOfMessagesToMove: toMove,
  StartedTimestamp: started,
});

const noResource = (): ServiceRefusal =>
  refuseCall(
    'com.amazonaws.sqs#ResourceNotFoundException',
    'The resource that you specified for the SourceArn parameter doesn’t exist.',
  );
