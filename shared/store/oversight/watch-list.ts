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
  /** Everybody who is watched at an instant. The list is short: people in the news, for some weeks. */
  watched(at: string): Promise<ReadonlySet<string>>;
}

const SUBJECT = 'watch-list';

export function createWatchList(oversight: OversightTable): WatchList {
  return {
    put: async (watch) => {
      await putAll(oversight, [
        { subject: SUBJECT, item: `${watch.until}#${watch.person}#${watch.staff}`, kind: 'watch', content: watch },
      ]);
    },
    watched: async (at) => {
      const persons = new Set<string>();
      // The sort key begins with the end: what has ended is not even read.
      for await (const page of readRange(oversight, { subject: SUBJECT, from: at }))
        for (const { person, from, until } of page.map((item) => contentOf<Watch>(item)))
          if (from <= at && at < until) persons.add(person);
      return persons;
    },
  };
}
