import { z } from 'zod';
import { SOURCE_DEFAULTS } from '../../shared/directory/sources.ts';
import { NHS_NUMBER } from '../../shared/fhir/systems.ts';
import { DEFAULT_SOURCE, isSourceName } from '../../shared/record/source-names.ts';
import { doubles, organisationId, type Tell } from './shapes.ts';

export const sourceName = z.string().refine(isSourceName, 'a slug of 2 to 20 characters such as laboratory');

const MOST_PATIENT_IDENTIFIERS = 20;

/** One system of an organisation, and how the names that it gives are read. */
export const source = z.strictObject({
  organisation: organisationId,
  name: sourceName.default(DEFAULT_SOURCE),
  /** Whether it traces NHS numbers, as the Personal Demographics Service does. */
  tracesNhsNumbers: z.boolean().default(SOURCE_DEFAULTS.tracesNhsNumbers),
  /** Systems of the identifiers that name this organisation's patients. */
  patientIdentifiers: z
    .array(z.url('the system of an identifier: an address or a URN'))
    .max(MOST_PATIENT_IDENTIFIERS, `at most ${MOST_PATIENT_IDENTIFIERS} systems`)
    .default([...SOURCE_DEFAULTS.patientIdentifiers]),
  /** Whether a resource keeps its id from one time that it is sent to the next. */
  stableIds: z.boolean().default(SOURCE_DEFAULTS.stableIds),
  /** Address that its ids are relative to. */
  base: z.string().refine(isBase, 'https://<host>/<path>, without a query, a fragment or a slash at its end').optional(),
});

function isBase(text: string): boolean {
  if (!URL.canParse(text) || /[?#\s]|\/$/.test(text)) return false;
  return ['https:', 'http:'].includes(new URL(text).protocol);
}

interface Systems {
  readonly organisations: readonly { readonly id: string }[];
  readonly clients: readonly { readonly organisation: string; readonly source: string }[];
  readonly sources: readonly z.output<typeof source>[];
}

export function findSourceContradictions({ organisations, clients, sources }: Systems, tell: Tell): void {
  const known = new Set(organisations.map(({ id }) => id));
  for (const [index, one] of sources.entries()) {
    if (!known.has(one.organisation)) tell(['sources', index, 'organisation'], 'no organisation has this id');
    checkPatientIdentifiers(one, (path, message) => tell(['sources', index, ...path], message));
  }
  const names = sources.map(({ organisation, name }) => `${organisation}/${name}`);
  for (const [index, first] of doubles(names))
    tell(['sources', index, 'name'], `is also that of sources[${first}], of the same organisation`);
  const describing = new Set(sources.map(({ organisation }) => organisation));
  for (const [index, { organisation, source }] of clients.entries())
    if (describing.has(organisation) && !names.includes(`${organisation}/${source}`))
      tell(['clients', index, 'source'], `"${source}" is none of the sources that its organisation describes`);
}

function checkPatientIdentifiers({ patientIdentifiers }: z.output<typeof source>, tell: Tell): void {
  for (const [at, first] of doubles(patientIdentifiers))
    tell(['patientIdentifiers', at], `is patientIdentifiers[${first}] again`);
  for (const [at, system] of patientIdentifiers.entries())
    if (system === NHS_NUMBER) tell(['patientIdentifiers', at], 'is the NHS number, which names a person for everybody already');
}
