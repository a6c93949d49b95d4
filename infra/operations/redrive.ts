import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { readCommandLine } from '../command-line.ts';
import { REDRIVE_ASKED } from './asking.ts';
import { ask, clientOptions, type Whereabouts } from './operator.ts';

const USAGE = `npm run redrive -- <what> [--data DIR | --deployment NAME]

Has what was given up tried again, once its cause is mended.

  <what>             the id of a subscription: its dead letters are told again;
                     or the name of a dead-letter queue: its messages go back to where they came from
  --data DIR         the data of a local run (default .local), which must be running
  --deployment NAME  a deployment on AWS, with the credentials of your environment`;

const SUBSCRIPTION = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function moveBack(name: string, whereabouts: Whereabouts): Promise<void> {
  const client = new SQSClient(clientOptions(whereabouts));
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
  const { Attributes: { QueueArn, ApproximateNumberOfMessages = '0' } = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages'] }),
  );
  await client.send(new StartMessageMoveTaskCommand({ SourceArn: QueueArn }));
  console.log(`About ${ApproximateNumberOfMessages} messages of ${name} are going back to where they came from.`);
}

async function main(): Promise<void> {
  const { values, positionals } = readCommandLine({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      data: { type: 'string', default: '.local' },
      deployment: { type: 'string' },
    },
  });
  const [what] = positionals;
  if (values.help || what === undefined || positionals.length > 1) return console.log(USAGE);
  if (!SUBSCRIPTION.test(what)) return moveBack(what, values);
  await ask(values, REDRIVE_ASKED, { subscription: what });
  console.log(`The dead letters of the subscription ${what} are being told again.`);
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
