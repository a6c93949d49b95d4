import type { Issue } from '../../../../shared/fhir/outcomes.ts';
import type { Json } from '../../../../shared/fhir/references.ts';

/** What a source says of when a resource last changed, as far as it can order what arrives. */
export interface SourceOrder {
  /** `meta.lastUpdated`, no later than now. */
  readonly sourceTime?: string;
  /** `meta.versionId`. */
  readonly sourceVersion?: string;
  readonly notes: readonly Issue[];
}

/** Clocks of partners are wrong by minutes; by a day they say something else than the time. */
const MOST_AHEAD_MS = 24 * 3_600_000;

/**
 * Reads the order of a source from `meta`. A time ahead of now would make every later correction a late arrival: up to a day it counts as
 * now, and the answer says so; further ahead it is refused.
 * @param at expression of the resource. @param now ISO 8601 instant.
 */
export function readSourceOrder(resource: Json, at: string, now: string): SourceOrder | { readonly issues: readonly Issue[] } {
  const { lastUpdated, versionId } = (resource.meta ?? {}) as Json;
  const nowMs = Date.parse(now);
  const ahead = (instantMs: number | undefined) => (instantMs ?? Number.NEGATIVE_INFINITY) - nowMs;
  const timeAheadMs = ahead(typeof lastUpdated === 'string' ? Date.parse(lastUpdated) : undefined);
  const versionAheadMs = ahead(typeof versionId === 'string' ? instantOfVersion(versionId) : undefined);
  const issues: Issue[] = [
    ...(timeAheadMs > MOST_AHEAD_MS ? [{ code: 'time-far-ahead' as const, expression: `${at}.meta.lastUpdated` }] : []),
    ...(versionAheadMs > MOST_AHEAD_MS ? [{ code: 'time-far-ahead' as const, expression: `${at}.meta.versionId` }] : []),
  ];
  if (issues.length > 0) return { issues };
  return {
    ...(typeof lastUpdated === 'string' ? { sourceTime: timeAheadMs > 0 ? now : lastUpdated } : {}),
    ...(typeof versionId === 'string' && !(versionAheadMs > 0) ? { sourceVersion: versionId } : {}),
    notes: [
      ...(timeAheadMs > 0 ? [{ code: 'time-ahead' as const, expression: `${at}.meta.lastUpdated` }] : []),
      ...(versionAheadMs > 0 ? [{ code: 'time-ahead' as const, expression: `${at}.meta.versionId` }] : []),
    ],
  };
}

/** Version ids that are a time: `20260301`, `20260301103000` with more digits for milliseconds; seconds or milliseconds since 1970. */
const CALENDAR = /^(\d{4})-?(\d{2})-?(\d{2})(?:[T-]?(\d{2})-?(\d{2})(?:-?(\d{2})\d{0,6})?)?Z?$/;
const SECONDS = /^\d{10}$/;
const MILLISECONDS = /^\d{13}$/;

/** Milliseconds since 1970 of a version id that is a time; `undefined` for a number that only counts. */
function instantOfVersion(version: string): number | undefined {
  if (SECONDS.test(version)) return Number(version) * 1_000;
  if (MILLISECONDS.test(version)) return Number(version);
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = CALENDAR.exec(version) ?? [];
  if (year === undefined) return undefined;
  const instantMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(instantMs) || Number(year) < FIRST_YEAR ? undefined : instantMs;
}

/** Numbers of eight digits that are no dates count; no source of ours is older than this. */
const FIRST_YEAR = 1970;
