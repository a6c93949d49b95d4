import { NHS_NUMBER } from '../../shared/fhir/systems.ts';
import { type Push, uuid } from './feed.ts';

/** The organisation whose source traces NHS numbers. */
const PDS = 'pds';

/** What the national register does not give away of a restricted person. */
const WHEREABOUTS: ReadonlySet<string> = new Set(['address', 'telecom', 'generalPractitioner']);

/**
 * What the Personal Demographics Service tells of somebody: their demographics under their NHS number, as the last organisation that knows it has them. It
 * confirms with which practice they are registered.
 */
export function fromNationalRegister(nhsNumber: string, pushes: readonly Push[]): Push | undefined {
  const known = pushes
    .flatMap(({ bundle }) => bundle.entry ?? [])
    .flatMap(({ resource }) => patientWith(nhsNumber, resource) ?? []);
  const patient = known.at(-1);
  if (patient === undefined) return undefined;
  const isRestricted = patient.meta?.security !== undefined;
  const told = Object.entries(patient).filter(([name]) => name !== 'meta' && !(isRestricted && WHEREABOUTS.has(name)));
  const resource = {
    ...(Object.fromEntries(told) as unknown as fhir4.Patient),
    ...(isRestricted ? { meta: { security: patient.meta!.security! } } : {}),
    identifier: patient.identifier!.filter(({ system }) => system === NHS_NUMBER),
  };
  const entry = {
    fullUrl: `urn:uuid:${uuid(`${PDS} ${nhsNumber}`)}`,
    resource,
    request: { method: 'POST' as const, url: 'Patient' },
  };
  return { organisation: PDS, bundle: { resourceType: 'Bundle', type: 'transaction', entry: [entry] } };
}

function patientWith(nhsNumber: string, resource: fhir4.Resource | undefined): fhir4.Patient | undefined {
  const patient = resource?.resourceType === 'Patient' ? (resource as fhir4.Patient) : undefined;
  const isTheirs = patient?.identifier?.some(({ system, value }) => system === NHS_NUMBER && value === nhsNumber);
  return isTheirs ? patient : undefined;
}
