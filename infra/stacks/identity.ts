import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { FilterPattern, type MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { NO_TOKEN } from '../../functions/claims/refusals.ts';
import { BundledFunction } from '../constructs/function.ts';
import { TokenIssuer } from '../constructs/token-issuer.ts';
import type { CheckedSettings } from '../settings.ts';
import type { DataStack } from './data.ts';

export interface IdentityProps extends StackProps {
  readonly settings: CheckedSettings;
  readonly data: DataStack;
}

/** Who may ask: partners' systems, the apps that people sign in to, and who vouches for them. */
export class IdentityStack extends Stack {
  readonly claims: BundledFunction;
  readonly tokens: TokenIssuer;
  /** Counts tokens that were refused for a reason: Lambda takes each for a failure of `claims`, which it is not. */
  readonly refused: MetricFilter;

  constructor(scope: Construct, id: string, props: IdentityProps) {
    super(scope, id, props);
    const { settings, data } = props;
    const { operationsKey } = data;
    this.claims = new BundledFunction(this, 'claims', { settings, operationsKey });
    data.identity.grantRead(this.claims);
    this.refused = this.claims.logGroup.addMetricFilter('Refused', {
      filterPattern: FilterPattern.stringValue('$.message', '=', NO_TOKEN),
      metricNamespace: 'Chesil',
      metricName: `chesil-${settings.deployment}-tokens-refused`,
    });
    this.tokens = new TokenIssuer(this, 'Tokens', { settings, claims: this.claims, operationsKey });
    new CfnOutput(this, 'TokenUrl', { value: this.tokens.tokenUrl, description: 'Where partners ask for access tokens' });
    new CfnOutput(this, 'UserPoolId', { value: this.tokens.userPool.userPoolId, description: 'The pool that holds the clients' });
  }
}
