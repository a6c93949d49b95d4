import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { decode } from '../../signing-in/application.ts';
import { APP, ISSUER, NURSE, REDIRECT_URI, type SigningIn, signIn, startSigningIn } from './pool.ts';

let system: SigningIn;

beforeAll(async () => {
  system = await startSigningIn();
});
afterAll(() => system.stop());
afterEach(() => {
  vi.useRealTimers();
  system.provider.said = NURSE;
  system.restart();
});

const signedIn = async () => {
  const { browser, app, shown } = await signIn(system);
  return { browser, app, tokens: (await app.exchange(shown.url)).body };
};

/** Moves the clock: nothing waits. */
const later = (hours: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3600_000 });

describe('tokens of somebody who signed in', () => {
  it('have the shape of Cognito’s', async () => {
    const { app, shown } = await signIn(system, { nonce: 'a-nonce' });
    const { body } = await app.exchange(shown.url);
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'id_token', 'refresh_token', 'token_type']);
    expect(body).toMatchObject({ expires_in: 900, token_type: 'Bearer' });
    const access = decode(body.access_token!);
    const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const pool = 'eu-west-2_ABCDEFGHJ';
    const common = {
      iss: `https://cognito-idp.eu-west-2.amazonaws.com/${pool}`,
      sub: uuid,
      jti: uuid,
      origin_jti: uuid,
      event_id: uuid,
      auth_time: expect.any(Number),
      iat: expect.any(Number),
      'cognito:groups': [`${pool}_hampshire`],
    };
    expect(access).toEqual({
      ...common,
      token_use: 'access',
      version: 2,
      client_id: APP,
      username: 'hampshire_a-nurse',
      scope: 'openid user/*.rs',
      exp: (access.iat as number) + 900,
      ...{ name: 'Grace Okafor', provider: 'hampshire', assurance: 'high', staff: `hampshire|${NURSE.oid}` },
      roles: JSON.stringify([{ id: 'hhft:clinician', organisation: 'hhft', role: 'clinician' }]),
    });
    const id = decode(body.id_token!);
    expect(id).toEqual({
      ...common,
      token_use: 'id',
      aud: APP,
      nonce: 'a-nonce',
      name: 'Grace Okafor',
      'cognito:username': 'hampshire_a-nurse',
      exp: (id.iat as number) + 3600,
      identities: [
        {
          ...{ userId: 'a-nurse', providerName: 'hampshire', providerType: 'OIDC', issuer: null, primary: 'true' },
          dateCreated: expect.stringMatching(/^\d{13}$/),
        },
      ],
    });
    expect(id.origin_jti).toBe(access.origin_jti);
    expect(await system.identity().verifyToken(body.access_token!)).toMatchObject({ username: 'hampshire_a-nurse' });
  });

  it('come of what the trigger is asked, as Cognito asks it', async () => {
    system.events.length = 0;
    await signedIn();
    expect(system.events).toEqual([
      expect.objectContaining({
        version: '3',
        triggerSource: 'TokenGeneration_HostedAuth',
        userName: 'hampshire_a-nurse',
        request: {
          scopes: ['openid', 'user/*.rs'],
          groupConfiguration: { groupsToOverride: ['eu-west-2_ABCDEFGHJ_hampshire'], iamRolesToOverride: [] },
          userAttributes: {
            sub: expect.any(String),
            'cognito:user_status': 'EXTERNAL_PROVIDER',
            identities: expect.stringContaining('"providerName":"hampshire"'),
            name: 'Grace Okafor',
            'custom:staff_id': NURSE.oid,
            'custom:roles': '["hhft-nurses"]',
            'custom:assurance': NURSE.acr,
          },
        },
      }),
    ]);
  });

  it('say narrower scopes when the app asks for them, with their query', async () => {
    const scope = 'openid user/Observation.rs?category=vital-signs';
    const { app, shown } = await signIn(system, { scope });
    expect(decode((await app.exchange(shown.url)).body.access_token!).scope).toBe(scope);
  });

  it('say all that the app may have, when it asks for nothing in particular', async () => {
    const { app, shown } = await signIn(system, { scope: undefined });
    expect(decode((await app.exchange(shown.url)).body.access_token!).scope).toBe(
      'openid user/*.rs user/Observation.rs?category=vital-signs',
    );
  });

  it('are good for asking who it is, of which the app is told its part', async () => {
    const { tokens } = await signedIn();
    const ask = (token: string) =>
      fetch(`${system.settings.baseUrl}/oauth2/userInfo`, { headers: { authorization: `Bearer ${token}` } });
    const told = await ask(tokens.access_token!);
    expect(await told.json()).toEqual({ sub: expect.any(String), username: 'hampshire_a-nurse', name: 'Grace Okafor' });
    expect((await ask(tokens.id_token!)).status).toBe(401);
    expect((await ask('nonsense')).status).toBe(401);
  });
});

describe('a session', () => {
  it('goes on with a refresh token, across a restart, and what providers say is asked about anew', async () => {
    const { app, tokens } = await signedIn();
    system.restart();
    system.events.length = 0;
    const again = await app.refresh(tokens.refresh_token!);
    expect(again.status).toBe(200);
    expect(again.body.refresh_token).toBeUndefined();
    expect(system.events).toMatchObject([{ triggerSource: 'TokenGeneration_RefreshTokens', userName: 'hampshire_a-nurse' }]);
    const [before, after] = [decode(tokens.access_token!), decode(again.body.access_token!)];
    expect(after).toMatchObject({ origin_jti: before.origin_jti, auth_time: before.auth_time, scope: before.scope });
    expect(after.jti).not.toBe(before.jti);
  });

  it('ends when its time is up, however often it was refreshed', async () => {
    const { app, tokens } = await signedIn();
    later(9.9);
    expect((await app.refresh(tokens.refresh_token!)).status).toBe(200);
    later(0.2);
    expect(await app.refresh(tokens.refresh_token!)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('ends no later because its refresh token was exchanged for another', async () => {
    system.restart({ RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 } });
    const { app, tokens } = await signedIn();
    later(9.9);
    const again = await app.refresh(tokens.refresh_token!);
    expect(again.body.refresh_token).not.toBe(tokens.refresh_token);
    later(0.2);
    expect((await app.refresh(again.body.refresh_token!)).status).toBe(400);
  });

  it('ends when a refresh token that was exchanged is used again', async () => {
    system.restart({ RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 } });
    const { app, tokens } = await signedIn();
    const again = await app.refresh(tokens.refresh_token!);
    expect((await app.refresh(tokens.refresh_token!)).body).toEqual({ error: 'invalid_grant' });
    expect((await app.refresh(again.body.refresh_token!)).status).toBe(400);
  });

  it('goes on within the grace for who lost the answer on the way', async () => {
    system.restart({ RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 10 } });
    const { app, tokens } = await signedIn();
    expect((await app.refresh(tokens.refresh_token!)).status).toBe(200);
    expect((await app.refresh(tokens.refresh_token!)).status).toBe(200);
    later(0.01);
    expect((await app.refresh(tokens.refresh_token!)).status).toBe(400);
  });

  it('ends when it is revoked', async () => {
    const { app, tokens } = await signedIn();
    expect(await app.revoke(tokens.refresh_token!)).toBe(200);
    expect((await app.refresh(tokens.refresh_token!)).body).toEqual({ error: 'invalid_grant' });
  });
});

describe('a browser', () => {
  it('is remembered for an hour, and asked of whom when another provider is named', async () => {
    const { browser, app } = await signedIn();
    const within = await browser.go(app.authorizeUrl());
    expect(within.url.searchParams.has('code')).toBe(true);
    later(1.1);
    expect((await browser.go(app.authorizeUrl())).text).toContain('Sign in to the shared care record');
  });

  it('is remembered for no longer because it comes back often', async () => {
    const { browser, app } = await signedIn();
    for (const hours of [0.6, 0.3]) {
      later(hours);
      expect((await browser.go(app.authorizeUrl())).url.searchParams.has('code')).toBe(true);
    }
    later(0.2);
    expect((await browser.go(app.authorizeUrl())).text).toContain('Sign in to the shared care record');
  });

  it('is remembered across a restart', async () => {
    const { browser, app } = await signedIn();
    system.restart();
    expect((await browser.go(app.authorizeUrl())).url.searchParams.has('code')).toBe(true);
  });

  it('is forgotten when it signs out', async () => {
    const { browser, app } = await signedIn();
    const out = `${system.settings.baseUrl}/logout?${new URLSearchParams({ client_id: APP, logout_uri: REDIRECT_URI })}`;
    expect((await browser.go(out)).url.href).toBe(REDIRECT_URI);
    expect((await browser.go(app.authorizeUrl())).text).toContain('Sign in to the shared care record');
  });

  it('that belongs to somebody else now is theirs alone', async () => {
    const { browser, app } = await signedIn();
    system.provider.said = { ...NURSE, sub: 'a-doctor', name: 'Yusuf Hale', groups: ['hhft-doctors'] };
    const shown = await browser.go(app.authorizeUrl({ identity_provider: 'hampshire' }));
    expect(decode((await app.exchange(shown.url)).body.id_token!)).toMatchObject({ name: 'Yusuf Hale' });
    const next = await browser.go(app.authorizeUrl());
    expect(decode((await app.exchange(next.url)).body.id_token!)).toMatchObject({ name: 'Yusuf Hale' });
  });
});

describe('a provider', () => {
  it('is never looked for anywhere but where the name table says', async () => {
    expect(system.identity().providers).toEqual([
      {
        name: 'hampshire',
        issuer: ISSUER,
        clientId: 'chesil',
        clientSecret: 'a-secret-of-the-pool',
        redirectUri: `${system.settings.baseUrl}/oauth2/idpresponse`,
      },
    ]);
  });
});
