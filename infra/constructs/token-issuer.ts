import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  AccountRecovery,
  FeaturePlan,
  LambdaVersion,
  ManagedLoginVersion,
  Mfa,
  UserPool,
  type UserPoolDomain,
  UserPoolOperation,
} from 'aws-cdk-lib/aws-cognito';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { DEFAULT_SOURCE } from '../../shared/record/source-names.ts';
import type { CheckedSettings, ClientSettings } from '../settings.ts';
import type { BundledFunction } from './function.ts';
import { Apps } from './sign-in/apps.ts';
import { customAttributes } from './sign-in/attributes.ts';
import { IdentityProviders } from './sign-in/providers.ts';
import { Scopes } from './sign-in/scopes.ts';

/** Short: a client that was shut out is out within the hour. */
const SYSTEM_TOKEN_MINUTES = 60;

export interface TokenIssuerProps {
  readonly settings: CheckedSettings;
  /** Says in each token who it is, in which role and for whom. */
  readonly claims: BundledFunction;
  readonly operationsKey: IKey;
}

/**
 * Issues access tokens: to partners' systems (OAuth 2.0 client credentials, SMART v2 system scopes), and to people who sign in to
 * an app with a provider of theirs. Nobody has a password here.
 */
export class TokenIssuer extends Construct {
  readonly userPool: UserPool;
  /** Every scope that a token can have, as a token has it: `system/*.rs`. */
  readonly scopes: readonly string[];
  /** Where people are sent to sign in. */
  readonly authorizeUrl: string;
  /** Where partners ask for tokens. */
  readonly tokenUrl: string;
  private readonly settings: CheckedSettings;

  constructor(scope: Construct, id: string, { settings, claims, operationsKey }: TokenIssuerProps) {
    super(scope, id);
    this.settings = settings;
    this.userPool = new UserPool(this, 'Pool', {
      userPoolName: `chesil-${settings.deployment}`,
      // Token triggers of version 3, which alone see client credentials, come with this plan.
      featurePlan: FeaturePlan.ESSENTIALS,
      customAttributes: customAttributes(),
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      accountRecovery: AccountRecovery.NONE,
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 16,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(1),
      },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(this.userPool).acknowledge({
      id: 'AwsSolutions-COG8',
      reason:
        'The Plus plan watches passwords that the pool keeps. It keeps none: providers sign people in, systems have secrets.',
    });
    this.userPool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, claims.lambda, LambdaVersion.V3_0);
    const domain = this.addDomain();
    this.authorizeUrl = `${domain.baseUrl()}/oauth2/authorize`;
    this.tokenUrl = `${domain.baseUrl()}/oauth2/token`;

    const scopes = new Scopes(this.userPool, settings);
    this.scopes = scopes.names;
    for (const client of settings.clients) this.addClient(client, scopes).node.addDependency(domain);
    const providers = new IdentityProviders(this, 'Providers', {
      settings,
      userPool: this.userPool,
      encryptionKey: operationsKey,
    });
    new Apps(this, 'Apps', { settings, userPool: this.userPool, domain, providers, scopes });
    this.grantReadClients(claims);
  }

  /** Tells a function where tokens are given out, so that it can tell those who have none. */
  tellAddresses(teller: BundledFunction): void {
    teller.tell('AUTHORIZE_URL', this.authorizeUrl);
    teller.tell('TOKEN_URL', this.tokenUrl);
  }

  private get parameters(): string {
    return `/chesil/${this.settings.deployment}/clients/`;
  }

  private addDomain(): UserPoolDomain {
    const { deployment, tokenDomain = `chesil-${deployment}` } = this.settings;
    return this.userPool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: tokenDomain },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
  }

  /** An app client, and the parameter by which the token trigger knows whose it is and which of their systems. */
  private addClient({ name, organisation, source, scopes }: ClientSettings, all: Scopes) {
    const client = this.userPool.addClient(`Client-${name}`, {
      userPoolClientName: name,
      generateSecret: true,
      authFlows: {},
      oAuth: { flows: { clientCredentials: true }, scopes: scopes.map((scope) => all.of(scope)) },
      accessTokenValidity: Duration.minutes(SYSTEM_TOKEN_MINUTES),
      enableTokenRevocation: true,
      preventUserExistenceErrors: true,
    });
    // A parameter and not the trigger's environment: pool, trigger and client would wait for each other in a circle.
    new StringParameter(this, `Organisation-${name}`, {
      parameterName: `${this.parameters}${client.userPoolClientId}`,
      simpleName: false,
      description: `Organisation and source of the app client ${name}`,
      stringValue: source === DEFAULT_SOURCE ? organisation : `${organisation}/${source}`,
    });
    return client;
  }

  /** Reads which organisation a client belongs to. */
  private grantReadClients(reader: BundledFunction): void {
    reader.tell('CLIENT_PARAMETERS', this.parameters);
    const { region, account } = Stack.of(this);
    const parameters = `arn:aws:ssm:${region}:${account}:parameter${this.parameters}*`;
    reader.allow(['ssm:GetParameter'], parameters);
    Validations.of(reader).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:aws:ssm:${region}:<AWS::AccountId>:parameter${this.parameters}*]`,
      reason: 'The parameters under this prefix are the clients, and nothing else.',
    });
  }
}
