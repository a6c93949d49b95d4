import { html, page } from '../../../pages/page.ts';
import type { ProviderSettings } from '../pool/settings.ts';
import type { Page } from './answer.ts';

interface Choices {
  /** Of the authorization request that waits. */
  readonly uid: string;
  readonly providers: readonly ProviderSettings[];
  /** Whether an e-mail address was entered whose domain belongs to no provider. */
  readonly isUnknown: boolean;
}

/** The page on which somebody says where they sign in: by their e-mail address, or from the list. */
export function signInPage({ uid, providers, isUnknown }: Choices): Page {
  const error = html`<p class="error" id="email-error"><strong>Error:</strong> No organisation here uses this e-mail domain.</p>`;
  const byAddress = providers.some(({ identifiers }) => identifiers.length > 0);
  const body = page({
    title: `${isUnknown ? 'Error: ' : ''}Sign in to the shared care record`,
    content: html`
<h1>Sign in to the shared care record</h1>
${
  byAddress &&
  html`
<form method="post" action="/login/${uid}">
  <label for="email">Your work e-mail address</label>
  <p class="hint" id="email-hint">Only what follows the @ is looked at, to find where you sign in.</p>
  ${isUnknown && error}
  <input id="email" name="email" type="email" autocomplete="email" spellcheck="false" required
    aria-describedby="email-hint${isUnknown ? ' email-error' : ''}">
  <button>Continue</button>
</form>
<h2>Or choose where you sign in</h2>`
}
<form method="post" action="/login/${uid}">
  <ul class="choices by-id">
    ${providers.map(
      ({ name, identifiers }) =>
        html`<li><button name="provider" value="${name}"><b>${name}</b><span>${identifiers.filter(isDomain).join(', ')}</span></button></li>`,
    )}
  </ul>
</form>`,
  });
  return { status: isUnknown ? 422 : 200, body };
}

/** Providers are found by organisations too, but nobody knows those by their ids. */
const isDomain = (identifier: string): boolean => identifier.includes('.');
