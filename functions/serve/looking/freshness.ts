import type { Directory } from '../../../shared/directory/directory.ts';
import type { Issue } from '../../../shared/fhir/outcomes.ts';
import type { Log } from '../../../shared/lambda/logger.ts';
import { type Fragment, isRetracted } from '../../../shared/record/fold.ts';
import { type AgreedFeed, type FeedState, type Silence, staleAt } from '../../../shared/signals/freshness.ts';
import type { Feeds } from '../../../shared/store/signals/feeds.ts';
import type { ServeDependencies, ServeRequest } from '../context.ts';
import type { Look } from './look.ts';

/** How fresh what a source tells is. */
export interface SourceFreshness {
  /** Internal id of the organisation, as fragments are tagged with it. */
  readonly organisation: string;
  readonly name: string;
  /** ISO 8601 instant at which it was last heard from. */
  readonly lastAt?: string;
  readonly everyMinutes?: number;
  /** Present while it is silent for longer than agreed. */
  readonly silence?: Silence;
  /** Who has taken over from it. */
  readonly successor?: string;
}

/** How fresh sources are. Never fails: what cannot be read is not said. */
export interface Freshness {
  /**
   * Every organisation of the directory, at an instant.
   * @param atOnce whoever asks for nothing else is not told what was read half a minute ago
   */
  sources(at: string, atOnce?: boolean): Promise<readonly SourceFreshness[]>;
}

export interface FreshnessDependencies {
  readonly feeds: Pick<Feeds, 'states'>;
  readonly agreed: readonly AgreedFeed[];
  readonly directory: Directory;
  readonly log: Log;
  readonly now: () => Date;
  /** How long a look at a record waits for it. */
  readonly patienceMs?: number;
}

/** Feeds are noted once a minute. */
const REMEMBERED_MS = 30_000;
/** Enough for the first call of a new process. */
const PATIENCE_MS = 1_000;

/** Reads feeds at most every half minute, but for whoever asks for them. */
export function createFreshness(dependencies: FreshnessDependencies): Freshness {
  const { feeds, agreed, directory, log, now, patienceMs = PATIENCE_MS } = dependencies;
  const organisations = directory.organisations.map(({ id }) => id);
  const agreedOf = new Map(agreed.map((feed) => [feed.organisation, feed]));
  let known: ReadonlyMap<string, FeedState> = new Map();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  const read = async () => {
    readAtMs = now().getTime();
    try {
      known = await feeds.states(organisations, { signal: AbortSignal.timeout(patienceMs) });
    } catch (error) {
      log.warn('how fresh feeds are could not be read', { error });
    }
  };

  return {
    sources: async (at, atOnce = false) => {
      if (reading === undefined && (atOnce || now().getTime() - readAtMs >= REMEMBERED_MS))
        reading = read().finally(() => {
          reading = undefined;
        });
      await reading;
      return organisations.map((id) => freshnessOf(id, known.get(id), agreedOf.get(id), directory, at));
    },
  };
}

function freshnessOf(
  organisation: string,
  state: FeedState | undefined,
  agreed: AgreedFeed | undefined,
  directory: Directory,
  at: string,
): SourceFreshness {
  const current = directory.current(organisation, at)?.id;
  const successor = current === organisation ? undefined : current;
  // Nobody waits to hear from an organisation that is no more.
  const silence = successor === undefined && agreed && state ? staleAt(agreed, state, at) : undefined;
  return {
    organisation,
    name: directory.nameAt(organisation, at) ?? organisation,
    ...(state?.lastAt === undefined ? {} : { lastAt: state.lastAt }),
    ...(agreed === undefined ? {} : { everyMinutes: agreed.everyMinutes }),
    ...(silence === undefined ? {} : { silence }),
    ...(successor === undefined ? {} : { successor }),
  };
}

/**
 * The stale ones among the sources of what a viewer sees of a record, whichever part of it they ask for: that no allergy is found means little when the practice is not heard
 * from. A source that has told nothing which they may see is not named, for that would tell that it knows the person; nor is that of what is shown without whereabouts.
 * Whoever has taken over from a source tells what that would tell now.
 */
export function staleSources(
  { directory }: Pick<ServeDependencies, 'directory'>,
  { at }: Pick<ServeRequest, 'at'>,
  look: Look,
  sources: readonly SourceFreshness[],
): readonly SourceFreshness[] {
  const stale = sources.filter(({ silence }) => silence !== undefined);
  if (stale.length === 0) return [];
  const shown = new Set([...ownersShown(look)].map((owner) => directory.current(owner, at)?.id));
  return stale.filter(({ organisation }) => shown.has(organisation));
}

const remembered = new WeakMap<readonly Fragment[], ReadonlySet<string>>();

/** Found once for each list: views are remembered, and so the same list comes again. */
function ownersShown({ visible, view, decisions }: Look): ReadonlySet<string> {
  let shown = remembered.get(visible);
  if (shown === undefined) {
    const whole = visible.filter((each) => !isRetracted(each) && decisions[view.classOf(each)] === 'shown');
    shown = new Set(whole.map(({ owner }) => owner));
    remembered.set(visible, shown);
  }
  return shown;
}

/** What an answer says of sources that are stale. */
export const staleIssues = (sources: readonly SourceFreshness[]): readonly Issue[] =>
  sources.flatMap(({ organisation, name, lastAt, everyMinutes, silence }) => {
    if (silence === undefined) return [];
    const heard = lastAt === undefined ? `never heard from, watched since ${silence.from}` : `last heard from at ${lastAt}`;
    const told = `${name} (${organisation}): ${heard}; agreed is every ${everyMinutes} minutes.`;
    return [{ code: 'source-stale', diagnostics: told }];
  });
