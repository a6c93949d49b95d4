import { html, page } from '../../pages/page.ts';
import { roleIdOf } from './claims.ts';
import type { SmartcardHolder } from './users.ts';

interface Service {
  /** What the provider is called. */
  readonly service: string;
}

interface SignIn extends Service {
  readonly uid: string;
  readonly username?: string;
  readonly isWrong?: boolean;
}

const NOTE = 'A made-up identity provider of the demo';

/** A plain sign-in page. */
export const signInPage = ({ service, uid, username = '', isWrong = false }: SignIn): string =>
  page({
    service,
    note: NOTE,
    title: isWrong ? 'Error: sign in' : 'Sign in',
    content: html`
<h1>Sign in</h1>
<form method="post" action="/sign-in/${uid}">
  ${isWrong && html`<p class="error" id="error" role="alert"><strong>Error:</strong> User name or password is wrong.</p>`}
  <label for="username">User name</label>
  <input id="username" name="username" value="${username}" autocomplete="username" autocapitalize="none" spellcheck="false" required>
  <label for="password">Password</label>
  <input id="password" name="password" type="password" autocomplete="current-password" required>
  <button>Sign in</button>
</form>
<p class="hint">User names and passwords stand in <code>demo.json</code> in the data folder.</p>`,
  });

interface Roles extends Service {
  readonly uid: string;
  readonly user: SmartcardHolder;
  readonly nameOf: (organisation: string) => string;
}

/** Somebody with several roles says in which one they work now. */
export const rolePage = ({ service, uid, user, nameOf }: Roles): string =>
  page({
    service,
    note: NOTE,
    title: 'Choose your role',
    content: html`
<h1>Choose your role</h1>
<p>You are signed in as ${user.name}. In which role do you work now?</p>
<form method="post" action="/sign-in/${uid}">
  <ul class="choices">
    ${user.roles.map(
      (role) =>
        html`<li><button name="role" value="${roleIdOf(user, role)}"><b>${nameOf(role.organisation)}</b><span>${role.title}</span></button></li>`,
    )}
  </ul>
</form>`,
  });

/** @param message static text; no page repeats what was sent */
export const errorPage = (service: string, message: string): string =>
  page({ service, note: NOTE, title: 'You are not signed in', content: html`<h1>You are not signed in</h1><p>${message}</p>` });
