import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KID, type Lies, signRs256, signWithPublicKey, unsigned } from './lying-provider.ts';
import { NURSE, type SigningIn, signIn, startSigningIn, visit } from './pool.ts';

let system: SigningIn;

beforeAll(async () => {
  system = await startSigningIn();
});
afterAll(() => system.stop());
beforeEach(() => {
  system.provider.lies = {};
  system.provider.said = NURSE;
  system.events.length = 0;
  system.reported.length = 0;
  system.restart();
});

/** Nothing of whoever pretended to sign in, and no secret of the protocol, is in what was reported. */
function expectNothingToldOf(texts: readonly string[]) {
  const reported = system.reported
    .map((error) => (error instanceof Error ? `${error.name} ${error.message}` : String(error)))
    .join();
  for (const text of texts) expect(reported).not.toContain(text);
}

describe('a provider that tells the truth', () => {
  it('signs its people in', async () => {
    const { shown, app } = await signIn(system);
    expect(shown.url.searchParams.get('state')).toBe('a-state-of-the-app');
    expect((await app.exchange(shown.url)).status).toBe(200);
    expect(system.reported).toEqual([]);
  });
});

const now = () => Math.floor(Date.now() / 1000);

const LIES: Readonly<Record<string, Lies>> = {
  'another issuer in its token': { claims: (honest) => ({ ...honest, iss: 'https://login.dorset.example' }) },
  'a token for another audience': { claims: (honest) => ({ ...honest, aud: 'another-client' }) },
  'a token for several audiences, issued to another': {
    claims: (honest) => ({ ...honest, aud: ['chesil', 'another-client'], azp: 'another-client' }),
  },
  'an expired token': { claims: (honest) => ({ ...honest, iat: now() - 7200, exp: now() - 3600 }) },
  'another nonce': { claims: (honest) => ({ ...honest, nonce: 'a-nonce-of-another-sign-in' }) },
  'no nonce': { claims: ({ nonce: _nonce, ...rest }) => rest },
  'no subject': { claims: ({ sub: _sub, ...rest }) => rest },
  'an unsigned token': { sign: unsigned },
  'a token signed with its public key as a secret': { sign: signWithPublicKey },
  'a token signed with a key that it does not publish': {
    sign: (claims, keys) => signRs256(claims, keys, keys.unpublished, KID),
  },
  'a token signed with a key of an unknown name': { sign: (claims, keys) => signRs256(claims, keys, keys.unpublished, 'key-9') },
  'no token at all': { sign: () => '' },
  'another issuer in the address': {
    back: (address) => {
      address.searchParams.set('iss', 'https://login.dorset.example');
      return address;
    },
  },
  'a code that it never gave': {
    back: (address) => {
      address.searchParams.set('code', 'made-up');
      return address;
    },
  },
  'user information about somebody else': { userInfo: { sub: 'somebody-else' } },
};

describe('a provider that sends', () => {
  it.each(Object.entries(LIES))('%s gets nowhere', async (_, lies) => {
    system.provider.lies = lies;
    const { shown } = await signIn(system);
    expect(Object.fromEntries(shown.url.searchParams)).toMatchObject({
      error: 'invalid_request',
      error_description: 'The answer of the identity provider could not be believed.',
      state: 'a-state-of-the-app',
    });
    expect(shown.url.searchParams.has('code')).toBe(false);
    expect(system.events).toEqual([]);
    expect(system.reported).toHaveLength(1);
    expectNothingToldOf([NURSE.name, NURSE.oid, 'a-nurse', 'hhft-nurses']);
  });

  it('a document of discovery of another issuer is not gone to', async () => {
    system.provider.lies = { issuer: 'https://login.dorset.example' };
    const { shown } = await signIn(system);
    expect([shown.status, shown.url.pathname.startsWith('/login/')]).toEqual([502, true]);
    expect(shown.text).toContain('does not answer');
  });
});

describe('a provider that speaks for', () => {
  it.each([
    ['an organisation that is not its own', { groups: ['uhd-nurses'] }, 'None of your roles or groups has a role here'],
    ['nobody', { groups: [] }, 'None of your roles or groups has a role here'],
    ['somebody whose identity it does not give', { oid: '' }, 'did not say who you are'],
    ['somebody whose proof it does not give', { acr: 'urn:trust-me' }, 'did not say how you proved who you are'],
  ])('%s is told why no token is issued', async (_, lie, text) => {
    system.provider.said = { ...NURSE, ...lie };
    const { shown } = await signIn(system);
    expect(shown.url.searchParams.get('error')).toBe('invalid_request');
    expect(shown.url.searchParams.get('error_description')).toContain('PreTokenGeneration failed with error');
    expect(shown.url.searchParams.get('error_description')).toContain(text);
    expect(shown.url.searchParams.has('code')).toBe(false);
    expectNothingToldOf([NURSE.name, NURSE.oid]);
  });

  it('nobody who may sign in is forgotten: the next to come may be somebody else', async () => {
    system.provider.said = { ...NURSE, groups: [] };
    const { browser, app } = await signIn(system);
    expect((await browser.go(app.authorizeUrl())).text).toContain('Sign in to the shared care record');
  });

  it('more groups than the pool can hold gets nowhere', async () => {
    system.provider.said = { ...NURSE, groups: Array.from({ length: 300 }, (_, index) => `hhft-group-${index}`) };
    const { shown } = await signIn(system);
    expect(shown.url.searchParams.get('error')).toBe('invalid_request');
  });
});

describe('a state', () => {
  /** The address with which the provider sends the browser back, not followed yet. */
  async function backFromProvider() {
    const { browser, app } = visit(system);
    const chosen = await browser.ask(
      (await browser.ask(app.authorizeUrl({ identity_provider: 'hampshire' }))).headers
        .get('location')!
        .replace(/^\//, `${system.settings.baseUrl}/`),
    );
    const back = await browser.ask(chosen.headers.get('location')!);
    return { browser, app, address: back.headers.get('location')! };
  }

  it('is good for one answer', async () => {
    const { browser, address } = await backFromProvider();
    const first = await browser.ask(address);
    expect(first.status).toBe(303);
    const again = await browser.go(address);
    expect([again.status, again.text]).toEqual([400, expect.stringContaining('can no longer be continued')]);
  });

  it('is good in the browser that it was given to, and not even there after another tried', async () => {
    const { browser, address } = await backFromProvider();
    const stranger = visit(system).browser;
    const stolen = await stranger.go(address);
    expect([stolen.status, stolen.text]).toEqual([400, expect.stringContaining('can no longer be continued')]);
    expect((await browser.go(address)).status).toBe(400);
  });

  it('that was made up leads nowhere, with whatever cookie', async () => {
    const { browser, address } = await backFromProvider();
    const forged = new URL(address);
    forged.searchParams.set('state', 'made-up');
    expect((await browser.go(forged.href)).status).toBe(400);
    forged.searchParams.delete('state');
    expect((await browser.go(forged.href)).status).toBe(400);
  });

  it('of somebody else does not sign them in here', async () => {
    const attacker = await backFromProvider();
    const victim = await backFromProvider();
    const shown = await victim.browser.go(attacker.address);
    expect([shown.status, shown.text]).toEqual([400, expect.stringContaining('You are not signed in')]);
  });

  it('comes back with an error: then the app is told that nobody signed in, and nothing that the provider wrote', async () => {
    system.provider.lies = {
      back: (address) => {
        address.searchParams.delete('code');
        address.searchParams.set('error', 'access_denied');
        address.searchParams.set('error_description', '<script>alert(1)</script>');
        return address;
      },
    };
    const { shown } = await signIn(system);
    expect(Object.fromEntries(shown.url.searchParams)).toMatchObject({
      error: 'access_denied',
      error_description: 'The identity provider signed nobody in.',
    });
  });
});
