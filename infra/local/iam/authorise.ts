import type { Principal, RequestContext } from './model.ts';
import type { Policies } from './policies.ts';
import { effectOf } from './statements.ts';

/** One thing that a call needs: an action on a resource. */
export interface Demand {
  /** Such as `sqs:SendMessage`. */
  readonly action: string;
  readonly resource: string;
  readonly context?: RequestContext;
}

/** Loopback stands in for TLS: a policy that insists on it must find it. */
const TRANSPORT = { 'aws:SecureTransport': 'true' };

/** How a demand is decided; the refusals are told apart because AWS words them apart. */
export type Decision = 'allowed' | 'explicitly-denied' | 'not-allowed-by-identity' | 'not-allowed-by-resource';

/**
 * Decides by the caller's own policies and by the resource's (IAM user guide, "Policy evaluation logic"): within an account either
 * may allow, from another account or service the resource's own must; a key's policy must always allow, itself or by delegating.
 */
export function authorise(principal: Principal, { action, resource, context = {} }: Demand, policies: Policies): Decision {
  const facts: RequestContext = {
    ...TRANSPORT,
    'aws:PrincipalArn': principal.arn,
    'aws:PrincipalAccount': principal.account,
    ...context,
  };
  const atResource = policies.ofResource(resource);
  const own = effectOf(principal.statements, action, resource, facts);
  const about = (who: 'principal' | 'delegates') => atResource.filter((statement) => statement.names(principal) === who);
  const direct = effectOf(about('principal'), action, resource, facts);
  const delegated = effectOf(about('delegates'), action, resource, facts);
  if (own === 'Deny' || direct === 'Deny' || delegated === 'Deny') return 'explicitly-denied';

  if (principal.kind === 'subscriber' || principal.kind === 'service')
    return direct === 'Allow' || delegated === 'Allow' ? 'allowed' : 'not-allowed-by-resource';
  if (direct === 'Allow') return 'allowed';
  if (own !== 'Allow') return 'not-allowed-by-identity';
  return action.startsWith('kms:') && delegated !== 'Allow' ? 'not-allowed-by-resource' : 'allowed';
}
