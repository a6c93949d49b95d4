import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import type { DemoLogin } from '../../../infra/local/demo-file.ts';
import { browserFor, createApplication, decode, fillIn } from '../../signing-in/application.ts';
import { partnerWith } from '../actors/partner.ts';

const demo = inject('demo');
const settings = {
  baseUrl: demo.baseUrl,
  clientId: demo.apps[0]!.clientId,
  redirectUri: demo.apps[0]!.redirectUris[0]!,
};

/** Signs in without a browser's pictures. @returns where the app's page would be shown, and the app */
async function signIn(user: DemoLogin) {
  const isStaff = user.organisation !== undefined;
  const [browser, app] = [
    browserFor(settings),
    createApplication({ ...settings, scope: `openid ${isStaff ? 'user' : 'patient'}/*.rs` }),
  ];
  const page = await browser.go(app.authorizeUrl({ identity_provider: user.provider }));
  let shown = await fillIn(browser, page, user);
  const role = /name="role" value="(\d+)"/.exec(shown.text)?.[1];
  if (role !== undefined) shown = await browser.go(new URL(shown.forms[0]!, shown.url).href, { role });
  return { url: shown.url, app };
}

const isProved = ({ name }: DemoLogin) => name !== 'Jago Tarrant';

describe('everybody of the demo', () => {
  it.each(demo.users.filter(isProved).map((user) => [user.name, user] as const))(
    '%s gets a token that says who they are',
    async (_, user) => {
      const { url, app } = await signIn(user);
      const { body } = await app.exchange(url);
      const claims = decode(body.access_token!);
      const role = user.organisation === undefined ? 'person' : user.role;
      expect(claims).toMatchObject({ name: user.name, provider: user.provider, assurance: 'high' });
      expect(JSON.parse(String(claims.roles))).toEqual([
        { id: expect.any(String), organisation: user.organisation ?? 'people', role },
      ]);
      expect(Object.keys(claims)).toContain(user.organisation === undefined ? 'person' : 'staff');
      const identity = decode(body.id_token!);
      expect(identity.fhirUser).toBe(user.organisation === undefined ? `Patient/${claims.person}` : undefined);
      expect(JSON.stringify([claims, identity])).not.toMatch(/\b999\d{7}\b/);
      // Cognito adds nothing to the answer of the token endpoint.
      expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'id_token', 'refresh_token', 'token_type']);
    },
  );

  it('but who has not proved who they are', async () => {
    const { url } = await signIn(demo.users.find((user) => !isProved(user))!);
    expect(url.searchParams.get('error_description')).toContain('level P9');
  });
});

describe('one browser', () => {
  it('signs in with two providers at once: neither takes the other’s cookies for its own', async () => {
    const users = ['hampshire', 'dorset'].map((id) => demo.users.find(({ provider }) => provider === id)!);
    const [browser, app] = [browserFor(settings), createApplication(settings)];
    const pages = [];
    for (const { provider } of users) pages.push(await browser.go(app.authorizeUrl({ identity_provider: provider })));
    for (const [index, user] of users.entries()) {
      const { url } = await fillIn(browser, pages[index]!, user);
      expect(decode((await app.exchange(url)).body.access_token!)).toMatchObject({ name: user.name });
    }
  });
});

describe('somebody who signed in', () => {
  const nurse = demo.users.find(({ provider }) => provider === 'hampshire')!;

  it('goes on with tokens that the API takes as it took the first, until the session is revoked', async () => {
    const { url, app } = await signIn(nurse);
    const first = (await app.exchange(url)).body;
    const second = (await app.refresh(first.refresh_token!)).body;
    for (const { access_token } of [first, second])
      expect((await partnerWith(demo.fhirUrl, 'hhft', access_token!).get('Organization?_count=1')).status).toBe(200);
    expect(await app.revoke(second.refresh_token!)).toBe(200);
    expect((await app.refresh(second.refresh_token!)).body).toEqual({ error: 'invalid_grant' });
  });

  it('writes nothing', async () => {
    const { url, app } = await signIn(nurse);
    const { access_token } = (await app.exchange(url)).body;
    const answer = await partnerWith(demo.fhirUrl, 'hhft', access_token!).post('', { resourceType: 'Bundle', type: 'batch' });
    expect(answer.status).toBe(403);
  });
});

describe('what is logged', () => {
  it('says nothing of who signed in, with what, or how', () => {
    const folder = join(inject('dataDir'), 'logs');
    const logs = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    for (const { name, username, password } of demo.users)
      for (const text of [name, username, password, 'code_verifier', 'refresh_token'])
        expect(logs.join('\n')).not.toContain(text);
  });
});
