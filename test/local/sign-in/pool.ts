import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FunctionFailed, thrown } from '../../../infra/local/functions/failure.ts';
import { policiesOf } from '../../../infra/local/iam/policies.ts';
import { createIdentity, type Identity } from '../../../infra/local/identity/identity.ts';
import type { ResolvedResource } from '../../../infra/local/resource.ts';
import { type ApplicationSettings, browserFor, createApplication } from '../../signing-in/application.ts';
import { trigger } from '../../unit/claims/asking.ts';
import { PLACE, resource } from '../running-services.ts';
import { type LyingProvider, startLyingProvider } from './lying-provider.ts';

const POOL = 'eu-west-2_ABCDEFGHJ';
const TRIGGER = 'arn:aws:lambda:eu-west-2:000000000000:function:claims';
const POOL_ARN = `arn:aws:cognito-idp:eu-west-2:000000000000:userpool/${POOL}`;
export const APP = 'sampleapp00000000000000000';
export const REDIRECT_URI = 'http://localhost:3999/';
export const ISSUER = 'https://login.hampshire.example';

const attribute = (Name: string) => ({ Name, AttributeDataType: 'String', Mutable: true });

/** A pool with one provider of the demo and one app. @param app properties of the app client to change */
const resourcesOf = (app: Record<string, unknown>): ResolvedResource[] => [
  resource(
    'pool',
    'AWS::Cognito::UserPool',
    {
      LambdaConfig: { PreTokenGenerationConfig: { LambdaArn: TRIGGER, LambdaVersion: 'V3_0' } },
      Schema: ['staff_id', 'roles', 'assurance'].map(attribute),
    },
    { ref: POOL, arn: POOL_ARN },
  ),
  resource('permission', 'AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    FunctionName: TRIGGER,
    Principal: 'cognito-idp.amazonaws.com',
    SourceArn: POOL_ARN,
  }),
  resource('user', 'AWS::Cognito::UserPoolResourceServer', {
    Identifier: 'user',
    Scopes: ['*.rs', 'Observation.rs?category=vital-signs'].map((ScopeName) => ({ ScopeName })),
    UserPoolId: POOL,
  }),
  resource('hampshire', 'AWS::Cognito::UserPoolIdentityProvider', {
    UserPoolId: POOL,
    ProviderName: 'hampshire',
    ProviderType: 'OIDC',
    IdpIdentifiers: ['hhft.example', 'hhft'],
    AttributeMapping: { name: 'name', 'custom:staff_id': 'oid', 'custom:roles': 'groups', 'custom:assurance': 'acr' },
    ProviderDetails: {
      client_id: 'chesil',
      client_secret: 'a-secret-of-the-pool',
      oidc_issuer: ISSUER,
      authorize_scopes: 'openid profile',
      attributes_request_method: 'GET',
    },
  }),
  resource(
    'app',
    'AWS::Cognito::UserPoolClient',
    {
      UserPoolId: POOL,
      ClientName: 'sample-app',
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: ['openid', 'user/*.rs', 'user/Observation.rs?category=vital-signs'],
      CallbackURLs: [REDIRECT_URI],
      LogoutURLs: [REDIRECT_URI],
      SupportedIdentityProviders: ['hampshire'],
      ReadAttributes: ['name'],
      WriteAttributes: ['name', 'custom:staff_id', 'custom:roles', 'custom:assurance'],
      AccessTokenValidity: 15,
      RefreshTokenValidity: 600,
      TokenValidityUnits: { AccessToken: 'minutes', RefreshToken: 'minutes' },
      EnableTokenRevocation: true,
      ...app,
    },
    { ref: APP },
  ),
];

export const NURSE = {
  sub: 'a-nurse',
  name: 'Grace Okafor',
  oid: '6c2f1c0e-8b0a-4d8b-9f5e-1f2d3c4b5a69',
  groups: ['hhft-nurses'],
  acr: 'https://refeds.org/profile/mfa',
};

/** A running pool whose one provider says what a test tells it to say. */
export interface SigningIn {
  readonly provider: LyingProvider;
  readonly settings: ApplicationSettings;
  /** What the trigger was asked. */
  readonly events: Record<string, unknown>[];
  /** What was reported: nothing of it may say who somebody is. */
  readonly reported: unknown[];
  identity(): Identity;
  /** Stops the pool and starts it again on its data. */
  restart(app?: Record<string, unknown>): void;
  stop(): Promise<void>;
}

export async function startSigningIn(app: Record<string, unknown> = {}): Promise<SigningIn> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sign-in-'));
  const provider = await startLyingProvider(ISSUER, 'chesil');
  provider.said = NURSE;
  const events: Record<string, unknown>[] = [];
  const reported: unknown[] = [];
  const decide = trigger();
  const start = (change: Record<string, unknown>): Identity => {
    const resources = resourcesOf({ ...app, ...change });
    return createIdentity({
      ...{ resources, baseUrl, dataDir },
      policies: policiesOf(resources),
      place: PLACE,
      names: { [new URL(ISSUER).host]: provider.address },
      report: (error) => void reported.push(error),
      async invokeTrigger(_, event) {
        events.push(structuredClone(event) as Record<string, unknown>);
        return decide(event as Parameters<typeof decide>[0]).catch((error: unknown) => {
          throw new FunctionFailed('claims', 'a-request', thrown(error));
        });
      },
    });
  };
  const server = createServer(async (request, response) => {
    if (!(await identity.handle(request, response))) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let identity = start({});
  return {
    ...{ provider, events, reported },
    settings: { baseUrl, clientId: APP, redirectUri: REDIRECT_URI },
    identity: () => identity,
    restart(change = {}) {
      const next = start(change);
      identity.close();
      identity = next;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      identity.close();
      await provider.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** A browser and an app of its own. */
export const visit = ({ settings }: SigningIn) => ({ browser: browserFor(settings), app: createApplication(settings) });

/** Goes through signing in at the provider, to wherever that leads. */
export async function signIn(system: SigningIn, more: Readonly<Record<string, string | undefined>> = {}) {
  const { browser, app } = visit(system);
  const shown = await browser.go(app.authorizeUrl({ identity_provider: 'hampshire', ...more }));
  return { browser, app, shown };
}
