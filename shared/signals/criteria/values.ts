import { CATALOGUE } from '../../changes/catalogue.ts';
import { ORGANISATION_CHANGES } from '../../changes/organisation-events.ts';
import type { Directory } from '../../directory/directory.ts';
import { familyOf } from '../../directory/families.ts';
import { SECTIONS } from '../../fhir/sections.ts';
import type { Facet } from './criteria.ts';
import { nearestOf } from './nearest.ts';
import { organisationsNamed } from './organisations.ts';

/** What the routing of events holds for a value; or what is wrong with the value. */
export type Meaning = readonly string[] | { readonly says: string };

/** How the value of each facet is read. */
export const MEANINGS: Readonly<Record<Facet, (value: string, directory: Directory) => Meaning>> = {
  eventType: eventTypeOf,
  generalpractitioner: practiceOf,
  source: sourceOf,
  urgency: (value) => oneOf(URGENCIES, value, 'The urgencies are A, B, C and D.'),
  section: (value) => oneOf(Object.keys(SECTIONS), value, 'No section of the record has this name.'),
};

const URGENCIES = ['A', 'B', 'C', 'D'];
/** Every event type, with the version in which it is told: changes to records, and what is told of organisations. */
const VERSIONS: ReadonlyMap<string, number> = new Map(
  Object.entries({ ...CATALOGUE, ...ORGANISATION_CHANGES }).map(([name, { version }]) => [name, version]),
);
const PREFIX = 'uk.chesil.';

/** An ODS code, as practices have that are no partners. */
const ODS_CODE = /^[A-Za-z0-9]{3,10}$/;

/** `admitted`, `admitted-1` as the Multicast Notification Service writes them, or `uk.chesil.admitted.1` as events have it. */
function eventTypeOf(value: string): Meaning {
  if (VERSIONS.has(value)) return [value];
  const [, whole = '', version] = /^(.+)[.-](\d{1,3})$/.exec(value) ?? [];
  const name = whole.startsWith(PREFIX) ? whole.slice(PREFIX.length) : whole;
  const told = VERSIONS.get(name);
  if (told === undefined)
    return { says: `There is no such event type. ${hint(name || value, [...VERSIONS.keys()])}docs/events.md lists them.` };
  return told === Number(version) ? [name] : { says: `This event type has no such version: it is told in version ${told}.` };
}

function practiceOf(value: string, directory: Directory): Meaning {
  const partners = organisationsNamed(directory, value);
  if (partners.length > 0) return familyOf(directory, partners);
  return ODS_CODE.test(value) ? [value.toUpperCase()] : { says: 'A practice is named by its ODS code, such as A81001.' };
}

function sourceOf(value: string, directory: Directory): Meaning {
  const partners = organisationsNamed(directory, value);
  if (partners.length > 0) return familyOf(directory, partners);
  const ids = directory.organisations.map(({ id }) => id);
  return { says: `No partner has this ODS code, GSS code or id. ${hint(value, ids)}` };
}

function oneOf(names: readonly string[], value: string, says: string): Meaning {
  return names.includes(value) ? [value] : { says: `${says} ${hint(value, names)}` };
}

/** Shows the name that was meant, if one is near. */
export function hint(word: string, names: readonly string[]): string {
  const nearest = nearestOf(word, names);
  return nearest === undefined ? '' : `Did you mean ${nearest}? `;
}
