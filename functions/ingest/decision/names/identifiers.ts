import type { Json } from '../../../../shared/fhir/references.ts';
import type { Identifier } from '../../../../shared/record/identity.ts';

/** A FHIR Identifier as it was sent (http://hl7.org/fhir/R4/datatypes.html#Identifier). */
export interface ResourceIdentifier extends Partial<Identifier> {
  readonly use?: string;
  readonly type?: { readonly coding?: readonly { readonly system?: string; readonly code?: string }[] };
  readonly period?: { readonly end?: string };
  readonly extension?: readonly {
    readonly url?: string;
    readonly valueCodeableConcept?: { readonly coding?: readonly { readonly code?: string }[] };
  }[];
}

/** The `identifier` elements of a resource, one or many. */
export const identifiersOf = ({ identifier }: Json): ResourceIdentifier[] => objectsIn(identifier);

/** Its `masterIdentifier`: of a document, the one name that all its versions share. */
export const masterIdentifiersOf = ({ masterIdentifier }: Json): ResourceIdentifier[] => objectsIn(masterIdentifier);

const objectsIn = (value: unknown): ResourceIdentifier[] =>
  [value ?? []].flat().filter((one) => typeof one === 'object' && one !== null) as ResourceIdentifier[];

/** Whether both system and value are there: without one of them nothing is named. */
export const isCompleteIdentifier = ({ system, value }: ResourceIdentifier): boolean =>
  typeof system === 'string' && typeof value === 'string' && system !== '' && value !== '';

/** Codes of `Identifier.type`. */
export const typeCodesOf = ({ type }: ResourceIdentifier): string[] => (type?.coding ?? []).map(({ code = '' }) => code);

/** An identifier as a key that no other one has: either part may hold any character. */
export const tokenOf = ({ system, value }: Identifier): string => JSON.stringify([system, value]);

/** The identifier of a token. */
export function identifierOfToken(token: string): Identifier {
  const [system, value] = JSON.parse(token) as [string, string];
  return { system, value };
}

/** Every identifier of a resource, as tokens. */
export const tokensOf = (resource: Json): string[] =>
  [...identifiersOf(resource), ...masterIdentifiersOf(resource)]
    .filter(isCompleteIdentifier)
    .map((one) => tokenOf(one as Identifier));
