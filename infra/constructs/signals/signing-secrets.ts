import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { CheckedSettings } from '../../settings.ts';
import type { BundledFunction } from '../function.ts';

/**
 * The secrets with which what is posted is signed, one for each subscription that has itself posted to. They are made at run time, so they are known by how
 * their names begin.
 */
export class SigningSecrets extends Construct {
  private readonly prefix: string;
  private readonly arns: string;

  constructor(scope: Construct, id: string, { settings }: { settings: CheckedSettings }) {
    super(scope, id);
    this.prefix = `chesil/${settings.deployment}/subscription/`;
    const { region, account } = Stack.of(this);
    this.arns = `arn:aws:secretsmanager:${region}:${account}:secret:${this.prefix}*`;
  }

  /** Makes, renews, shows to their owner and removes secrets of subscriptions, and no others. */
  grantKeep(keeper: BundledFunction): void {
    this.grantSign(keeper);
    keeper.allow(['secretsmanager:CreateSecret', 'secretsmanager:DeleteSecret', 'secretsmanager:PutSecretValue'], this.arns);
  }

  /** Signs with them. */
  grantSign(signer: BundledFunction): void {
    signer.tell('SIGNING_SECRETS', this.prefix);
    signer.allow(['secretsmanager:GetSecretValue'], this.arns);
    signer.explain(
      this.arns,
      'One for each subscription, made at run time: their names begin so, and those of no other secret do.',
    );
  }
}
