import {
  CancelReplayCommand,
  DescribeReplayCommand,
  EventBridgeClient,
  ListReplaysCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bus, createBus } from '../../../infra/local/events/bus.ts';
import type { ResolvedResource } from '../../../infra/local/resource.ts';
import {
  PLACE,
  queue,
  queueArn,
  queueUrl,
  type RunningServices,
  resource,
  role,
  roleArn,
  startServices,
} from '../running-services.ts';

const busArn = (name: string) => `arn:aws:events:eu-west-2:000000000000:event-bus/${name}`;
const ruleArn = (name: string) => `arn:aws:events:eu-west-2:000000000000:rule/changes/${name}`;
const archiveArn = 'arn:aws:events:eu-west-2:000000000000:archive/archive';
const functionArn = 'arn:aws:lambda:eu-west-2:000000000000:function:listener';

const bus = (Name: string) => resource(Name, 'AWS::Events::EventBus', { Name }, { ref: Name, arn: busArn(Name) });
const rule = (name: string, EventPattern: unknown, target: Record<string, unknown>, more = {}) =>
  resource(
    name,
    'AWS::Events::Rule',
    { EventBusName: 'changes', EventPattern, State: 'ENABLED', Targets: [{ Id: 'Target0', ...target }], ...more },
    { arn: ruleArn(name) },
  );
const openTo = (name: string) =>
  resource(`${name}Policy`, 'AWS::SQS::QueuePolicy', {
    Queues: [queueUrl(name)],
    PolicyDocument: {
      Statement: {
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Principal: { Service: 'events.amazonaws.com' },
        Resource: queueArn(name),
        Condition: { StringEquals: { 'aws:SourceAccount': PLACE.account } },
      },
    },
  });

const RESOURCES = [
  bus('changes'),
  bus('elsewhere'),
  queue('uhd'),
  queue('dch'),
  queue('ordered.fifo', { FifoQueue: true, ContentBasedDeduplication: true }),
  queue('undelivered'),
  queue('far'),
  ...['uhd', 'dch', 'ordered.fifo', 'undelivered', 'far'].map(openTo),
  rule(
    'toUhd',
    { source: ['chesil.record'], detail: { audience: ['uhd'] } },
    { Arn: queueArn('uhd'), InputPath: '$.detail.event' },
  ),
  rule('toDch', { source: ['chesil.record'], detail: { audience: ['dch'] } }, { Arn: queueArn('dch') }),
  rule('toOrdered', { 'detail-type': ['ordered'] }, { Arn: queueArn('ordered.fifo'), SqsParameters: { MessageGroupId: 'one' } }),
  rule(
    'toFunction',
    { 'detail-type': ['called'] },
    { Arn: functionArn, RetryPolicy: { MaximumRetryAttempts: 0 }, DeadLetterConfig: { Arn: queueArn('undelivered') } },
  ),
  rule('toElsewhere', { 'detail-type': ['forwarded'] }, { Arn: busArn('elsewhere'), RoleArn: roleArn('forwarder') }),
  rule('fromElsewhere', { 'detail-type': ['forwarded'] }, { Arn: queueArn('far') }, { EventBusName: 'elsewhere' }),
  rule('off', { source: [{ prefix: '' }] }, { Arn: queueArn('dch') }, { State: 'DISABLED' }),
  resource('mayCall', 'AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    FunctionName: functionArn,
    Principal: 'events.amazonaws.com',
    SourceArn: ruleArn('toFunction'),
  }),
  resource(
    'archive',
    'AWS::Events::Archive',
    { SourceArn: busArn('changes'), EventPattern: { source: ['chesil.record'] }, RetentionDays: 30 },
    { ref: 'archive', arn: archiveArn },
  ),
  role('operator', [
    {
      Effect: 'Allow',
      Action: ['events:StartReplay', 'events:DescribeReplay', 'events:ListReplays', 'events:CancelReplay'],
      Resource: 'arn:aws:events:eu-west-2:000000000000:replay/*',
    },
  ]),
  role('announce', [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: busArn('changes') }]),
  role('anywhere', [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: '*' }]),
  role('forwarder', [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: busArn('elsewhere') }]),
];

let services: RunningServices;
let events: Bus;
let client: EventBridgeClient;
let invocations: unknown[] = [];
let fails = false;

const start = (resources: readonly ResolvedResource[]) =>
  startServices(resources, {
    services({ messages, queues, policies }) {
      events = createBus({
        resources,
        messages,
        queues,
        policies,
        place: PLACE,
        async invoke(_, payload) {
          invocations.push(payload);
          if (fails) throw new TypeError('out of order');
        },
      });
      return [events];
    },
  });

beforeAll(async () => {
  services = await start(RESOURCES);
  client = new EventBridgeClient(services.clientOf('announce'));
});
afterAll(async () => {
  events.close();
  await services.stop();
});
beforeEach(async () => {
  invocations = [];
  fails = false;
  await services.messages.write(() => services.queues.settings.forEach((each) => void services.queues.store.purge(each)));
});

const entry = (detail: unknown, more: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  EventBusName: 'changes',
  Source: 'chesil.record',
  DetailType: 'fragment-created',
  Detail: JSON.stringify(detail),
  ...more,
});
const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));
const received = async (name: string) => {
  const options = { most: 10, waitMs: 500, signal: new AbortController().signal };
  return (await services.queues.receive(queueArn(name), options)).map(({ body }) => JSON.parse(body));
};
const refusalOf = async (...resources: ResolvedResource[]) =>
  start([bus('changes'), queue('uhd'), ...resources]).then(
    async (running) => void (await running.stop()),
    (error: Error) => error.message,
  );

describe('an event', () => {
  it('reaches the queue of everybody in its audience, and of nobody else', async () => {
    const answer = await put(
      entry({ audience: ['uhd', 'dch'], event: { id: '1' } }),
      entry({ audience: ['uhd'], event: { id: '2' } }),
    );
    expect(answer).toMatchObject({
      FailedEntryCount: 0,
      Entries: [{ EventId: expect.any(String) }, { EventId: expect.any(String) }],
    });
    expect(await received('uhd')).toEqual([{ id: '1' }, { id: '2' }]);
    expect(await received('dch')).toEqual([
      {
        version: '0',
        id: answer.Entries![0]!.EventId,
        'detail-type': 'fragment-created',
        source: 'chesil.record',
        account: '000000000000',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        region: 'eu-west-2',
        resources: [],
        detail: { audience: ['uhd', 'dch'], event: { id: '1' } },
      },
    ]);
  });

  it('keeps the time and resources that it was given, and its numbers as they were written', async () => {
    await put(
      entry({}, { Time: new Date('2026-02-03T04:05:06Z'), Resources: ['r'], Detail: '{"audience":["dch"],"amount":1.50}' }),
    );
    const options = { most: 1, waitMs: 500, signal: new AbortController().signal };
    const [{ body } = { body: '' }] = await services.queues.receive(queueArn('dch'), options);
    expect(JSON.parse(body)).toMatchObject({ time: '2026-02-03T04:05:06Z', resources: ['r'] });
    expect(body).toContain('"amount":1.50');
  });

  it('keeps its order in a FIFO queue', async () => {
    for (const n of [1, 2, 3]) await put(entry({ n }, { DetailType: 'ordered' }));
    expect((await received('ordered.fifo')).map(({ detail }) => detail.n)).toEqual([1, 2, 3]);
  });

  it('is handed on from bus to bus once', async () => {
    await put(entry({ n: 1 }, { DetailType: 'forwarded' }));
    expect((await received('far')).map(({ detail }) => detail)).toEqual([{ n: 1 }]);
  });

  it('calls a function, and becomes a dead letter when that fails for good', async () => {
    await put(entry({ n: 1 }, { DetailType: 'called' }));
    await expect.poll(() => invocations).toMatchObject([{ 'detail-type': 'called', detail: { n: 1 } }]);
    fails = true;
    await put(entry({ n: 2 }, { DetailType: 'called' }));
    expect((await received('undelivered')).map(({ detail }) => detail)).toEqual([{ n: 2 }]);
  });
});

describe('an archive', () => {
  let operator: EventBridgeClient;
  let replays = 0;
  beforeAll(() => {
    operator = new EventBridgeClient(services.clientOf('operator'));
  });
  const stateOf = async (ReplayName: string) => (await operator.send(new DescribeReplayCommand({ ReplayName }))).State;
  const replay = (EventStartTime: Date, more = {}) =>
    operator.send(
      new StartReplayCommand({
        ReplayName: `again-${++replays}`,
        EventSourceArn: archiveArn,
        EventStartTime,
        EventEndTime: new Date(Date.now() + 60_000),
        Destination: { Arn: busArn('changes') },
        ...more,
      }),
    );
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

  it('tells again what it took in within a time, by its name, to the rules that are named', async () => {
    await put(entry({ audience: ['uhd', 'dch'], event: { n: 'too early' } }));
    await pause();
    const from = new Date();
    await put(entry({ audience: ['uhd', 'dch'], event: { n: 1 } }), entry({ audience: ['dch'] }, { Source: 'not.archived' }));
    await services.messages.write(() => services.queues.settings.forEach((each) => void services.queues.store.purge(each)));
    // Instants travel in whole milliseconds at best: the SDK writes seconds with a fraction.
    const to = { Destination: { Arn: busArn('changes'), FilterArns: [ruleArn('toDch')] } };
    expect(await replay(from, { ...to, ReplayName: 'again' })).toMatchObject({ State: 'STARTING' });
    await expect.poll(() => stateOf('again')).toBe('COMPLETED');
    expect(await received('dch')).toMatchObject([{ 'replay-name': 'again', detail: { event: { n: 1 } } }]);
    expect(await operator.send(new DescribeReplayCommand({ ReplayName: 'again' }))).toMatchObject({
      ...to,
      EventSourceArn: archiveArn,
      EventLastReplayedTime: expect.any(Date),
      ReplayEndTime: expect.any(Date),
    });
    await expect(replay(from, { ReplayName: 'again' })).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    expect(await services.queues.store.counts(services.queues.queue(queueArn('uhd')), Date.now())).toMatchObject({ visible: 0 });
  });

  it('tells ten at once and no more, and stops telling when it is told to', async () => {
    for (let n = 0; n < 300; n++) await put(...Array.from({ length: 10 }, () => entry({ audience: ['dch'] })));
    const names = Array.from({ length: 11 }, (_, n) => `many-${n}`);
    const started = await Promise.allSettled(names.map((ReplayName) => replay(new Date(0), { ReplayName })));
    expect(started.flatMap((one) => (one.status === 'rejected' ? [one.reason.name] : []))).toEqual(['LimitExceededException']);
    const [cancelled = '', ...others] = names.filter((_, n) => started[n]!.status === 'fulfilled');
    expect(await operator.send(new CancelReplayCommand({ ReplayName: cancelled }))).toMatchObject({ State: 'CANCELLING' });
    await expect.poll(() => stateOf(cancelled)).toBe('CANCELLED');
    for (const name of others) await expect.poll(() => stateOf(name), { timeout: 30_000 }).toBe('COMPLETED');
    expect((await operator.send(new ListReplaysCommand({ NamePrefix: 'many-', Limit: 3 }))).Replays).toHaveLength(3);
    const done = await operator.send(new ListReplaysCommand({ NamePrefix: 'many-', State: 'COMPLETED' }));
    expect(done.Replays!.map(({ ReplayName }) => ReplayName).sort()).toEqual(others.sort());
  });

  it('answers for what is asked wrongly', async () => {
    await expect(operator.send(new DescribeReplayCommand({ ReplayName: 'nobody' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(
      replay(new Date(0), { Destination: { Arn: busArn('changes'), FilterArns: [ruleArn('nobody')] } }),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(replay(new Date(), { EventSourceArn: `${archiveArn}s` })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(replay(new Date(Date.now() + 120_000))).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(replay(new Date(), { Destination: { Arn: busArn('elsewhere') } })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});

describe('what the bus refuses', () => {
  it('fails an entry by itself', async () => {
    const anywhere = new EventBridgeClient(services.clientOf('anywhere'));
    const Entries = [
      entry({ audience: ['dch'] }),
      entry({}, { Detail: '[1]' }),
      entry({}, { Source: '' }),
      entry({}, { Source: 'aws.s3' }),
      entry({}, { EventBusName: 'nowhere' }),
    ];
    const answer = await anywhere.send(new PutEventsCommand({ Entries }));
    expect(answer.FailedEntryCount).toBe(4);
    expect(answer.Entries!.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'MalformedDetail',
      'InvalidArgument',
      'NotAuthorizedForSourceException',
      'ResourceNotFoundException',
    ]);
    expect(await received('dch')).toHaveLength(1);
  });

  it('refuses a request that is too long or too large as a whole', async () => {
    await expect(put(...Array.from({ length: 11 }, () => entry({})))).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(put(entry({ audience: ['dch'], text: 'x'.repeat(256 * 1024) }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('refuses a bus that the role does not name', async () => {
    await expect(put(entry({}, { EventBusName: 'elsewhere' }))).rejects.toThrow(
      /not authorized to perform: events:PutEvents on resource: .*event-bus\/elsewhere/,
    );
  });
});

describe('a template is refused', () => {
  const pattern = { source: ['x'] };
  it('when EventBridge may not send to a target', async () => {
    expect(await refusalOf(rule('r', pattern, { Arn: queueArn('uhd') }))).toMatch(/may not sqs:SendMessage/);
    expect(await refusalOf(rule('r', pattern, { Arn: functionArn }))).toMatch(/may not lambda:InvokeFunction/);
  });

  it('when EventBridge would refuse the pattern', async () => {
    expect(await refusalOf(openTo('uhd'), rule('r', { source: [{ regex: 'x' }] }, { Arn: queueArn('uhd') }))).toBe(
      'r.EventPattern: Event pattern is not valid. Reason: Unrecognized match type regex at [line: 1, column: 12]',
    );
  });

  it('when it says something that is not known here', async () => {
    expect(await refusalOf(openTo('uhd'), rule('r', pattern, { Arn: queueArn('uhd'), InputTransformer: {} }))).toMatch(
      /r\.Targets\[0\]\.InputTransformer/,
    );
    expect(await refusalOf(resource('r', 'AWS::Events::Rule', { ScheduleExpression: 'rate(1 hours)' }))).toMatch(
      /r\.ScheduleExpression/,
    );
    expect(await refusalOf(openTo('uhd'), rule('r', pattern, { Arn: queueArn('uhd') }, { EventBusName: 'nowhere' }))).toMatch(
      /has no bus nowhere/,
    );
  });
});
