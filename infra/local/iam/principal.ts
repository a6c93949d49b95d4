import type { Place } from '../resource.ts';
import type { Statement } from './statements.ts';

/**
 * Who calls: a function in its role, a subscriber (another account, of which only the resource's own policy speaks), or
 * one AWS service calling another.
 */
export interface Principal {
  readonly kind: 'function' | 'subscriber' | 'service';
  /** A function's role, a subscriber's account root, or the name of a service (`events.amazonaws.com`). */
  readonly arn: string;
  /** What error texts and logs name: the assumed role's session, or the same as `arn`. */
  readonly sessionArn: string;
  readonly account: string;
  /** What its own policies say; a subscriber's and a service's stand elsewhere. */
  readonly statements: readonly Statement[];
}

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
  const arn = `arn:aws:iam::${account}:root`;
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
