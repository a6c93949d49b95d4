import { contentOf, type OversightTable, putAll, readRange } from './items.ts';

/** Somebody in the news, say: whoever looks at their record is asked why. */
export interface Watch {
  readonly person: string;
  /** ISO 8601 instants, UTC: from inclusive, until exclusive. */
  readonly from: string;
  readonly until: string;
  /** Why, in the words of the privacy officer who asked for it. */
  readonly note: string;
  readonly staff: string;
  readonly organisation: string;
}

/** Persons whose records are watched. Entries end; none is changed. */
export interface WatchList {
  put(watch: Watch): Promise<void>;
  /** What has not ended at an instant. The list is short: people in the news, for some weeks. */
  since(at: string): Promise<readonly Watch[]>;
}

const SUBJECT = 'watch-list';

export function createWatchList(oversight: OversightTable): WatchList {
  return {
    put: async (watch) => {
      const { until, person, staff } = watch;
      await putAll(oversight, [{ subject: SUBJECT, item: `${until}#${person}#${staff}`, kind: 'watch', content: watch }]);
    },
    since: async (at) => {
      const watches: Watch[] = [];
      // The sort key begins with the end: what has ended is not even read.
      for await (const page of readRange(oversight, { subject: SUBJECT, from: at }))
        watches.push(...page.map((item) => contentOf<Watch>(item)).filter(({ until }) => at < until));
      return watches;
    },
  };
}
