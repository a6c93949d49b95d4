import type { Json, PatientSource } from './source.ts';

/** Says, on `Patient.deceased[x]`, who alone has reported a death. */
export const REPORTED_BY = 'urn:chesil:reported-by';

/** What is said of statements that only stand by the word of their source. */
export interface Stands {
  readonly deathConfirmed: boolean;
  readonly contestedDeaths: ReadonlySet<string>;
}

const DEATH = ['deceasedBoolean', 'deceasedDateTime'] as const;

/**
 * A contributor's Patient as it goes into the folded person: without practices that are only claimed, and without a death that was contested;
 * a death that only it has reported bears its name.
 * @returns the same object where nothing is to be changed
 */
export function asShown(source: PatientSource, stands: Stands, isEstablished: (practice: Json) => boolean): Json {
  return withDeath(source, stands, withPractices(source.resource, isEstablished));
}

function withPractices(resource: Json, isEstablished: (practice: Json) => boolean): Json {
  const { generalPractitioner, ...rest } = resource;
  if (!Array.isArray(generalPractitioner)) return resource;
  const kept = generalPractitioner.filter(isEstablished);
  if (kept.length === generalPractitioner.length) return resource;
  return kept.length === 0 ? rest : { ...resource, generalPractitioner: kept };
}

/** Whether a Patient states that the person has died. */
export const statesDeath = (resource: Json): boolean => deathIn(resource) !== undefined;

const deathIn = (resource: Json) => DEATH.find((name) => name in resource && resource[name] !== false);

function withDeath({ fragment, contributor }: PatientSource, { deathConfirmed, contestedDeaths }: Stands, resource: Json): Json {
  const element = deathIn(resource);
  if (element === undefined) return resource;
  if (contestedDeaths.has(fragment.fragmentId)) {
    const { deceasedBoolean: _boolean, deceasedDateTime: _time, _deceasedBoolean, _deceasedDateTime, ...rest } = resource;
    return rest;
  }
  if (deathConfirmed) return resource;
  const told = (resource[`_${element}`] ?? {}) as { readonly extension?: readonly unknown[] };
  const { name = 'one organisation', code } = contributor;
  const by = { url: REPORTED_BY, valueReference: { display: `reported by ${name}`, ...(code && { identifier: code }) } };
  return { ...resource, [`_${element}`]: { ...told, extension: [...(told.extension ?? []), by] } };
}
