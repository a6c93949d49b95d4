import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BundledFunction } from '../constructs/function.ts';
import { TokenIssuer } from '../constructs/token-issuer.ts';
import type { CheckedSettings } from '../settings.ts';
import type { DataStack } from './data.ts';

export interface IdentityProps extends StackProps {
  readonly settings: CheckedSettings;
  readonly data: DataStack;
}

/** Who may ask: partners' systems, their scopes, and whose they are. */
export class IdentityStack extends Stack {
  readonly claims: BundledFunction;
  readonly tokens: TokenIssuer;

  constructor(scope: Construct, id: string, props: IdentityProps) {
    super(scope, id, props);
    const { settings, data } = props;
    this.claims = new BundledFunction(this, 'claims', { settings, operationsKey: data.operationsKey });
    data.identity.grantRead(this.claims);
    this.tokens = new TokenIssuer(this, 'Tokens', { settings, claims: this.claims });
    new CfnOutput(this, 'TokenUrl', { value: this.tokens.tokenUrl, description: 'Where partners ask for access tokens' });
    new CfnOutput(this, 'UserPoolId', { value: this.tokens.userPool.userPoolId, description: 'The pool that holds the clients' });
  }
}
