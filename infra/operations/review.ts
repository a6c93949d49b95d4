import { readCommandLine } from '../command-line.ts';
import { REVIEW_ASKED } from './asking.ts';
import { ask } from './operator.ts';

const USAGE = `npm run review -- [--data DIR | --deployment NAME]

Has the audit reviewed at once, as it is every hour. What it finds is in the review queue a moment later.

  --data DIR         the data of a local run (default .local), which must be running
  --deployment NAME  a deployment on AWS, with the credentials of your environment`;

async function main(): Promise<void> {
  const { values } = readCommandLine({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      data: { type: 'string', default: '.local' },
      deployment: { type: 'string' },
    },
  });
  if (values.help) return console.log(USAGE);
  await ask(values, REVIEW_ASKED);
  console.log('The audit is being reviewed.');
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
