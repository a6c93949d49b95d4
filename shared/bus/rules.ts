import {
  DeleteRuleCommand,
  type EventBridgeClient,
  type Rule as ListedRule,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';

/** The rule of a subscription, as it stands on the bus. */
export interface SubscriptionRule {
  /** Id of the subscription. */
  readonly id: string;
  /** JSON text. */
  readonly pattern: string;
  readonly description: string;
  readonly isEnabled: boolean;
  /** Where it sends what it matches; `undefined` where it sends it nowhere, or to several places. */
  readonly target?: RuleTarget;
}

export interface RuleTarget {
  /** ARNs of queues: of what it matches, and of what could not be sent there. */
  readonly arn: string;
  readonly undelivered: string;
  /** One subscription's events stay in order, and none waits for those of another. */
  readonly group: string;
}

/** Rules of subscriptions on the bus: one each. All calls can be repeated. */
export interface Rules {
  /** Makes or changes the rule of a subscription. @returns `full` where the bus takes no more rules */
  put(subscription: { readonly id: string; readonly organisation: string }, pattern: string): Promise<'put' | 'full'>;
  /** Removes the rule of a subscription, where there is one. */
  remove(id: string): Promise<void>;
  /** The rules of all subscriptions, with their targets. */
  list(): Promise<readonly SubscriptionRule[]>;
  /** How many rules there are on the bus, of subscriptions and others. */
  count(): Promise<number>;
  /** What the rule of a subscription has for its target. */
  targetOf(id: string): RuleTarget;
  /** ARN of the rule of a subscription, where there is one. */
  arnOf(id: string): Promise<string | undefined>;
}

export interface RulesOptions {
  readonly client: EventBridgeClient;
  /** Name of the bus. */
  readonly bus: string;
  /** ARNs of queues: where what rules match arrives, and what could not be sent there. */
  readonly arrivals: string;
  readonly undelivered: string;
}

const PREFIX = 'subscription-';
const TARGET = 'arrivals';
/** EventBridge tries for a day, then hands over to the dead letters. */
const RETRY_POLICY = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 };

const nameOf = (id: string): string => `${PREFIX}${id}`;

export function createRules({ client, bus, arrivals, undelivered }: RulesOptions): Rules {
  const targetOf = (id: string): RuleTarget => ({ arn: arrivals, undelivered, group: id });

  async function* listed(NamePrefix?: string): AsyncGenerator<ListedRule> {
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListRulesCommand({ EventBusName: bus, NamePrefix, NextToken }));
      yield* page.Rules ?? [];
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  }

  async function putTarget(id: string): Promise<void> {
    const Targets = [
      {
        Id: TARGET,
        Arn: arrivals,
        SqsParameters: { MessageGroupId: id },
        DeadLetterConfig: { Arn: undelivered },
        RetryPolicy: RETRY_POLICY,
      },
    ];
    const { FailedEntryCount } = await client.send(new PutTargetsCommand({ EventBusName: bus, Rule: nameOf(id), Targets }));
    if (FailedEntryCount) throw new Error('the target of a rule could not be put');
  }

  const targetsOf = async (id: string): Promise<readonly RuleTarget[]> => {
    const found = await unlessGone(client.send(new ListTargetsByRuleCommand({ EventBusName: bus, Rule: nameOf(id) })));
    return (found?.Targets ?? []).map(({ Arn = '', DeadLetterConfig, SqsParameters }) => ({
      arn: Arn,
      undelivered: DeadLetterConfig?.Arn ?? '',
      group: SqsParameters?.MessageGroupId ?? '',
    }));
  };

  return {
    targetOf,
    put: async ({ id, organisation }, EventPattern) => {
      const Description = `Signals of a subscription of ${organisation}`;
      const rule = { EventBusName: bus, Name: nameOf(id), EventPattern, Description, State: 'ENABLED' as const };
      try {
        await client.send(new PutRuleCommand(rule));
      } catch (error) {
        if ((error as Error).name === 'LimitExceededException') return 'full';
        throw error;
      }
      await putTarget(id);
      return 'put';
    },
    remove: async (id) => {
      const rule = { EventBusName: bus, Rule: nameOf(id) };
      await unlessGone(client.send(new RemoveTargetsCommand({ ...rule, Ids: [TARGET] })));
      await unlessGone(client.send(new DeleteRuleCommand({ EventBusName: bus, Name: nameOf(id) })));
    },
    list: async () => {
      const rules: SubscriptionRule[] = [];
      for await (const { Name = '', EventPattern = '', Description = '', State } of listed(PREFIX)) {
        const id = Name.slice(PREFIX.length);
        const [target, ...more] = await targetsOf(id);
        const sends = target === undefined || more.length > 0 ? {} : { target };
        rules.push({ id, pattern: EventPattern, description: Description, isEnabled: State === 'ENABLED', ...sends });
      }
      return rules;
    },
    count: async () => {
      let found = 0;
      for await (const _ of listed()) found++;
      return found;
    },
    arnOf: async (id) => {
      for await (const { Name, Arn } of listed(nameOf(id))) if (Name === nameOf(id)) return Arn;
      return undefined;
    },
  };
}

/** What is not there cannot be removed or listed, and need not be. */
async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
