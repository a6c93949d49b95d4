import { type Answer, type Ingest, idOf } from '../ingesting.ts';

export interface Resource {
  readonly resourceType: string;
  readonly id?: string;
}

export const post = (resource: Resource, fullUrl?: string, more: object = {}) => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...more },
});

export const bundle = (type: string, ...entry: object[]) => ({ resourceType: 'Bundle', type, entry });
export const transaction = (...entry: object[]) => bundle('transaction', ...entry);

export const PATIENT = 'urn:uuid:11111111-1111-4111-8111-111111111111';
export const ENCOUNTER = 'urn:uuid:22222222-2222-4222-8222-222222222222';
export const MEDICATION = 'urn:uuid:33333333-3333-4333-8333-333333333333';

export const encounter = (value: string, more: object = {}) => ({
  resourceType: 'Encounter',
  identifier: [{ system: 'https://uhd.example/visits', value }],
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  ...more,
});

export const practitioner = (value: string, more: object = {}) => ({
  resourceType: 'Practitioner',
  identifier: [{ system: 'https://fhir.hl7.org.uk/Id/gmc-number', value }],
  ...more,
});

/** The stored resource behind an entry's location. */
export async function storedAt({ store }: Ingest, location: string) {
  const [subject, fragmentId] = idOf(location).split('.');
  return JSON.parse((await store.fold(subject!)).fragments.get(fragmentId!)!.body!);
}

export interface Entry {
  readonly response: { readonly status: string; readonly location: string };
}

export const locationsOf = (answer: Answer): string[] => answer.body.entry.map(({ response }: Entry) => response.location);
export const statusesOf = (answer: Answer): string[] => answer.body.entry.map(({ response }: Entry) => response.status);
