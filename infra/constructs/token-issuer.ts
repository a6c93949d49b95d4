import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  AccountRecovery,
  FeaturePlan,
  LambdaVersion,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolDomain,
  UserPoolOperation,
  type UserPoolResourceServer,
} from 'aws-cdk-lib/aws-cognito';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { CheckedSettings, ClientSettings } from '../settings.ts';
import type { BundledFunction } from './function.ts';

/** What a token may say: scopes that every deployment has, beside those that its clients name. */
const SCOPES = ['*.cruds', '*.rs', '*.r', '*.s', '*.c', '*.u', '*.d', '*.cud'];

/** Short: a client that was shut out is out within the hour. */
const TOKEN_MINUTES = 60;

export interface TokenIssuerProps {
  readonly settings: CheckedSettings;
  /** Adds the organisation to each token. */
  readonly claims: BundledFunction;
}

/** Issues access tokens to partners' systems: OAuth 2.0 client credentials with SMART v2 system scopes. */
export class TokenIssuer extends Construct {
  readonly userPool: UserPool;
  /** Every scope that a token can have, as a token has it: `system/*.rs`. */
  readonly scopes: readonly string[];
  /** Where people are sent to sign in. */
  readonly authorizeUrl: string;
  /** Where partners ask for tokens. */
  readonly tokenUrl: string;
  private readonly settings: CheckedSettings;

  constructor(scope: Construct, id: string, { settings, claims }: TokenIssuerProps) {
    super(scope, id);
    this.settings = settings;
    this.userPool = new UserPool(this, 'Pool', {
      userPoolName: `chesil-${settings.deployment}`,
      // Token triggers of version 3, which alone see client credentials, come with this plan.
      featurePlan: FeaturePlan.ESSENTIALS,
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
        'The Plus plan watches the passwords of people. Nobody signs in here: its clients are systems with secrets of their own.',
    });
    this.userPool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, claims.lambda, LambdaVersion.V3_0);
    const domain = this.addDomain();
    this.authorizeUrl = `${domain.baseUrl()}/oauth2/authorize`;
    this.tokenUrl = `${domain.baseUrl()}/oauth2/token`;

    const names = [...new Set([...SCOPES, ...settings.clients.flatMap(({ scopes }) => scopes.map(nameOf))])];
    const scopes = new Map(
      names.map((name) => [name, new ResourceServerScope({ scopeName: name, scopeDescription: describe(name) })]),
    );
    this.scopes = names.map((name) => `system/${name}`);
    const server = this.userPool.addResourceServer('System', { identifier: 'system', scopes: [...scopes.values()] });

    for (const client of settings.clients) {
      const wanted = client.scopes.map((name) => scopes.get(nameOf(name)) as ResourceServerScope);
      this.addClient(client, server, wanted).node.addDependency(domain);
    }
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
    return this.userPool.addDomain('Domain', { cognitoDomain: { domainPrefix: tokenDomain } });
  }

  /** An app client, and the parameter by which the token trigger knows whose it is. */
  private addClient({ name, organisation }: ClientSettings, server: UserPoolResourceServer, scopes: ResourceServerScope[]) {
    const client = this.userPool.addClient(`Client-${name}`, {
      userPoolClientName: name,
      generateSecret: true,
      authFlows: {},
      oAuth: { flows: { clientCredentials: true }, scopes: scopes.map((scope) => OAuthScope.resourceServer(server, scope)) },
      accessTokenValidity: Duration.minutes(TOKEN_MINUTES),
      enableTokenRevocation: true,
      preventUserExistenceErrors: true,
    });
    // A parameter and not the trigger's environment: pool, trigger and client would wait for each other in a circle.
    new StringParameter(this, `Organisation-${name}`, {
      parameterName: `${this.parameters}${client.userPoolClientId}`,
      simpleName: false,
      description: `Organisation of the app client ${name}`,
      stringValue: organisation,
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

const nameOf = (scope: string): string => scope.slice('system/'.length);

const LETTERS: Readonly<Record<string, string>> = { c: 'create', r: 'read', u: 'update', d: 'retract', s: 'search' };

function describe(name: string): string {
  const [type = '', letters = ''] = name.split('.');
  return `${[...letters].map((letter) => LETTERS[letter]).join(', ')}: ${type === '*' ? 'all types' : type}`;
}
