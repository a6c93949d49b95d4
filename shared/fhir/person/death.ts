import { type Element, elementsOf, propertiesOf } from './elements.ts';
import { freshnessMs, type PatientSource } from './source.ts';

const ELEMENT = 'deceased[x]';

/**
 * Whether the person has died. Showing a living person as dead and a dead one as living both do harm, so:
 * - silence says nothing: most sources never send `deceased`, whatever happened;
 * - a source that says "died" is believed, however little it is trusted otherwise, for a death is known first where it happens …
 * - … unless an open source that is trusted at least as much has said "not deceased" since (a death recorded in error and taken back);
 * - of several that say "died", the most trusted one that gives a time is shown; if none does, the most trusted;
 * - "not deceased" is shown when somebody says so and nobody's "died" stands.
 * @param ranked most trusted first
 */
export function deathOf(ranked: readonly PatientSource[]): Element[] {
  const stated = ranked.filter(({ resource }) => propertiesOf(ELEMENT, resource).length > 0);
  const denials = stated.filter(({ resource }) => resource.deceasedBoolean === false);
  const deaths = stated.filter((source, rank) => !denials.includes(source) && !isTakenBack(source, rank, stated));
  const shown = deaths.find(({ resource }) => 'deceasedDateTime' in resource) ?? deaths[0] ?? denials[0];
  return shown === undefined ? [] : elementsOf(ELEMENT, propertiesOf(ELEMENT, shown.resource), shown);
}

const isTakenBack = (death: PatientSource, rank: number, stated: readonly PatientSource[]): boolean =>
  stated.some(
    (source, other) =>
      source.resource.deceasedBoolean === false &&
      source.resource.active !== false &&
      (other < rank || source.contributor.trust === death.contributor.trust) &&
      freshnessMs(source) > freshnessMs(death),
  );
