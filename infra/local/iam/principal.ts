import type { Place } from '../resource.ts';
import type { Principal, Statement } from './model.ts';
import { accountRoot, compileStatements } from './statements.ts';

/** A function that runs in a role. */
export function functionPrincipal({
  functionName,
  roleArn,
  policies,
  place,
}: {
  readonly functionName: string;
  readonly roleArn: string;
  readonly policies: { ofRole(nameOrArn: string): readonly Statement[] };
  readonly place: Place;
}): Principal {
  const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  const sessionArn = `arn:aws:sts::${place.account}:assumed-role/${role}/${functionName}`;
  return { kind: 'function', arn: roleArn, sessionArn, account: place.account, statements: policies.ofRole(roleArn) };
}

/** A partner in an account of its own, such as the one that a subscriber's queue policy names. */
export const subscriberPrincipal = (account: string): Principal => {
  const arn = accountRoot(account);
  return { kind: 'subscriber', arn, sessionArn: arn, account, statements: [] };
};

/** A user of this account who may read one queue and do nothing else: whom a partner without an account of its own is given. */
export function queueReaderPrincipal(
  { name, arn, keyArn }: { readonly name: string; readonly arn: string; readonly keyArn?: string },
  { account }: Place,
): Principal {
  const Action = ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes', 'GetQueueUrl'].map(
    (action) => `sqs:${action}`,
  );
  const Statement = [
    { Effect: 'Allow', Action, Resource: arn },
    ...(keyArn === undefined ? [] : [{ Effect: 'Allow', Action: 'kms:Decrypt', Resource: keyArn }]),
  ];
  const user = `arn:aws:iam::${account}:user/${name}`;
  return { kind: 'reader', arn: user, sessionArn: user, account, statements: compileStatements({ Statement }, user) };
}

/** An AWS service, such as EventBridge when it delivers to a queue. */
export const servicePrincipal = (service: string, { account }: Place): Principal => ({
  kind: 'service',
  arn: service,
  sessionArn: service,
  account,
  statements: [],
});
