/**
 * Subscribers, in a process of their own: webhooks that answer at once, and queues that are read as their readers would. Each notes when what came.
 * It checks no signature: what that costs is the subscriber's.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { DemoQueue } from '../../../infra/local/demo-file.ts';
import { clockMs } from './clock.ts';

/** A signal that came. */
export interface Arrival {
  /** Path of the webhook, or the organisation whose queue it is. */
  readonly at: string;
  readonly id: string;
  /** What it is about, without the version. */
  readonly address: string;
  /** Of {@link clockMs}. */
  readonly atMs: number;
}

/** What the receiver is told to do. */
export type Order =
  | { readonly listen: readonly DemoQueue[] }
  /** The webhook at this path answers 503 from now on; the others take signals. */
  | { readonly down: string | null }
  | { readonly report: true };

export type Report = { readonly port: number } | { readonly arrivals: readonly Arrival[] };

let arrivals: Arrival[] = [];
let down: string | null = null;

function note(at: string, text: string): void {
  const atMs = clockMs();
  const { id, type, dataref } = JSON.parse(text) as { id: string; type: string; dataref: string };
  if (!/[.](handshake|heartbeat)[.]/.test(type)) arrivals.push({ at, id, address: dataref.replace(/\/_history\/.*/, ''), atMs });
}

const server = createServer(async (request, response) => {
  const text = await textOf(request);
  const isTaken = request.url !== down;
  if (isTaken) note(request.url!, text);
  response.writeHead(isTaken ? 204 : 503).end();
});

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function readQueue({ organisation, endpoint, region, accessKeyId, secretAccessKey, queueUrl }: DemoQueue): Promise<never> {
  const client = new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  for (;;) {
    const wanted = { QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 };
    const { Messages = [] } = await client.send(new ReceiveMessageCommand(wanted));
    for (const { Body = '' } of Messages) note(organisation, Body);
    const entries = Messages.map(({ ReceiptHandle }: Message, index) => ({ Id: String(index), ReceiptHandle }));
    if (entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
  }
}

function obey(order: Order): void {
  if ('down' in order) down = order.down;
  else if ('report' in order) {
    process.send!({ arrivals } satisfies Report);
    arrivals = [];
  } else {
    for (const queue of order.listen) void readQueue(queue);
    server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port } satisfies Report));
  }
}

process.on('message', obey);
process.on('disconnect', () => process.exit(0));
