import { type Refusal, refuse } from '../../shared/fhir/outcomes.ts';
import { NHS_NUMBER } from '../../shared/fhir/systems.ts';
import { identifierKey, type NameReading, namesOf, type Operation, personKeys, type Target } from './decision/names/operation.ts';
import { nhsNumbersOf } from './decision/names/patient-names.ts';
import { queryTarget } from './decision/names/read-resource.ts';

/** Persons that one request may be about: each costs look-ups and a contribution of its own. */
const MAX_PERSONS = 500;
/** Persons that it may name beside them, such as relatives: each costs a look-up. */
const MAX_NAMED = 2_000;

/**
 * Refuses a request about too many persons before any of them is looked up. Persons are counted by what the request calls
 * them: a Patient by its number or identifiers, and by the entries that refer to it.
 */
export function refuseManyPersons(operations: readonly Operation[], reading: NameReading): Refusal | undefined {
  const nameOf = namesOfPatients(operations, reading.now);
  const about = new Set(nameOf.values());
  const named = new Set<string>();
  const nameBy = (text: unknown, target: Target): string | undefined => {
    const [key] = personKeys(target);
    return (typeof text === 'string' ? nameOf.get(text) : undefined) ?? (key && (nameOf.get(key) ?? key));
  };
  for (const { interaction, slots } of operations) {
    const { condition, id, type } = interaction;
    const asked = condition?.person === undefined ? undefined : nameBy(undefined, queryTarget(condition.person, reading));
    const [addressed] = id === undefined ? [] : personKeys({ kind: 'literal', type, id });
    for (const person of [asked, addressed]) if (person !== undefined) about.add(nameOf.get(person) ?? person);
    for (const { given, property, target, subjectRank } of slots) {
      const person = nameBy(given[property], target);
      if (person !== undefined) (subjectRank === undefined ? named : about).add(person);
    }
  }
  const isFew = about.size <= MAX_PERSONS && named.size <= MAX_NAMED;
  return isFew ? undefined : refuse('too-many-persons', { expression: 'Bundle.entry' });
}

/** One name for each Patient of the request, by everything that other entries may call it. */
function namesOfPatients(operations: readonly Operation[], now: string): ReadonlyMap<string, string> {
  const nameOf = new Map<string, string>();
  for (const operation of operations) {
    const { type, resource } = operation.interaction;
    if (type !== 'Patient' || resource === undefined) continue;
    const numbers = nhsNumbersOf(resource, now).map((value) => identifierKey({ system: NHS_NUMBER, value }));
    const names = [...numbers, ...operation.patientNumbers.map(identifierKey), ...namesOf(operation)];
    const known = names.map((name) => nameOf.get(name)).find((name) => name !== undefined);
    const one = known ?? names[0] ?? `#${operation.index}`;
    for (const name of [one, ...names]) nameOf.set(name, one);
  }
  return nameOf;
}
