import { pageOf } from '../../endpoint/pages.ts';
import { type Input, isServiceRefusal, refuseCall, type Service, type ServiceRefusal } from '../../endpoint/service.ts';
import type { Place } from '../../resource.ts';
import type { Archive } from '../archives.ts';
import { invalid, isReplayName, type Replay, readReplay } from './replay.ts';
import type { ReplayProgress, Replays } from './replays.ts';

/** What is asked of replays: EventBridge's own calls. */
export function replayActions(replays: Replays, archives: readonly Archive[], { region, account }: Place): Service['actions'] {
  const arnOf = (name: string) => `arn:aws:events:${region}:${account}:replay/${name}`;
  const briefly = ({ request, state, started, ended, reachedTime }: ReplayProgress) => ({
    ReplayName: request.name,
    EventSourceArn: request.archiveArn,
    State: state,
    EventStartTime: request.from / 1000,
    EventEndTime: request.to / 1000,
    ReplayStartTime: started / 1000,
    ...(ended === undefined ? {} : { ReplayEndTime: ended / 1000 }),
    ...(reachedTime === undefined ? {} : { EventLastReplayedTime: reachedTime / 1000 }),
  });
  const fully = (progress: ReplayProgress) => ({
    ...briefly(progress),
    ReplayArn: arnOf(progress.request.name),
    ...(progress.request.description === undefined ? {} : { Description: progress.request.description }),
    Destination: destinationOf(progress.request),
  });
  const onReplay = (action: string, run: (name: string) => unknown): Service['actions'] => ({
    [action]({ ReplayName }: Input) {
      if (!isReplayName(ReplayName)) return invalid('replayName');
      return {
        demands: [{ action: `events:${action}`, resource: arnOf(ReplayName) }],
        run: () => (replays.find(ReplayName) === undefined ? noReplay(ReplayName) : run(ReplayName)),
      };
    },
  });

  return {
    StartReplay(input) {
      const request = readReplay(input, archives);
      if (isServiceRefusal(request)) return request;
      const ReplayArn = arnOf(request.name);
      return {
        demands: [{ action: 'events:StartReplay', resource: ReplayArn }],
        async run() {
          const started = await replays.start(request);
          if (typeof started === 'string') return REFUSALS[started](request.name);
          return { ReplayArn, State: started.state, ReplayStartTime: started.started / 1000 };
        },
      };
    },
    ...onReplay('DescribeReplay', (name) => fully(replays.find(name)!)),
    ...onReplay('CancelReplay', async (name) => {
      const cancelled = await replays.cancel(name);
      if (cancelled === undefined) return refuseCall('IllegalStatusException', `Replay ${name} is over.`);
      return { ReplayArn: arnOf(name), State: cancelled.state };
    }),
    ListReplays: (input) => ({
      demands: [{ action: 'events:ListReplays', resource: arnOf('*') }],
      run: () => pageOf(replays.all().map(briefly).filter(isWanted(input)), input, ({ ReplayName }) => ReplayName, 'Replays'),
    }),
  };
}

const isWanted =
  ({ NamePrefix = '', State, EventSourceArn }: Input) =>
  (replay: { readonly ReplayName: string; readonly State: string; readonly EventSourceArn: string }): boolean =>
    replay.ReplayName.startsWith(String(NamePrefix)) &&
    (State === undefined || replay.State === State) &&
    (EventSourceArn === undefined || replay.EventSourceArn === EventSourceArn);

const destinationOf = ({ busArn, rules }: Replay) => ({
  Arn: busArn,
  ...(rules === undefined ? {} : { FilterArns: rules }),
});

const REFUSALS: Readonly<Record<'exists' | 'too-many' | 'no-such-rule', (name: string) => ServiceRefusal>> = {
  exists: (name) => refuseCall('ResourceAlreadyExistsException', `Replay ${name} already exists.`),
  'too-many': () => refuseCall('LimitExceededException', 'The requested resource exceeds the maximum number allowed.'),
  'no-such-rule': () => invalid('destination.filterArns'),
};

const noReplay = (name: string): ServiceRefusal => refuseCall('ResourceNotFoundException', `Replay ${name} does not exist.`);
