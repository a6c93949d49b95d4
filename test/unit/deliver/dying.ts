import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Engine } from '../../engine.ts';

const clientOf = ({ endpoint }: Engine): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'eu-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });

/** A client that does what it is asked so many times, and then nothing more. @param before whether the last call is lost on the way, or its answer is */
export function dyingClient(engine: Engine, calls: number, before: boolean): DynamoDBClient {
  const client = clientOf(engine);
  let made = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      made++;
      if (made > calls || (made === calls && before)) throw new Error('the process has ended');
      const answer = await next(args);
      if (made === calls) throw new Error('the process has ended');
      return answer;
    },
    { step: 'initialize' },
  );
  return client;
}

/** A client that does what it is asked, but hears nothing of the first of one kind of commands. */
export function forgetfulClient(engine: Engine, command: string): DynamoDBClient {
  const client = clientOf(engine);
  let isHeard = true;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName !== command || !isHeard) return answer;
        isHeard = false;
        throw new Error('the answer was lost');
      },
    { step: 'initialize' },
  );
  return client;
}

/** A client for which something else happens before each command of one kind. */
export function interruptedClient(engine: Engine, command: string, meanwhile: () => void): DynamoDBClient {
  const client = clientOf(engine);
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === command) meanwhile();
        return next(args);
      },
    { step: 'initialize' },
  );
  return client;
}
