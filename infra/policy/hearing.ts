import type { Asking } from './asking.ts';
import type { Table } from './tables.ts';
import { MARKINGS } from './words.ts';

const KINDS: readonly (readonly [string, Parameters<Asking['hearsWhatFollows']>[0]])[] = [
  ['nothing sensitive', { section: 'problems' }],
  ['safeguarding', { section: 'safeguarding' }],
  ...Object.entries(MARKINGS).map(([marking, title]) => [title, { section: 'problems', marking }] as const),
  ['of a person who has opted out', { section: 'problems', person: { optedOut: true } }],
  ['of a person who is restricted', { section: 'problems', person: { restricted: true } }],
  ['of a person who has died', { section: 'problems', person: { deceased: true } }],
];

/** Whether a system hears of a change to what another organisation contributed: while it cares for the person, and once it does no longer. */
export const hearingTable = ({ sees, hearsWhatFollows }: Asking): Table => [
  ['what changed', 'it cares for the person', 'it did, and could see it until the change'],
  ...KINDS.map(([title, question]) => [
    title,
    sees({ ...question, role: 'system', reasons: ['encounter'] }) ? 'yes' : '',
    hearsWhatFollows(question) ? 'yes' : '',
  ]),
];
