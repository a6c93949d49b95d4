import type { AddressInfo } from 'node:net';
import { receive, SIGNALS_PATH } from '../../../infra/demo/sample-subscriber/receive.ts';
import type { ChangeEvent } from '../../../shared/changes/envelope.ts';

/** A signal as a webhook was posted it. */
export type Posted = ChangeEvent & { readonly eventnumber: number };

/** A subscriber's webhook on this machine: it checks every signature, and keeps what comes. */
export interface Webhook {
  readonly url: string;
  /** Everything that was posted, in the order in which it came, what came twice twice; without handshakes and heartbeats. */
  readonly posted: readonly Posted[];
  /** Signatures are checked with these from now on; until then, posts wait. */
  trust(secrets: readonly string[]): void;
  close(): Promise<void>;
}

export async function startWebhook(): Promise<Webhook> {
  const posted: Posted[] = [];
  const trusted = Promise.withResolvers<readonly string[]>();
  const server = await receive({
    port: 0,
    secrets: () => trusted.promise,
    keep: async ({ event, isOwn }) => {
      if (!isOwn) posted.push(event as unknown as Posted);
    },
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${SIGNALS_PATH}`,
    posted,
    trust: trusted.resolve,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
