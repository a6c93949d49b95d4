import type { LookRule } from '../look.ts';

/** People in the news, put on the watch-list by a privacy officer. */
export const watched: LookRule = {
  name: 'watched',
  title: 'Somebody looked at a record that is watched',
  finds: (_, facts) => facts.watched,
};
