import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { BundledFunction } from './function.ts';

/**
 * The secret from which the names of versions are derived (`shared/lambda/keys.ts`). Apart from the one that names persons, so
 * that a function which tells of versions cannot find out who somebody is.
 */
export class VersionsSecret extends Construct {
  private readonly secret: Secret;
  private readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, { encryptionKey }: { encryptionKey: IKey }) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.secret = new Secret(this, 'Secret', {
      description: 'Names versions of fragments. Another value gives every version another name.',
      encryptionKey,
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'versions',
        passwordLength: 96,
        excludePunctuation: true,
      },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const id of ['AwsSolutions-SMG4', 'NIST.800.53.R5-SecretsManagerRotationEnabled'])
      Validations.of(this.secret).acknowledge({
        id,
        reason: 'Another key would break ETags and addresses of versions that partners hold. It opens nothing.',
      });
  }

  /** Reads the secret. */
  grantRead(reader: BundledFunction): void {
    reader.tell('VERSIONS_SECRET_ARN', this.secret.secretArn);
    reader.allow(['secretsmanager:GetSecretValue'], this.secret.secretArn);
    reader.allow(['kms:Decrypt'], this.encryptionKey.keyArn);
  }
}
