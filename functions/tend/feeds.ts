import type { OrganisationChange } from '../../shared/changes/organisation-events.ts';
import { type AgreedFeed, type FeedState, newsOf } from '../../shared/signals/freshness.ts';
import { announce } from './announcing.ts';
import type { Run, TendDependencies } from './context.ts';
import { FEED_IS_STALE } from './messages.ts';

/** Where how fresh sources are can be read. */
const REFERENCE = 'Organization/$feeds';
const NEVER_SEEN: FeedState = { told: 0 };

/**
 * Tells every partner which sources are silent for longer than agreed, and which are back: of each silence once.
 * It is told before it is noted as told: what is told twice, in a crash between, is told with the same id.
 */
export async function tendFeeds(dependencies: TendDependencies, run: Run): Promise<void> {
  const { feeds, log } = dependencies;
  const watched = dependencies.agreed.filter((feed) => isPartner(dependencies, feed, run.at));
  const states = await feeds.states(watched.map(({ organisation }) => organisation));
  for (const feed of watched) {
    const state = states.get(feed.organisation) ?? NEVER_SEEN;
    if (state.watchedFrom === undefined) await feeds.watch(feed.organisation, run.at);
    const news = newsOf(feed, state, run.at);
    if (news === undefined) continue;
    await announce(dependencies, run, changeOf(dependencies, feed, news, run.at));
    await feeds.told(feed.organisation, state, { silence: news.name === 'feed-stale' ? news.from : undefined });
    log.warn(news.name === 'feed-stale' ? FEED_IS_STALE : 'a feed has resumed', { organisation: feed.organisation });
  }
}

/** Nobody waits to hear from an organisation that has merged into another, or left. */
const isPartner = ({ directory }: TendDependencies, { organisation }: AgreedFeed, at: string): boolean =>
  directory.standing(organisation, at)?.id === organisation;

/** Days for which a merger is news: longer than this function is ever down. */
const NEWS_DAYS = 7;
const DAY_MS = 24 * 3_600_000;

/** Tells every partner, on the day, that an organisation has taken over another. */
export async function tendMergers(dependencies: TendDependencies, run: Run): Promise<void> {
  const { directory, feeds, log } = dependencies;
  const today = run.at.slice(0, 10);
  const since = new Date(Date.parse(today) - NEWS_DAYS * DAY_MS).toISOString().slice(0, 10);
  const merged = directory.organisations.flatMap(({ id, successors }) =>
    successors.filter(({ on }) => since < on && on <= today).map((successor) => ({ id, ...successor })),
  );
  if (merged.length === 0) return;
  const states = await feeds.states([...new Set(merged.map(({ id }) => id))]);
  for (const { id, organisation: successor, on } of merged) {
    const state = states.get(id) ?? NEVER_SEEN;
    if (state.mergedInto === successor) continue;
    const news = { name: 'organisation-merged', from: `${on} ${successor}`, at: `${on}T00:00:00.000Z` } as const;
    await announce(dependencies, run, changeOf(dependencies, { organisation: id }, news, run.at));
    await feeds.told(id, state, { mergedInto: successor });
    log.info('an organisation has merged into another', { organisation: id });
  }
}

const changeOf = (
  { directory }: TendDependencies,
  { organisation }: Pick<AgreedFeed, 'organisation'>,
  { name, from, at }: { readonly name: OrganisationChange['name']; readonly from: string; readonly at: string },
  now: string,
): OrganisationChange => ({
  name,
  organisation,
  at,
  occasion: from,
  reference: REFERENCE,
  audience: directory.organisations.flatMap(({ id }) => directory.standing(id, now)?.id ?? []),
});
