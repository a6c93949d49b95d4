import { Duration } from 'aws-cdk-lib';
import { CfnManagedLoginBranding, type UserPool, type UserPoolDomain } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { type AppSettings, type CheckedSettings, providersOf } from '../../settings.ts';
import { readableAttributes, writableAttributes } from './attributes.ts';
import type { IdentityProviders } from './providers.ts';
import type { Scopes } from './scopes.ts';

export interface AppsProps {
  readonly settings: CheckedSettings;
  readonly userPool: UserPool;
  readonly domain: UserPoolDomain;
  readonly providers: IdentityProviders;
  readonly scopes: Scopes;
}

/** A refresh token is good once; whoever lost the answer on the way may ask again within it. */
const GRACE_SECONDS = 10;

/** What people sign in to: public clients with a code and PKCE, never implicitly and never with a secret or a password. */
export class Apps extends Construct {
  private readonly props: AppsProps;

  constructor(scope: Construct, id: string, props: AppsProps) {
    super(scope, id);
    this.props = props;
    for (const app of props.settings.apps) this.addApp(app);
  }

  private addApp(app: AppSettings) {
    const { settings, userPool, domain, providers, scopes } = this.props;
    const allowed = providersOf(settings, app).map(({ id }) => providers.of(id));
    const client = userPool.addClient(`App-${app.name}`, {
      userPoolClientName: app.name,
      generateSecret: false,
      // Cognito opens sign-in by password where no flow is named. This one asks a trigger that the pool does not have: it lets nobody in.
      authFlows: { custom: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: app.scopes.map((scope) => scopes.of(scope)),
        callbackUrls: app.redirectUris,
        logoutUrls: app.logoutUris,
      },
      supportedIdentityProviders: allowed.map(({ provider }) => provider),
      readAttributes: readableAttributes(),
      writeAttributes: writableAttributes(),
      accessTokenValidity: Duration.minutes(app.tokenMinutes),
      idTokenValidity: Duration.minutes(app.tokenMinutes),
      refreshTokenValidity: Duration.hours(app.sessionHours),
      refreshTokenRotationGracePeriod: Duration.seconds(GRACE_SECONDS),
      enableTokenRevocation: true,
      preventUserExistenceErrors: true,
    });
    client.node.addDependency(domain, ...allowed.map(({ resource }) => resource));
    new CfnManagedLoginBranding(this, `Look-${app.name}`, {
      userPoolId: userPool.userPoolId,
      clientId: client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
  }
}
