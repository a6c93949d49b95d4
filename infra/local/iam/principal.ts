import type { Place } from '../resource.ts';
import type { Principal, Statement } from './model.ts';
import { accountRoot } from './statements.ts';

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

/** An AWS service, such as EventBridge when it delivers to a queue. */
export const servicePrincipal = (service: string, { account }: Place): Principal => ({
  kind: 'service',
  arn: service,
  sessionArn: service,
  account,
  statements: [],
});
