import { writeFileSync } from 'node:fs';
import { eventsDocument } from './document.ts';
import { DOCUMENT } from './problems.ts';

/** `npm run events`: writes down what organisations can hear of, as the catalogue says it now. */
writeFileSync(DOCUMENT, eventsDocument());
