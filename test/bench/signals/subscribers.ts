import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoQueue } from '../../../infra/local/demo-file.ts';
import type { Client } from '../client.ts';
import type { Arrival, Order, Report } from './receiver.ts';

/** The receiving process. */
export interface Subscribers {
  /** Where webhooks listen. Any path will do. */
  readonly url: string;
  /** What has come since it was asked last. */
  arrivals(): Promise<readonly Arrival[]>;
  /** The webhook at this path, if any, answers 503 from now on. */
  takeDown(path: string | null): void;
  stop(): void;
}

export async function startSubscribers(queues: readonly DemoQueue[]): Promise<Subscribers> {
  const child = fork(new URL('receiver.ts', import.meta.url), { execArgv: [] });
  const tell = (order: Order) => void child.send(order);
  const asked = async (order: Order): Promise<Report> => {
    const answer = once(child, 'message');
    tell(order);
    return ((await answer) as [Report])[0];
  };
  const listening = await asked({ listen: queues });
  if (!('port' in listening)) throw new Error('the receiver did not say where it listens');
  return {
    url: `http://127.0.0.1:${listening.port}`,
    async arrivals() {
      const report = await asked({ report: true });
      return 'arrivals' in report ? report.arrivals : [];
    },
    takeDown: (path) => tell({ down: path }),
    stop: () => {
      if (child.connected) child.disconnect();
    },
  };
}

/** Subscribes with a webhook. @returns the id; it is not active yet */
export async function subscribe(client: Client, endpoint: string, criteria: string): Promise<string> {
  const { body } = await client.send('POST', '/Subscription', {
    body: JSON.stringify({
      resourceType: 'Subscription',
      status: 'requested',
      reason: 'bench',
      criteria,
      channel: { type: 'rest-hook', endpoint, payload: 'application/json' },
    }),
  });
  return (JSON.parse(body.toString('utf8')) as { id: string }).id;
}

export async function becomesActive(client: Client, id: string): Promise<void> {
  for (;;) {
    const { body } = await client.send('GET', `/Subscription/${id}`);
    if ((JSON.parse(body.toString('utf8')) as { status: string }).status === 'active') return;
    await sleep(10);
  }
}
