import { createHash } from 'node:crypto';
import type { Fragment } from '../../record/fold.ts';
import { versionIdOf } from '../../record/opaque-versions.ts';
import { deathOf } from './death.ts';
import { type Element, takeExtensions, takeFirst, takeMerged } from './elements.ts';
import { carryContained, type SourceElements, sourceProvenance } from './provenance.ts';
import { PATIENT_ELEMENTS, TRUST_ORDER } from './rules.ts';
import { freshnessMs, type Json, type PatientSource, sourceId } from './source.ts';

/** `Patient/<personId>`, folded. */
export interface FoldedPerson {
  readonly resource: Json;
  readonly versionId: string;
  /** ISO 8601 instant of the last change to any of the sources. */
  readonly lastUpdated: string;
}

/**
 * Version of the person: the sum, in 16 hexadecimal digits, of the hashes of the versions of all sources, as the reader knows
 * them, and of the links; so that of each moment of a long history follows from the one before. It depends on what is shown and on nothing else, so it tells nothing of contributions that the
 * caller may not see, and changes whenever the answer could. Opaque names cannot be guessed, so no number can be found by
 * trying.
 */
export const personVersion = (others: readonly string[], fragments: readonly Fragment[]): string =>
  versionOfSum([...others.map(hashOfOther), ...fragments.map(hashOfVersion)].reduce((sum, hash) => sum + hash, 0n));

/** The part of one source in the version of the person. */
export const hashOfVersion = (fragment: Fragment): bigint =>
  hashOf(`${fragment.subject}.${fragment.fragmentId}.${versionIdOf(fragment)}`);

/** The part of one linked person. */
export const hashOfOther = (personId: string): bigint => hashOf(personId);

const hashOf = (text: string): bigint => createHash('sha256').update(text).digest().readBigUInt64BE();

/** @param sum of all parts, in any order */
export const versionOfSum = (sum: bigint): string => BigInt.asUintN(64, sum).toString(16).padStart(16, '0');

/** The last instant at which one of these fragments changed. */
export const lastUpdatedOf = (fragments: readonly Fragment[]): string =>
  fragments.reduce((last, { recordedAt }) => (recordedAt > last ? recordedAt : last), '');

/**
 * Folds contributors' own Patients into the person: most trusted first, then freshest; elements by the rules of `rules.ts`. Values are
 * carried as they are: a partial date stays partial. What each element came from stands in contained Provenances, one a source
 * (`target` is the container `#`, narrowed by the extension `targetPath`; `entity.what` is the contributor's fragment version).
 *
 * @param others personIds that are linked with this one: shown as `link` of type `replaces`
 * @param sources contributors' current Patients, at least one, in any order
 * @param fragments those of the sources, and of Patients that were retracted: a retraction is a version of the person too
 * @param apart what of the sources is shown otherwise than they state it: another version of the person
 */
export function foldPerson(
  personId: string,
  others: readonly string[],
  sources: readonly PatientSource[],
  fragments: readonly Fragment[] = sources.map(({ fragment }) => fragment),
  apart: readonly string[] = [],
): FoldedPerson {
  const ranked = [...sources].sort(byTrustAndFreshness);
  const taken: Element[] = [...takeExtensions(ranked), ...PATIENT_ELEMENTS.flatMap((rule) => take(rule, ranked))];
  const { contained, elements } = carryContained(taken, ranked);
  const used = ranked.map((source) => ({ source, paths: pathsOf(elements, source) })).filter(({ paths }) => paths.length > 0);
  const versionId = personVersion([...others, ...apart], fragments);
  const lastUpdated = lastUpdatedOf(fragments);
  const parts = [...contained, ...used.map(({ source, paths }, index) => sourceProvenance(index + 1, source, paths))];
  const resource = {
    resourceType: 'Patient',
    id: personId,
    meta: { versionId, lastUpdated, ...securityOf(ranked) },
    ...(parts.length === 0 ? {} : { contained: parts }),
    ...Object.fromEntries(elements.map(({ name, value }) => [name, value])),
    link: linksOf(ranked, others),
  };
  return { resource, versionId, lastUpdated };
}

function take(rule: (typeof PATIENT_ELEMENTS)[number], ranked: readonly PatientSource[]): Element[] {
  if (rule.rule === 'first') return takeFirst(rule.element, ranked);
  if (rule.rule === 'merge') return takeMerged(rule.element, rule.key, ranked);
  return deathOf(ranked);
}

const pathsOf = (elements: readonly Element[], source: PatientSource): SourceElements =>
  elements.flatMap(({ paths }) => paths.filter((path) => path.source === source).map(({ path }) => path));

function byTrustAndFreshness(one: PatientSource, other: PatientSource): number {
  // A registration that its own source has closed speaks only where no open one does.
  const closed = (source: PatientSource) => (source.resource.active === false ? 1 : 0);
  return (
    closed(one) - closed(other) ||
    TRUST_ORDER.indexOf(one.contributor.trust) - TRUST_ORDER.indexOf(other.contributor.trust) ||
    freshnessMs(other) - freshnessMs(one) ||
    (sourceId(one) < sourceId(other) ? -1 : 1)
  );
}

/** The person is as sensitive as the most sensitive of the sources: every label is kept. */
function securityOf(sources: readonly PatientSource[]): { security?: readonly unknown[] } {
  const labels = new Map<string, unknown>();
  for (const { resource } of sources) {
    const { security = [] } = (resource.meta ?? {}) as { security?: readonly { system?: string; code?: string }[] };
    for (const label of security) labels.set(`${label.system}|${label.code}`, label);
  }
  return labels.size === 0 ? {} : { security: [...labels.values()] };
}

/** http://hl7.org/fhir/R4/patient.html#links: `seealso` to each contributor's own Patient, `replaces` for persons merged into this one. */
const linksOf = (sources: readonly PatientSource[], others: readonly string[]) => [
  ...others.map((id) => ({ other: { reference: `Patient/${id}` }, type: 'replaces' })),
  ...sources.map((source) => ({ other: { reference: `Patient/${sourceId(source)}` }, type: 'seealso' })),
];
