import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createHandler } from '../../../functions/deliver/deliver.ts';
import type { World } from '../../../functions/deliver/world.ts';
import { createLog } from '../../../shared/lambda/logger.ts';
import type { PosterOptions } from '../../../shared/signals/endpoints/posting.ts';
import { hookCarrier } from '../../../shared/signals/sending/carriers/hook.ts';
import type { Subscription } from '../../../shared/signals/subscription.ts';
import { createSignalLog, type SignalLog } from '../../../shared/store/signals/log/log.ts';
import { createSubscriptions, type Subscriptions } from '../../../shared/store/signals/subscriptions.ts';
import type { Engine } from '../../engine.ts';
import { subscription } from '../signals/signals.ts';

export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** What a receiver got. */
export interface Received {
  readonly body: { readonly id: string; readonly type: string; readonly subject?: string; readonly eventnumber: number };
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

/** A partner's receiver, on a real port. */
export interface Receiver {
  readonly url: string;
  /** What was accepted. */
  readonly accepted: Received[];
  /** Every attempt. */
  readonly attempts: Received[];
  /** How it answers; 204 by default. */
  answers: (received: Received, response: ServerResponse, attempt: number) => void;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const attempts: Received[] = [];
  const accepted: Received[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const received = { body: JSON.parse(text), text, headers: request.headers };
      attempts.push(received);
      response.on('finish', () => response.statusCode < 300 && accepted.push(received));
      receiver.answers(received, response, attempts.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${randomUUID()}`,
    attempts,
    accepted,
    answers: (_, response) => response.writeHead(204).end(),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/** Everything that deliver needs, with the real engine and a clock that a test moves. */
export class Delivering {
  nowMs = Date.parse('2026-03-01T09:00:00Z');
  readonly wakes: { readonly id: string; readonly at: number }[] = [];
  readonly ended: string[] = [];
  readonly lines: string[] = [];
  readonly withheld = new Set<string>();
  readonly measured: Record<string, number[]> = {};
  mayBeKnown = true;
  isAgreed = true;
  posting: Partial<PosterOptions> = {};
  readonly signals: SignalLog;
  readonly subscriptions: Subscriptions;
  protected readonly engine: Engine;

  constructor(engine: Engine, client: DynamoDBClient = engine.client) {
    this.engine = engine;
    this.signals = createSignalLog({ client, table: engine.signalsTable, now: () => this.nowMs });
    this.subscriptions = createSubscriptions({ client, table: engine.signalsTable });
  }

  /** Another worker of the same world, through another client. */
  world(client: DynamoDBClient = this.engine.client, skewMs = 0): World {
    const now = () => this.nowMs + skewMs;
    const write = (message: string, fields: object) => void this.lines.push(JSON.stringify({ message, ...fields }));
    const subscriptions = createSubscriptions({ client, table: this.engine.signalsTable });
    return {
      subscriptions,
      signals: createSignalLog({ client, table: this.engine.signalsTable, now }),
      mayHear: async (_organisation, asked) => {
        if (!this.mayBeKnown) throw new Error('the record cannot be read');
        return asked.map(({ event }) => !this.withheld.has(event.id) && !this.withheld.has(event.subject));
      },
      isAgreed: () => this.isAgreed,
      carrierOf: (one) =>
        hookCarrier(one, async () => [{ secret: SECRET, createdAt: '2026-01-01T00:00:00.000Z' }], {
          now,
          connections: 8,
          timeoutMs: 500,
          connectMs: 200,
          ...this.posting,
        }),
      end: async (one, reason) => {
        this.ended.push(reason);
        await subscriptions.setStatus(one, { status: 'off', error: reason, at: new Date(now()).toISOString() });
      },
      wakeAfter: async (id, ms) => void this.wakes.push({ id, at: this.nowMs + ms }),
      origin: { source: 'urn:chesil:test', fhirUrl: 'https://record.example/fhir/R4' },
      measure: (_organisation, measured) => {
        for (const [name, values] of Object.entries(measured)) this.measured[name] = [...(this.measured[name] ?? []), ...values];
      },
      log: createLog({ info: write, warn: write, error: write } as never),
      now,
      sleep: async (ms) => {
        this.nowMs += ms;
      },
      random: () => 0.5,
    };
  }

  async subscribe(endpoint: string, told: Partial<Subscription> = {}): Promise<Subscription> {
    const one = subscription({ channel: { type: 'rest-hook', endpoint, payload: 'application/json' }, ...told });
    if ((await this.subscriptions.create(one)) !== 'kept') throw new Error('the subscription was not kept');
    return one;
  }

  /** One invocation. @param received how often the queue has handed this wake over */
  async wake(id: string, world: World = this.world(), msLeft = 180_000, received = 1) {
    const attributes = { ApproximateReceiveCount: String(received) };
    const record = { messageId: 'm', body: JSON.stringify({ subscription: id }), attributes };
    return createHandler(world)({ Records: [record] } as never, { getRemainingTimeInMillis: () => msLeft });
  }

  /** Lets the clock go on to the next wake that is due, as a queue and whoever tends do, until nothing is due or so long has passed. */
  async letPass(ms: number, id: string): Promise<void> {
    const until = this.nowMs + ms;
    for (;;) {
      const { dueAt } = await this.signals.state(id);
      const next = Math.min(dueAt ?? Number.POSITIVE_INFINITY, ...this.wakes.map(({ at }) => at));
      this.wakes.length = 0;
      if (next > until) break;
      this.nowMs = Math.max(this.nowMs + 1, next);
      await this.wake(id);
    }
    this.nowMs = until;
  }
}
