import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  DescribeRuleCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PLACE, queueArn, queueUrl } from '../running-services.ts';

let dataDir: string;
let child: ChildProcess;
/** What the process has said so far: its two lines may come at once, in either order. */
let said: Record<string, unknown>[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'durability-'));
});
afterEach(async () => {
  child.kill('SIGKILL');
  await rm(dataDir, { recursive: true });
});

const lineWith = (property: string) =>
  vi.waitUntil(() => said.find((line) => property in line), { timeout: 30_000, interval: 20 });

async function start(works = '') {
  child = spawn(process.execPath, [join(import.meta.dirname, 'messages-process.ts'), dataDir, works], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(JSON.parse(line)));
  said = lines;
  const settings = { ...(await lineWith('endpoint')), region: PLACE.region, maxAttempts: 1 };
  return { events: new EventBridgeClient(settings), queues: new SQSClient(settings) };
}

async function kill(): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

async function drain(queues: SQSClient, name: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await queues.send(new ReceiveMessageCommand({ QueueUrl: queueUrl(name), MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body }) => Body!));
  }
}

it('keeps every event and message that it acknowledged, when it is killed in the middle of many', async () => {
  const before = await start();
  const acknowledged = new Set<string>();
  let sent = 0;
  const put = async (): Promise<void> => {
    for (;;) {
      const Detail = () => JSON.stringify({ audience: ['o1'], n: sent++ });
      const Entries = Array.from({ length: 10 }, () => ({
        EventBusName: 'changes',
        Source: 'chesil.record',
        DetailType: 'x',
        Detail: Detail(),
      }));
      const answer = await before.events.send(new PutEventsCommand({ Entries }));
      for (const { EventId } of answer.Entries!) acknowledged.add(EventId!);
    }
  };
  const send = async (): Promise<void> => {
    for (let n = 0; ; n++) {
      const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: `${n}-${index}` }));
      const answer = await before.queues.send(new SendMessageBatchCommand({ QueueUrl: queueUrl('q2'), Entries }));
      for (const { Id } of answer.Successful!) acknowledged.add(`${n}-${Id}`);
    }
  };
  const stopped = Promise.allSettled([put(), put(), put(), send()]);
  await expect.poll(() => acknowledged.size, { timeout: 20_000 }).toBeGreaterThan(500);
  await kill();
  await stopped;

  const after = await start();
  const events = (await drain(after.queues, 'q1')).map((body) => JSON.parse(body).id as string);
  const found = new Set([...events, ...(await drain(after.queues, 'q2'))]);
  expect([...acknowledged].filter((id) => !found.has(id))).toEqual([]);
});

it('keeps every rule that it acknowledged, with its targets', async () => {
  const before = await start();
  const acknowledged: string[] = [];
  const make = async (): Promise<void> => {
    for (let n = 0; n < 200; n++) {
      const Name = `made-${n}`;
      const EventPattern = JSON.stringify({ 'detail-type': [Name] });
      await before.events.send(new PutRuleCommand({ Name, EventBusName: 'changes', EventPattern }));
      const Targets = [{ Id: 'one', Arn: queueArn('q3') }];
      await before.events.send(new PutTargetsCommand({ Rule: Name, EventBusName: 'changes', Targets }));
      acknowledged.push(Name);
    }
  };
  const stopped = make().catch(() => {});
  await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(20);
  await kill();
  await stopped;

  const after = await start();
  for (const DetailType of acknowledged) {
    await after.events.send(new DescribeRuleCommand({ Name: DetailType, EventBusName: 'changes' }));
    const Entries = [{ EventBusName: 'changes', Source: 'x', DetailType, Detail: '{}' }];
    await after.events.send(new PutEventsCommand({ Entries }));
  }
  const heard = (await drain(after.queues, 'q3')).map((body) => JSON.parse(body)['detail-type']);
  expect(heard).toEqual(acknowledged);
});

it('delivers to a function after the next start what it could not deliver before', async () => {
  const { events } = await start();
  const Entries = [{ EventBusName: 'changes', Source: 'x', DetailType: 'called', Detail: '{"n":1}' }];
  await events.send(new PutEventsCommand({ Entries }));
  await kill();
  await start('works');
  expect(await lineWith('called')).toMatchObject({ called: { 'detail-type': 'called', detail: { n: 1 } } });
});
