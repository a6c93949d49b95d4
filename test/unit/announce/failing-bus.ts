import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { AnnouncementDetail } from '../../../shared/changes/announcement.ts';
import type { ChangeEvent } from '../../../shared/changes/envelope.ts';

/** An event that arrived on the bus. */
export interface Arrived extends AnnouncementDetail {
  readonly type: string;
  /** Of what is told to offices: to which. */
  readonly office?: string;
}

/** EventBridge over HTTP with the faults that the real one has: it refuses single entries, or does not answer. */
export interface FailingBus {
  readonly client: EventBridgeClient;
  readonly arrived: Arrived[];
  /** Entries of each call, in their order. */
  readonly calls: number[];
  /** Says of an entry, by how often it came before, whether it is refused. By default none is. */
  refuses: (event: ChangeEvent, before: number) => boolean;
  /** Persons of the calls under way, those of each call apart; called when a call begins. */
  onCall: (underWay: readonly (readonly string[])[]) => void;
  /** While true, every call is answered with a failure. */
  down: boolean;
  stop(): Promise<void>;
}

export async function startFailingBus(): Promise<FailingBus> {
  const underWay = new Set<readonly string[]>();
  const seen = new Map<string, number>();
  const server = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { Entries } = JSON.parse(Buffer.concat(chunks).toString()) as { Entries: { Detail: string; DetailType: string }[] };
    bus.calls.push(Entries.length);
    const persons = [...new Set(Entries.map(({ Detail }) => (JSON.parse(Detail) as AnnouncementDetail).event?.subject))];
    underWay.add(persons);
    bus.onCall([...underWay]);
    await new Promise((resolve) => setImmediate(resolve));
    underWay.delete(persons);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    if (bus.down) {
      response.writeHead(400).end(JSON.stringify({ __type: 'InternalException', message: 'down' }));
      return;
    }
    const answers = Entries.map(({ Detail, DetailType }) => {
      const detail = JSON.parse(Detail) as AnnouncementDetail;
      const { event } = detail;
      const before = seen.get(event.id) ?? 0;
      seen.set(event.id, before + 1);
      if (bus.refuses(event, before)) return { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' };
      bus.arrived.push({ type: DetailType, ...detail });
      return { EventId: event.id };
    });
    response.end(
      JSON.stringify({ FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length, Entries: answers }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new EventBridgeClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const bus: FailingBus = {
    client,
    arrived: [],
    calls: [],
    refuses: () => false,
    onCall: () => {},
    down: false,
    stop: async () => {
      client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return bus;
}
