import { type EventBridgeClient, ListReplaysCommand, type Replay, StartReplayCommand } from '@aws-sdk/client-eventbridge';

/** A period of the archive that is told again to one subscription. */
export interface SubscriptionReplay {
  readonly name: string;
  /** EventBridge's word: STARTING, RUNNING, COMPLETED, … */
  readonly state: string;
  /** ISO 8601 instants: the period, and how far it has come. */
  readonly start: string;
  readonly end: string;
  readonly reached?: string;
}

export interface Replays {
  /** @returns `busy` where EventBridge runs as many as it can */
  start(
    id: string,
    ruleArn: string,
    period: { readonly start: Date; readonly end: Date },
  ): Promise<{ readonly name: string } | 'busy'>;
  /** Those of a subscription of which EventBridge still knows, the newest first. */
  of(id: string): Promise<readonly SubscriptionReplay[]>;
}

export interface ReplaysOptions {
  readonly client: EventBridgeClient;
  /** ARNs. */
  readonly archive: string;
  readonly bus: string;
  readonly now: () => Date;
}

const UNDER_WAY: ReadonlySet<string> = new Set(['STARTING', 'RUNNING', 'CANCELLING']);

export const isUnderWay = ({ state }: SubscriptionReplay): boolean => UNDER_WAY.has(state);

const prefixOf = (id: string): string => `subscription-${id}-`;

export const createReplays = ({ client, archive, bus, now }: ReplaysOptions): Replays => ({
  start: async (id, ruleArn, { start, end }) => {
    const name = prefixOf(id) + now().getTime().toString(36);
    const Destination = { Arn: bus, FilterArns: [ruleArn] };
    const replay = { ReplayName: name, EventSourceArn: archive, EventStartTime: start, EventEndTime: end, Destination };
    try {
      await client.send(new StartReplayCommand(replay));
      return { name };
    } catch (error) {
      if ((error as Error).name === 'LimitExceededException') return 'busy';
      throw error;
    }
  },
  of: async (id) => {
    const found: Replay[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListReplaysCommand({ NamePrefix: prefixOf(id), NextToken }));
      found.push(...(page.Replays ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found.map(replayOf).sort((one, other) => (one.name < other.name ? 1 : -1));
  },
});

const replayOf = ({
  ReplayName = '',
  State,
  EventStartTime,
  EventEndTime,
  EventLastReplayedTime,
}: Replay): SubscriptionReplay => ({
  name: ReplayName,
  state: State ?? '',
  start: EventStartTime?.toISOString() ?? '',
  end: EventEndTime?.toISOString() ?? '',
  ...(EventLastReplayedTime === undefined ? {} : { reached: EventLastReplayedTime.toISOString() }),
});
