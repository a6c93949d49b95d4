import type { Answer, Chesil, Told } from './api.ts';
import type { CloudEvent, Inbox } from './inbox.ts';
import { describe, lineOf } from './words.ts';

export interface ReaderOptions {
  readonly inbox: Inbox;
  readonly chesil: Chesil;
  readonly subscription: string;
  readonly say: (line: string) => void;
}

/** Reads what has come, one after the other in the order of numbers. */
export interface Reader {
  /** Something has come. */
  wake(): void;
  /** Asks for what was told while we were not there, or has not reached us. */
  catchUp(): Promise<void>;
  /** Finishes what is being read. */
  stop(): Promise<void>;
}

/** Signals of different people overtake each other for a moment; a number that is missing for longer is asked for. */
const ASK_AFTER_MS = 2_000;
/** Chesil, or the way to it, may be down for a while. */
const TRY_AGAIN_MS = 5_000;

export function createReader({ inbox, chesil, subscription, say }: ReaderOptions): Reader {
  let reading = Promise.resolve();
  let asking: NodeJS.Timeout | undefined;
  let stopped = false;

  const readAll = async (): Promise<void> => {
    for (let waiting = inbox.next(); waiting !== undefined && !stopped; waiting = inbox.next()) {
      const { number, event, isAgain } = waiting;
      if (!isAgain) say(lineOf(number, event, await found(chesil, event)));
      inbox.done(number);
    }
    if (inbox.hasGap()) askLater(ASK_AFTER_MS);
  };
  const wake = () => {
    reading = reading.then(readAll).catch((error: Error) => {
      say(`trying again in ${TRY_AGAIN_MS / 1_000} seconds: ${error.message}`);
      askLater(TRY_AGAIN_MS);
    });
  };
  const askLater = (ms: number) => {
    if (stopped) return;
    asking ??= setTimeout(() => {
      asking = undefined;
      if (inbox.hasGap()) void catchUp().catch(() => askLater(TRY_AGAIN_MS));
      else wake();
    }, ms);
  };
  const catchUp = async () => {
    let upTo = inbox.highest();
    for (let from: number | undefined = inbox.readTo() + 1; from !== undefined; ) {
      const { events, next }: Told = await chesil.eventsFrom(subscription, from);
      for (const event of events) inbox.keep(event.eventnumber, event);
      upTo = Math.max(upTo, (next ?? 1) - 1, events.at(-1)?.eventnumber ?? 0);
      from = next;
    }
    await readOver(upTo);
  };
  /** What may not be told to us any more has left a gap behind that nothing fills. */
  const readOver = async (upTo: number) => {
    wake();
    await reading;
    while (inbox.readTo() < upTo && inbox.next() === undefined) {
      inbox.passOver(upTo);
      wake();
      await reading;
    }
  };
  return {
    wake,
    catchUp,
    async stop() {
      stopped = true;
      clearTimeout(asking);
      await reading;
    },
  };
}

/** Why there is nothing to see, in words. Any of these is an answer: the signal is done with. */
const NOTHING: Readonly<Record<number, string>> = {
  403: 'It is not for us to see.',
  404: 'It is not there for us, or no longer.',
  410: 'It does not stand any more: look again at what was done because of it.',
};

async function found(chesil: Chesil, { dataref }: CloudEvent): Promise<string> {
  if (dataref === undefined) return 'There is nothing to fetch.';
  const { status, json }: Answer = await chesil.fetch(dataref);
  if (status === 200) return `${describe(json)}.`;
  const words = NOTHING[status];
  if (words === undefined) throw new Error(`what a signal points at answered ${status}`);
  return words;
}
