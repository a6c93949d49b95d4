import { html, page } from '../../../pages/page.ts';
import type { Page } from './answer.ts';

/** What a page says of why signing in does not go on. No page repeats what was sent. */
const REFUSALS: Readonly<Record<string, { readonly status: number; readonly text: string }>> = {
  expired: {
    status: 400,
    text: 'This sign-in can no longer be continued. It took too long, was used already, or was begun in another browser.',
  },
  'provider-unreachable': { status: 502, text: 'Your organisation’s sign-in service does not answer. Try again in a minute.' },
  'no-room': {
    status: 503,
    text: 'The disk of this machine is full, so no sign-in can be remembered. Try again when there is room.',
  },
  'invalid-logout': { status: 400, text: 'The address to go to after signing out is not one of this application’s.' },
  invalid_redirect_uri: { status: 400, text: 'The address to come back to is not one of this application’s.' },
  invalid_client: { status: 400, text: 'This application is not known here.' },
};

const OTHERWISE = { status: 400, text: 'The request to sign in was not understood.' };

/** @param reason a reason of ours, or an OAuth error code */
export function refusalPage(reason: string): Page {
  const { status, text } = Object.hasOwn(REFUSALS, reason) ? REFUSALS[reason]! : OTHERWISE;
  const body = page({
    title: 'You are not signed in',
    content: html`<h1>You are not signed in</h1><p>${text}</p><p>Go back to the application that you came from, and begin again.</p>`,
  });
  return { status, body };
}
