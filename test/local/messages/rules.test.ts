import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bus, createBus } from '../../../infra/local/events/bus.ts';
import { PLACE, queue, queueArn, queueUrl, type RunningServices, resource, role, startServices } from '../running-services.ts';

const EVENTS = 'arn:aws:events:eu-west-2:000000000000';
const ruleArn = (name: string) => `${EVENTS}:rule/changes/${name}`;
const FIFO = { FifoQueue: true, ContentBasedDeduplication: true, DeduplicationScope: 'messageGroup' };

const RESOURCES = [
  resource('changes', 'AWS::Events::EventBus', { Name: 'changes' }, { ref: 'changes', arn: `${EVENTS}:event-bus/changes` }),
  queue('arrivals.fifo', FIFO),
  queue('named.fifo', { FifoQueue: true }),
  queue('undelivered'),
  queue('closed'),
  resource('open', 'AWS::SQS::QueuePolicy', {
    Queues: [queueUrl('arrivals.fifo'), queueUrl('named.fifo'), queueUrl('undelivered')],
    PolicyDocument: {
      Statement: {
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Principal: { Service: 'events.amazonaws.com' },
        Resource: '*',
        Condition: { ArnLike: { 'aws:SourceArn': ruleArn('subscription-*') } },
      },
    },
  }),
  resource(
    'fixed',
    'AWS::Events::Rule',
    {
      Name: 'fixed',
      EventBusName: 'changes',
      EventPattern: { source: ['nobody'] },
      Targets: [],
    },
    { arn: ruleArn('fixed') },
  ),
  role('subscribe', [
    { Effect: 'Allow', Action: 'events:*', Resource: ruleArn('subscription-*') },
    { Effect: 'Allow', Action: ['events:ListRules', 'events:DeleteRule'], Resource: [`${EVENTS}:rule/*`, ruleArn('fixed')] },
    {
      Effect: 'Deny',
      Action: 'events:PutTargets',
      Resource: '*',
      Condition: { ArnLike: { 'events:TargetArn': queueArn('forbidden') } },
    },
  ]),
  role('announce', [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: '*' }]),
];

let services: RunningServices;
let bus: Bus;
let client: EventBridgeClient;
let announce: EventBridgeClient;

const createOn = ({ messages, queues, policies }: Pick<RunningServices, 'messages' | 'queues' | 'policies'>) =>
  createBus({ resources: RESOURCES, messages, queues, policies, place: PLACE, invoke: async () => {} });

beforeAll(async () => {
  services = await startServices(RESOURCES, {
    services(running) {
      bus = createOn(running);
      return [bus];
    },
  });
  client = new EventBridgeClient(services.clientOf('subscribe'));
  announce = new EventBridgeClient(services.clientOf('announce'));
});
afterAll(async () => {
  bus.close();
  await services.stop();
});
beforeEach(() =>
  services.messages.write(() => services.queues.settings.forEach((each) => void services.queues.store.purge(each))),
);
afterEach(async () => {
  const { Rules = [] } = await client.send(new ListRulesCommand({ EventBusName: 'changes', NamePrefix: 'subscription-' }));
  for (const { Name } of Rules) await remove(Name!);
});

const onRule = (name: string) => ({ Rule: name, EventBusName: 'changes' });
const named = (name: string) => ({ Name: name, EventBusName: 'changes' });
const audience = (...organisations: string[]) => ({ source: ['chesil.record'], detail: { audience: organisations } });
const putRule = (name: string, pattern: unknown, more = {}) =>
  client.send(new PutRuleCommand({ ...named(name), EventPattern: JSON.stringify(pattern), ...more }));
const arrivals = (group: string): Target => ({
  Id: 'arrivals',
  Arn: queueArn('arrivals.fifo'),
  SqsParameters: { MessageGroupId: group },
});
const putTargets = (name: string, ...Targets: Target[]) => client.send(new PutTargetsCommand({ ...onRule(name), Targets }));
const subscribe = async (name: string, pattern: unknown) => {
  await putRule(name, pattern);
  await putTargets(name, arrivals(name));
};
const remove = async (name: string) => {
  const { Targets = [] } = await client.send(new ListTargetsByRuleCommand(onRule(name)));
  if (Targets.length > 0) await client.send(new RemoveTargetsCommand({ ...onRule(name), Ids: Targets.map(({ Id }) => Id!) }));
  await client.send(new DeleteRuleCommand(named(name)));
};
const put = (...details: unknown[]) =>
  announce.send(
    new PutEventsCommand({
      Entries: details.map((detail) => ({
        EventBusName: 'changes',
        Source: 'chesil.record',
        DetailType: 'change',
        Detail: JSON.stringify(detail),
      })),
    }),
  );
const taken = (name: string) =>
  services.queues.receive(queueArn(name), { most: 1000, waitMs: 300, signal: new AbortController().signal });
const heard = async (name: string) => (await taken(name)).map(({ body, group_id }) => [group_id, JSON.parse(body).detail.n]);
const refusalOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    ({ name }: Error) => name,
  );

describe('a rule that is made at run time', () => {
  it('is in force as soon as it is answered, and no longer once its targets are gone', async () => {
    const { RuleArn } = await putRule('subscription-1', audience('uhd'));
    expect(RuleArn).toBe(ruleArn('subscription-1'));
    await putTargets('subscription-1', arrivals('1'));
    await put({ audience: ['uhd'], n: 1 }, { audience: ['dch'], n: 2 });
    expect(await heard('arrivals.fifo')).toEqual([['1', 1]]);
    await remove('subscription-1');
    await put({ audience: ['uhd'], n: 3 });
    expect(await heard('arrivals.fifo')).toEqual([]);
  });

  it('is described anew by another pattern, and keeps its targets', async () => {
    await subscribe('subscription-1', audience('uhd'));
    await putRule('subscription-1', audience('dch'), { Description: 'for Dorchester' });
    await put({ audience: ['uhd'], n: 1 }, { audience: ['dch'], n: 2 });
    expect(await heard('arrivals.fifo')).toEqual([['subscription-1', 2]]);
    expect(await client.send(new DescribeRuleCommand(named('subscription-1')))).toMatchObject({
      Name: 'subscription-1',
      Arn: ruleArn('subscription-1'),
      EventBusName: 'changes',
      EventPattern: JSON.stringify(audience('dch')),
      State: 'ENABLED',
      Description: 'for Dorchester',
    });
  });

  it('is passed over while it is disabled', async () => {
    await subscribe('subscription-1', audience('uhd'));
    await client.send(new DisableRuleCommand(named('subscription-1')));
    await put({ audience: ['uhd'], n: 1 });
    await client.send(new EnableRuleCommand(named('subscription-1')));
    await put({ audience: ['uhd'], n: 2 });
    expect(await heard('arrivals.fifo')).toEqual([['subscription-1', 2]]);
  });

  it('hears of events in the order in which they were accepted, beside others that hear the same', async () => {
    await subscribe('subscription-1', audience('uhd'));
    await subscribe('subscription-2', { source: [{ prefix: 'chesil.' }] });
    await subscribe('subscription-3', { $or: [{ detail: { audience: ['uhd'] } }, { detail: { n: [{ numeric: ['>', 10] }] } }] });
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    await Promise.all([0, 10].map((first) => put(...numbers.slice(first, first + 10).map((n) => ({ audience: ['uhd'], n })))));
    const all = await heard('arrivals.fifo');
    for (const name of ['subscription-1', 'subscription-2', 'subscription-3'])
      expect(all.filter(([group]) => group === name).map(([, n]) => n)).toEqual(numbers);
  });

  it('outlives the process', async () => {
    await subscribe('subscription-1', audience('uhd'));
    const again = createOn(services);
    try {
      const { run } = again.actions.DescribeRule!(named('subscription-1')) as unknown as { run(caller: unknown): object };
      expect(run({})).toMatchObject({ Name: 'subscription-1', State: 'ENABLED' });
    } finally {
      again.close();
    }
  });
});

describe('a target', () => {
  it('that EventBridge may not send to gets nothing; the event becomes a dead letter at once', async () => {
    await putRule('subscription-1', audience('uhd'));
    const DeadLetterConfig = { Arn: queueArn('undelivered') };
    await putTargets(
      'subscription-1',
      { Id: 'closed', Arn: queueArn('closed'), DeadLetterConfig },
      { Id: 'nowhere', Arn: queueArn('of-nobody'), DeadLetterConfig },
    );
    await put({ audience: ['uhd'], n: 1 });
    const letters = await taken('undelivered');
    expect(letters.map(({ attributes }) => JSON.parse(attributes!))).toMatchObject([
      { ERROR_CODE: { StringValue: 'NO_PERMISSIONS' }, RULE_ARN: { StringValue: ruleArn('subscription-1') } },
      { ERROR_CODE: { StringValue: 'NO_RESOURCE' }, TARGET_ARN: { StringValue: queueArn('of-nobody') } },
    ]);
    expect(await taken('closed')).toEqual([]);
  });

  it('is replaced by one of the same id', async () => {
    await subscribe('subscription-1', audience('uhd'));
    await putTargets('subscription-1', arrivals('other'));
    await put({ audience: ['uhd'], n: 1 });
    expect(await heard('arrivals.fifo')).toEqual([['other', 1]]);
    expect(await client.send(new ListTargetsByRuleCommand(onRule('subscription-1')))).toMatchObject({
      Targets: [arrivals('other')],
    });
  });

  it('is refused when EventBridge would not take it', async () => {
    await putRule('subscription-1', audience('uhd'));
    const wrong: Target[] = [
      { Id: 'no group', Arn: queueArn('arrivals.fifo') },
      { Id: 'a', Arn: queueArn('arrivals.fifo') },
      { Id: 'a', Arn: queueArn('named.fifo'), SqsParameters: { MessageGroupId: 'a' } },
      { Id: 'a', Arn: queueArn('undelivered'), InputPath: 'detail' },
      { Id: 'a', Arn: queueArn('undelivered'), InputTransformer: { InputTemplate: '' } },
      { Id: 'a', Arn: queueArn('undelivered'), DeadLetterConfig: { Arn: queueArn('arrivals.fifo') } },
      { Id: 'a', Arn: 'arn:aws:sns:eu-west-2:000000000000:topic' },
    ];
    for (const target of wrong)
      expect([target, await refusalOf(putTargets('subscription-1', target))]).toEqual([target, 'ValidationException']);
    const six = Array.from({ length: 6 }, (_, n) => ({ ...arrivals('x'), Id: `t${n}` }));
    expect(await refusalOf(putTargets('subscription-1', ...six))).toBe('LimitExceededException');
    expect(await refusalOf(putTargets('subscription-2', arrivals('x')))).toBe('ResourceNotFoundException');
    expect(await client.send(new RemoveTargetsCommand({ ...onRule('subscription-1'), Ids: ['nobody'] }))).toMatchObject({
      FailedEntryCount: 1,
      FailedEntries: [{ TargetId: 'nobody', ErrorCode: 'ResourceNotFoundException' }],
    });
  });
});

describe('what is refused of a rule', () => {
  it('is a pattern that EventBridge does not take, with its text and place', async () => {
    await expect(putRule('subscription-1', { source: [{ regex: 'x' }] })).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
      message: 'Event pattern is not valid. Reason: Unrecognized match type regex at [line: 1, column: 12]',
    });
    const long = { source: Array.from({ length: 300 }, (_, n) => `source-${n}`) };
    expect(await refusalOf(putRule('subscription-1', long))).toBe('LimitExceededException');
    expect(await refusalOf(client.send(new PutRuleCommand(named('subscription-1'))))).toBe('ValidationException');
    expect(await refusalOf(putRule('subscription-1', {}, { EventBusName: 'nowhere' }))).toBe('InvalidEventPatternException');
  });

  it('is a rule that nobody has, one that still has targets, and one of the template', async () => {
    expect(await refusalOf(client.send(new DescribeRuleCommand(named('subscription-9'))))).toBe('ResourceNotFoundException');
    await client.send(new DeleteRuleCommand(named('subscription-9')));
    await subscribe('subscription-1', audience('uhd'));
    await expect(client.send(new DeleteRuleCommand(named('subscription-1')))).rejects.toMatchObject({
      name: 'ValidationException',
      message: "Rule can't be deleted since it has targets.",
    });
    expect(await refusalOf(client.send(new DeleteRuleCommand(named('fixed'))))).toBe('ManagedRuleException');
  });

  it('is what the role does not grant: another rule, another target', async () => {
    await expect(putRule('alarm', audience('uhd'))).rejects.toThrow(
      /not authorized to perform: events:PutRule on resource: .*rule\/changes\/alarm/,
    );
    await putRule('subscription-1', audience('uhd'));
    expect(await refusalOf(putTargets('subscription-1', { Id: 'x', Arn: queueArn('forbidden') }))).toBe('AccessDeniedException');
  });

  it('is the three hundred and first of a bus; the others can be listed a page at a time', async () => {
    const names = Array.from({ length: 299 }, (_, n) => `subscription-${String(n).padStart(3, '0')}`);
    await Promise.all(names.map((name) => putRule(name, audience(name))));
    expect(await refusalOf(putRule('subscription-one-more', audience('uhd')))).toBe('LimitExceededException');
    const listed: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListRulesCommand({ EventBusName: 'changes', NamePrefix: 'sub', NextToken }));
      listed.push(...page.Rules!.map(({ Name }) => Name!));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(listed).toEqual(names);
  });
});
