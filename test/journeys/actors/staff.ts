import type { DemoFile } from '../../../infra/local/demo-file.ts';
import type { Role } from '../../../shared/access/roles.ts';
import { browserFor, createApplication, fillIn } from '../../signing-in/application.ts';
import { type Partner, partnerWith } from './partner.ts';

/** Signs a member of staff in through their own provider, as an app in a browser does it: authorization code with PKCE. */
export function signInStaff(demo: DemoFile, organisation: string, role: Role): Promise<Partner> {
  const user = demo.users.find((each) => each.organisation === organisation && each.role === role);
  if (user === undefined) throw new Error(`${organisation} has no ${role} in the demo`);
  return signInUser(demo, user, 'openid user/*.rs');
}

/** Signs a member of the public in with NHS login. */
export function signInCitizen(demo: DemoFile, name: string): Promise<Partner> {
  const user = demo.users.find((each) => each.name === name);
  if (user === undefined) throw new Error(`nobody in the demo is called ${name}`);
  return signInUser(demo, user, 'openid patient/*.rs');
}

async function signInUser(demo: DemoFile, user: DemoFile['users'][number], scope: string): Promise<Partner> {
  const app = demo.apps[0];
  if (app === undefined) throw new Error('the demo has no app');
  const settings = { baseUrl: demo.baseUrl, clientId: app.clientId, redirectUri: app.redirectUris[0]!, scope };
  const [browser, application] = [browserFor(settings), createApplication(settings)];
  const shown = await browser.go(application.authorizeUrl({ identity_provider: user.provider }));
  const { url } = await fillIn(browser, shown, user);
  if (!url.searchParams.has('code')) throw new Error(`signing in was refused: ${url.searchParams.get('error_description')}`);
  const { status, body } = await application.exchange(url);
  if (status !== 200) throw new Error(`the token endpoint answered ${status}`);
  return partnerWith(demo.fhirUrl, user.organisation ?? 'people', body.access_token!);
}
