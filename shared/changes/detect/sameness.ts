import { DAY_MS, spanOf } from '../../access/facts/spans.ts';
import { type Json, listAt, objectOf, textAt } from '../../fhir/grounds/look.ts';
import type { AlreadyTold } from '../row.ts';
import type { Looked } from './look.ts';

/** By what two fragments are about the same. */
export interface Sameness {
  /** Under what a fragment is found; nothing: it is like no other. Asks for the body only where the manifest does not say enough. */
  readonly keysOf: (version: Looked['version'], looked: () => Looked) => readonly string[];
  /** Under what to look for others like it. */
  readonly near: (looked: Looked) => readonly string[];
  readonly areSame: (one: Looked, other: Looked) => boolean;
  /** Types to look among. */
  readonly types: (type: string) => readonly string[];
}

const MEDICINES = ['MedicationRequest', 'MedicationStatement'];

export const SAMENESS: Readonly<Record<AlreadyTold['same'], Sameness>> = {
  stay: {
    types: (type) => [type],
    keysOf: ({ date }) => daysAround(date, 0),
    near: ({ resource }) => daysAround(resource && textAt(resource, 'period.start'), 1),
    areSame: areSameStay,
  },
  thing: {
    types: (type) => (MEDICINES.includes(type) ? MEDICINES : [type]),
    keysOf: (_, looked) => conceptKeys(looked()),
    near: conceptKeys,
    areSame: () => true,
  },
};

/** A stay: when it began and ended, and where. */
interface Stay {
  readonly fromMs: number;
  /** Later than `fromMs` where only the day is told. */
  readonly latestFromMs: number;
  readonly untilMs: number;
  readonly place?: string;
}

/** Stays that begin further apart than this are two. */
const APART_MS = DAY_MS / 2;

/** The day on which a stay began, with so many on either side. */
function daysAround(start: string | undefined, around: number): readonly string[] {
  const span = start === undefined ? undefined : spanOf(start);
  if (span === undefined) return [];
  const day = Math.floor(span.fromMs / DAY_MS);
  return Array.from({ length: 2 * around + 1 }, (_, index) => String(day - around + index));
}

function areSameStay(one: Looked, other: Looked): boolean {
  const [a, b] = [stayOf(one.resource), stayOf(other.resource)];
  if (a === undefined || b === undefined) return false;
  const overlap = a.fromMs <= b.untilMs && b.fromMs <= a.untilMs;
  const beganTogether = a.fromMs - b.latestFromMs <= APART_MS && b.fromMs - a.latestFromMs <= APART_MS;
  return overlap && beganTogether && mayBeSamePlace(a.place, b.place);
}

/** A site's code begins with that of its organisation (ODS). */
const mayBeSamePlace = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one.startsWith(other) || other.startsWith(one);

const stays = new WeakMap<Json, Stay | 'none'>();

/** Read once, for one stay may be compared with many. */
function stayOf(resource: Json | undefined): Stay | undefined {
  if (resource === undefined) return undefined;
  const known = stays.get(resource) ?? readStay(resource) ?? 'none';
  stays.set(resource, known);
  return known === 'none' ? undefined : known;
}

function readStay(resource: Json): Stay | undefined {
  const start = spanOf(textAt(resource, 'period.start') ?? '');
  if (start === undefined) return undefined;
  const end = spanOf(textAt(resource, 'period.end') ?? '');
  const times = { fromMs: start.fromMs, latestFromMs: start.untilMs, untilMs: end?.untilMs ?? Number.POSITIVE_INFINITY };
  const place = textAt(resource, 'serviceProvider.identifier.value');
  return place === undefined ? times : { ...times, place: place.toUpperCase() };
}

/** Elements that say what a thing is. */
const CONCEPTS = ['code', 'medicationCodeableConcept'];

/** Its codes; where it has none, its words, or what it points at. */
function conceptKeys({ resource = {} }: Looked): readonly string[] {
  const concepts = CONCEPTS.map((name) => objectOf(resource[name])).filter((concept) => concept !== undefined);
  const codes = concepts.flatMap((concept) =>
    listAt(concept, 'coding').flatMap(({ system, code }) => (typeof code === 'string' ? `${system}|${code}` : [])),
  );
  if (codes.length > 0) return codes;
  const words = concepts.map((concept) => textAt(concept, 'text')?.trim().toLowerCase());
  return [...words, textAt(resource, 'medicationReference.reference')].filter((text) => text !== undefined);
}
