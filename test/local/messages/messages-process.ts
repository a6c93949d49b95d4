import { join } from 'node:path';
import { createServiceEndpoint } from '../../../infra/local/endpoint/endpoint.ts';
import { createBus } from '../../../infra/local/events/bus.ts';
import { createCredentials } from '../../../infra/local/iam/credentials.ts';
import { policiesOf } from '../../../infra/local/iam/policies.ts';
import { functionPrincipal } from '../../../infra/local/iam/principal.ts';
import { openMessages } from '../../../infra/local/queues/messages.ts';
import { createQueues } from '../../../infra/local/queues/queues.ts';
import { PLACE, queue, queueArn, queueUrl, resource, role, roleArn } from '../running-services.ts';

/** A process of its own with a bus, queues and a function that never succeeds, to be killed: prints its address and access key as a line of JSON. */
const busArn = 'arn:aws:events:eu-west-2:000000000000:event-bus/changes';
const functionArn = 'arn:aws:lambda:eu-west-2:000000000000:function:listener';
const ruleArn = (name: string) => `arn:aws:events:eu-west-2:000000000000:rule/changes/${name}`;
const rule = (name: string, EventPattern: unknown, Arn: string) =>
  resource(
    name,
    'AWS::Events::Rule',
    { EventBusName: 'changes', EventPattern, Targets: [{ Id: 'one', Arn }] },
    { arn: ruleArn(name) },
  );

const resources = [
  resource('changes', 'AWS::Events::EventBus', { Name: 'changes' }, { ref: 'changes', arn: busArn }),
  ...Array.from({ length: 10 }, (_, n) => queue(`q${n}`)),
  ...Array.from({ length: 10 }, (_, n) =>
    rule(`r${n}`, { source: ['chesil.record'], detail: { audience: [`o${n}`] } }, queueArn(`q${n}`)),
  ),
  rule('called', { 'detail-type': ['called'] }, functionArn),
  resource('permission', 'AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    FunctionName: functionArn,
    Principal: 'events.amazonaws.com',
  }),
  resource('open', 'AWS::SQS::QueuePolicy', {
    Queues: Array.from({ length: 10 }, (_, n) => queueUrl(`q${n}`)),
    PolicyDocument: {
      Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Principal: { Service: 'events.amazonaws.com' }, Resource: '*' },
    },
  }),
  role('all', [{ Effect: 'Allow', Action: '*', Resource: '*' }]),
];

const [dataDir = '', works = ''] = process.argv.slice(2);
const policies = policiesOf(resources);
const credentials = createCredentials({ key: Buffer.alloc(32) });
const messages = openMessages(join(dataDir, 'messages.db'));
const queues = createQueues({ resources, messages, place: PLACE });
const bus = createBus({
  resources,
  messages,
  queues,
  policies,
  place: PLACE,
  async invoke(_, payload) {
    if (works !== 'works') throw new Error('not today');
    process.stdout.write(`${JSON.stringify({ called: payload })}\n`);
  },
});
const endpoint = createServiceEndpoint({ services: [queues, bus], credentials, policies });
const key = credentials.issue(functionPrincipal({ functionName: 'all', roleArn: roleArn('all'), policies, place: PLACE }));
process.stdout.write(`${JSON.stringify({ endpoint: await endpoint.listen(0), credentials: key })}\n`);
