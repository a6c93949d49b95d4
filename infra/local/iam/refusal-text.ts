import type { Decision, Demand } from './authorise.ts';
import type { Principal } from './model.ts';

/** How AWS words the reason of a refusal (IAM user guide, "Troubleshoot access denied error messages"). */
const BECAUSE: Readonly<Record<Exclude<Decision, 'allowed'>, (action: string) => string>> = {
  'explicitly-denied': () => 'with an explicit deny in a policy',
  'not-allowed-by-identity': (action) => `because no identity-based policy allows the ${action} action`,
  'not-allowed-by-resource': (action) => `because no resource-based policy allows the ${action} action`,
};

/** What a caller is told who may not do something, as AWS words it. */
export const refusalText = (
  { sessionArn }: Principal,
  { action, resource }: Demand,
  decision: Exclude<Decision, 'allowed'>,
): string => `User: ${sessionArn} is not authorized to perform: ${action} on resource: ${resource} ${BECAUSE[decision](action)}`;
