import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APP, REDIRECT_URI, type SigningIn, signIn, startSigningIn, visit } from './pool.ts';

let system: SigningIn;

beforeAll(async () => {
  system = await startSigningIn();
});
afterAll(() => system.stop());

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');

/** Where an app's request leads before anybody has signed in. */
const ask = async (more: Readonly<Record<string, string | undefined>>) => {
  const { browser, app } = visit(system);
  return browser.go(app.authorizeUrl(more));
};

describe('a request to sign in is not sent back to its address', () => {
  it.each([
    ['with an address that is not registered', { redirect_uri: 'https://evil.example/' }],
    ['with an address that begins like a registered one', { redirect_uri: `${REDIRECT_URI}.evil.example/` }],
    ['with a registered address and a path more', { redirect_uri: `${REDIRECT_URI}elsewhere` }],
    ['with a registered address and a query', { redirect_uri: `${REDIRECT_URI}?to=https://evil.example` }],
    ['without an address', { redirect_uri: undefined }],
    ['of an app that is not registered', { client_id: 'nobody' }],
    ['of no app', { client_id: undefined }],
  ])('%s', async (_, more) => {
    const shown = await ask(more);
    expect([shown.status, shown.url.origin]).toEqual([400, system.settings.baseUrl]);
    expect(shown.text).toContain('You are not signed in');
    expect(shown.text).not.toMatch(/evil|nobody/);
  });
});

describe('a request to sign in is refused', () => {
  it.each([
    ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['with PKCE in the clear', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['with a challenge of no method', { code_challenge_method: undefined }, 'invalid_request'],
    ['for a scope that the app may not have', { scope: 'openid user/*.cruds' }, 'invalid_scope'],
    ['for a scope of systems', { scope: 'system/*.rs' }, 'invalid_scope'],
    ['for offline access, which is not given', { scope: 'openid offline_access' }, 'invalid_scope'],
    ['for a token in the address', { response_type: 'token' }, 'unsupported_response_type'],
    ['for an ID token in the address', { response_type: 'id_token', nonce: 'n' }, 'unsupported_response_type'],
    ['without asking anybody who is not signed in', { prompt: 'none' }, 'login_required'],
  ])('%s', async (_, more, error) => {
    const shown = await ask(more);
    expect(shown.url.href.startsWith(REDIRECT_URI)).toBe(true);
    expect(shown.url.searchParams.get('error') ?? new URLSearchParams(shown.url.hash.slice(1)).get('error')).toBe(error);
    expect(shown.url.searchParams.has('code')).toBe(false);
  });
});

describe('a code', () => {
  it.each([
    ['with another verifier', { code_verifier: 'another-verifier-that-is-long-enough-for-the-rules' }],
    ['without a verifier', { code_verifier: undefined }],
    ['for another address', { redirect_uri: 'http://localhost:3999/elsewhere' }],
    ['that was made up', { code: 'made-up' }],
  ])('is not exchanged %s', async (_, more) => {
    const { shown, app } = await signIn(system);
    expect(await app.exchange(shown.url, more)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('is not exchanged by an app that is not registered', async () => {
    const { shown, app } = await signIn(system);
    expect(await app.exchange(shown.url, { client_id: 'nobody' })).toEqual({ status: 400, body: { error: 'invalid_client' } });
  });

  it('is good once: used again, all that came of it ends', async () => {
    const { shown, app } = await signIn(system);
    const { body } = await app.exchange(shown.url);
    expect(await app.exchange(shown.url)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
    expect((await app.refresh(body.refresh_token!)).status).toBe(400);
  });

  it('is not good for a verifier that is the challenge itself', async () => {
    const { browser, app } = visit(system);
    const challenge = sha256('something-that-nobody-knows');
    const shown = await browser.go(app.authorizeUrl({ identity_provider: 'hampshire', code_challenge: challenge }));
    expect((await app.exchange(shown.url, { code_verifier: challenge })).body).toEqual({ error: 'invalid_grant' });
  });
});

describe('the way out', () => {
  it.each([
    ['to an address that is not registered', { logout_uri: 'https://evil.example/' }],
    ['to an address that begins like a registered one', { logout_uri: `${REDIRECT_URI}@evil.example/` }],
    ['to an address without a host', { logout_uri: '//evil.example' }],
    ['to nowhere', {}],
    ['of an app that is not registered', { client_id: 'nobody', logout_uri: REDIRECT_URI }],
  ])('does not lead %s', async (_, more) => {
    const { browser } = visit(system);
    const shown = await browser.go(`${system.settings.baseUrl}/logout?${new URLSearchParams({ client_id: APP, ...more })}`);
    expect([shown.status, shown.url.origin]).toEqual([400, system.settings.baseUrl]);
    expect(shown.text).not.toContain('evil');
  });
});

describe('the page of choices', () => {
  it('finds a provider by the domain of an e-mail address', async () => {
    const { browser, app } = visit(system);
    const choices = await browser.go(app.authorizeUrl());
    expect(choices.text).toContain('hampshire');
    const shown = await browser.go(new URL(choices.forms[0]!, choices.url).href, { email: ' Grace.Okafor@HHFT.example ' });
    expect(shown.url.searchParams.has('code')).toBe(true);
  });

  it('says that it knows no such domain, and repeats nothing of the address', async () => {
    const { browser, app } = visit(system);
    const choices = await browser.go(app.authorizeUrl());
    const again = await browser.go(new URL(choices.forms[0]!, choices.url).href, { email: 'grace@<b>elsewhere.example' });
    expect([again.status, again.text]).toEqual([422, expect.stringContaining('No organisation here uses this e-mail domain')]);
    expect(again.text).not.toMatch(/grace|elsewhere/);
  });

  it('is passed by for who names a provider or an organisation', async () => {
    for (const more of [{ identity_provider: 'hampshire' }, { idp_identifier: 'hhft' }, { idp_identifier: 'hhft.example' }])
      expect((await ask(more)).url.searchParams.has('code')).toBe(true);
  });

  it('is shown to who names none that there is', async () => {
    expect((await ask({ identity_provider: 'atlantis' })).text).toContain('Sign in to the shared care record');
  });

  it('runs no script, stands in no frame and is kept nowhere', async () => {
    const { browser, app } = visit(system);
    const page = await browser.ask((await browser.go(app.authorizeUrl())).url.href);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(await page.text()).not.toContain('<script');
  });

  it('can stand open twice, and both lead on', async () => {
    const { browser, app } = visit(system);
    const [one, other] = [await browser.go(app.authorizeUrl()), await browser.go(app.authorizeUrl())];
    for (const choices of [one, other]) {
      const shown = await browser.go(new URL(choices.forms[1]!, choices.url).href, { provider: 'hampshire' });
      expect(shown.url.searchParams.has('code')).toBe(true);
    }
  });

  it('belongs to the browser that asked', async () => {
    const { browser, app } = visit(system);
    const choices = await browser.go(app.authorizeUrl());
    const shown = await visit(system).browser.go(choices.url.href);
    expect([shown.status, shown.text]).toEqual([400, expect.stringContaining('can no longer be continued')]);
  });
});
