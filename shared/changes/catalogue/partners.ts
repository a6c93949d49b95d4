import type { ChangeType } from '../row.ts';

const partner = { version: 1, theme: 'Organisations, feeds and subscriptions' } as const;

/** What happens outside anybody's record: `organisation-events.ts` tells of it. */
export const PARTNER_ROWS = {
  'organisation-merged': {
    ...partner,
    urgency: 'D',
    subject: 'organisation',
    meaning: 'An organisation has merged into another: what was its is that one’s from now on.',
    told: ['every-organisation'],
    raisedBy: [{ on: 'outside', by: 'a successor in the directory, from the day of the merger' }],
  },
  'feed-stale': {
    ...partner,
    urgency: 'B',
    subject: 'feed',
    meaning:
      'Nothing has come from a source for longer than was agreed: that nothing is heard does not mean that nothing has happened.',
    told: ['operators-and-viewers'],
    raisedBy: [{ on: 'outside', by: 'the last contribution of a source, against its agreed rhythm' }],
  },
  'feed-resumed': {
    ...partner,
    urgency: 'B',
    subject: 'feed',
    meaning: 'A source that had fallen silent is sending again.',
    told: ['operators-and-viewers'],
    corrects: ['feed-stale'],
    raisedBy: [{ on: 'outside', by: 'the first contribution of a source that was stale' }],
  },
  'subscription-ended': {
    ...partner,
    urgency: 'A',
    subject: 'organisation',
    meaning: 'A subscription was ended by us: nothing more is sent to it.',
    told: ['owner'],
    raisedBy: [{ on: 'outside', by: 'three days of failing deliveries, or an endpoint that answers 410' }],
  },
} as const satisfies Readonly<Record<string, ChangeType>>;
