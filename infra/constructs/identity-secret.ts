import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { BundledFunction } from './function.ts';

/** The secret from which the ids of all persons and fragments are derived (`shared/lambda/keys.ts`). */
export class IdentitySecret extends Construct {
  private readonly secret: Secret;
  private readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, { encryptionKey }: { encryptionKey: IKey }) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.secret = new Secret(this, 'Secret', {
      description: 'Names persons and fragments. It can never change: every id is derived from it.',
      encryptionKey,
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'identity',
        passwordLength: 96,
        excludePunctuation: true,
      },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const id of ['AwsSolutions-SMG4', 'NIST.800.53.R5-SecretsManagerRotationEnabled'])
      Validations.of(this.secret).acknowledge({
        id,
        reason:
          'Another key would give every person another id. Who may read it is narrow: a few functions; each use is in CloudTrail.',
      });
  }

  /** Reads the secret. */
  grantRead(reader: BundledFunction): void {
    reader.tell('KEYS_SECRET_ARN', this.secret.secretArn);
    reader.allow(['secretsmanager:GetSecretValue'], this.secret.secretArn);
    reader.allow(['kms:Decrypt'], this.encryptionKey.keyArn);
  }
}
