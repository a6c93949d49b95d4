import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  OidcAttributeRequestMethod,
  SigningAlgorithm,
  type UserPool,
  UserPoolClientIdentityProvider,
  UserPoolIdentityProviderOidc,
  UserPoolIdentityProviderSaml,
  UserPoolIdentityProviderSamlMetadata,
} from 'aws-cdk-lib/aws-cognito';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Provider } from '../../../shared/directory/providers.ts';
import type { CheckedSettings } from '../../settings.ts';
import { attributeMapping } from './attributes.ts';

export interface ProvidersProps {
  readonly settings: CheckedSettings;
  readonly userPool: UserPool;
  /** Encrypts what the pool signs in to providers with. */
  readonly encryptionKey: IKey;
}

/** Everybody who vouches for people: the identity providers of organisations, of counties and of the country. */
export class IdentityProviders extends Construct {
  private readonly byId = new Map<string, UserPoolIdentityProviderOidc | UserPoolIdentityProviderSaml>();
  private readonly props: ProvidersProps;

  constructor(scope: Construct, id: string, props: ProvidersProps) {
    super(scope, id);
    this.props = props;
    const identifiers = identifiersOf(props.settings.providers);
    for (const provider of props.settings.providers)
      this.byId.set(provider.id, this.addProvider(provider, identifiers.get(provider.id) ?? []));
  }

  /** What an app client lists, once the provider is there. */
  of(id: string): { readonly provider: UserPoolClientIdentityProvider; readonly resource: Construct } {
    const resource = this.byId.get(id)!;
    return { provider: UserPoolClientIdentityProvider.custom(resource.providerName), resource };
  }

  private addProvider(provider: Provider, identifiers: string[]) {
    const { id, connection } = provider;
    const common = { userPool: this.props.userPool, name: id, identifiers, attributeMapping: attributeMapping(provider) };
    if (connection.protocol === 'saml')
      return new UserPoolIdentityProviderSaml(this, id, {
        ...common,
        metadata: UserPoolIdentityProviderSamlMetadata.url(connection.metadataUrl),
        requestSigningAlgorithm: SigningAlgorithm.RSA_SHA256,
        encryptedResponses: true,
        idpSignout: true,
        // Nobody is signed in who did not ask to be: an answer without a question could come from anybody.
        idpInitiated: false,
      });
    return new UserPoolIdentityProviderOidc(this, id, {
      ...common,
      issuerUrl: connection.issuer,
      clientId: connection.clientId,
      clientSecret: this.addSecret(provider),
      scopes: [...connection.scopes],
      attributeRequestMethod: OidcAttributeRequestMethod.GET,
    });
  }

  /** A secret to be overwritten with what the provider gave out (`docs/deploy.md`); until then it signs in nowhere. */
  private addSecret({ id }: Provider): string {
    const { settings, encryptionKey } = this.props;
    const secret = new Secret(this, `Secret-${id}`, {
      secretName: `chesil/${settings.deployment}/providers/${id}`,
      description: `What signs the user pool in to the identity provider ${id}`,
      encryptionKey,
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'clientSecret',
        passwordLength: 64,
        excludePunctuation: true,
      },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const finding of ['AwsSolutions-SMG4', 'NIST.800.53.R5-SecretsManagerRotationEnabled'])
      Validations.of(secret).acknowledge({
        id: finding,
        reason: 'The provider gives it out and says when it ends: `docs/deploy.md` tells how to put in another.',
      });
    // A dynamic reference: the template and its history hold no secret.
    return secret.secretValueFromJson('clientSecret').unsafeUnwrap();
  }
}

/**
 * What else each provider is found by: e-mail domains, and organisations that no provider before it speaks for. An identifier can
 * belong to one provider only.
 */
function identifiersOf(providers: readonly Provider[]): ReadonlyMap<string, string[]> {
  const taken = new Set(providers.flatMap(({ domains }) => domains));
  return new Map(
    providers.map(({ id, domains, speaksFor }) => {
      const organisations = speaksFor === 'all' ? [] : speaksFor.filter((organisation) => !taken.has(organisation));
      for (const organisation of organisations) taken.add(organisation);
      return [id, [...domains, ...organisations]];
    }),
  );
}
