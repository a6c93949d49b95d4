import type { Finding } from './findings.ts';
import type { Link, LinkHead } from './link.ts';
import { type ChainTable, type OpenedDay, readLinks } from './reading.ts';

/** A day between its neighbours in the list of days. */
export interface DayInChain {
  readonly before: OpenedDay | undefined;
  readonly opened: OpenedDay;
  readonly after: OpenedDay | undefined;
}

/**
 * Goes along the links of a day, and tells of everything that is not as whoever appends leaves it. What is broken is told once: the walk goes on from the hash that stands there.
 * @returns the links that are what was written
 */
export async function* walkDay(
  chain: ChainTable,
  { before, opened, after }: DayInChain,
  onFinding: (finding: Finding) => void,
): AsyncGenerator<Link & LinkHead> {
  const { day, former } = opened;
  if (former?.day !== before?.day) onFinding({ kind: 'parted-day', day });
  let previous: string | undefined = former?.hash ?? '';
  let number = 0;
  let closed = false;
  for await (const kept of readLinks(chain, day)) {
    if (kept.number === undefined) {
      onFinding({ kind: 'broken-link', day, place: kept.key });
      continue;
    }
    if (kept.number > number + 1) {
      onFinding({ kind: 'missing-link', day, ...gap(number + 1, kept.number - 1) });
      previous = undefined;
    }
    number = kept.number;
    if (closed) onFinding({ kind: 'link-after-close', day, link: number });
    const { link, hash } = kept;
    if (link === undefined) onFinding({ kind: 'broken-link', day, link: number });
    else {
      if (previous !== undefined && link.previous !== previous) onFinding({ kind: 'foreign-link', day, link: number });
      closed ||= link.closes;
      yield { ...link, hash };
    }
    previous = hash;
  }
  if (after === undefined) return;
  if (!closed) onFinding({ kind: 'unclosed-day', day });
  else if (after.former?.day === day && after.former.hash !== previous) onFinding({ kind: 'parted-day', day: after.day });
}

/** One finding, however many are missing: whoever removes them, or forges one far behind, does not keep anybody busy. */
const gap = (link: number, upTo: number): Pick<Finding, 'link' | 'upTo'> => (link === upTo ? { link } : { link, upTo });
