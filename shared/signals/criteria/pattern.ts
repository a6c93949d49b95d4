import { UNTOLD } from '../../changes/announcement.ts';
import { EVENT_SOURCE } from '../../changes/envelope.ts';
import { type Choice, facetsOf } from './choices.ts';
import type { Facet } from './criteria.ts';

/** EventBridge quotas, "Event pattern size". */
export const MOST_PATTERN_CHARACTERS = 2_048;

/** Of whom it is not told where they are, every filter by place lets through: none tells by what is missing. */
const TELLS_WHERE: ReadonlySet<Facet> = new Set<Facet>(['source', 'generalpractitioner']);

type Values = Readonly<Record<string, readonly string[]>>;

/**
 * The pattern of an EventBridge rule, as JSON: always the same for the same alternatives.
 * @param audience ids of which one must be among those that may hear of the event
 * @param choices alternatives, at least one
 */
export function patternText(audience: readonly string[], choices: readonly Choice[]): string {
  const routing = routingOf(choices);
  return JSON.stringify({
    source: [EVENT_SOURCE],
    detail: { audience: [...audience].sort(), ...(Object.keys(routing).length === 0 ? {} : { routing }) },
  });
}

function routingOf(choices: readonly Choice[]): Readonly<Record<string, unknown>> {
  const written = choices.map(valuesOf);
  const [first = {}] = written;
  if (written.length <= 1) return first;
  // What all alternatives ask for is said once: a pattern has little room.
  const common = Object.keys(first).filter((facet) => written.every((values) => String(values[facet]) === String(first[facet])));
  const rest = written.map((values) => Object.fromEntries(Object.entries(values).filter(([facet]) => !common.includes(facet))));
  const sorted = rest.map((values) => JSON.stringify(values)).sort();
  return {
    ...Object.fromEntries(common.map((facet) => [facet, first[facet]])),
    $or: sorted.map((text) => JSON.parse(text)),
  };
}

const valuesOf = (choice: Choice): Values =>
  Object.fromEntries(
    facetsOf(choice).map((facet) => [facet, [...choice[facet]!, ...(TELLS_WHERE.has(facet) ? [UNTOLD] : [])].sort()]),
  );
