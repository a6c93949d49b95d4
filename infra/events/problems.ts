import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventsDocument } from './document.ts';

export const DOCUMENT = fileURLToPath(new URL('../../docs/events.md', import.meta.url));

/** What is wrong with the document that tells of events. */
export const problemsOfEvents = (): readonly string[] =>
  readFileSync(DOCUMENT, 'utf8') === eventsDocument()
    ? []
    : ['docs/events.md does not say what the catalogue says: run `npm run events`'];
