import { isNhsNumber, normaliseNhsNumber } from '../../shared/fhir/nhs-number.ts';
import { isRefusal, type Refusal, refuse } from '../../shared/fhir/outcomes.ts';
import { NHS_NUMBER } from '../../shared/fhir/systems.ts';
import type { Identity, Subject } from '../../shared/record/identity.ts';
import { type Forms, readParameters } from './parameters.ts';

/** Parameters by which an operation names a person in its body, so that no number gets into an address. */
export const NAMING = { 'nhs-number': 'text', patient: 'identifier' } as const satisfies Forms;

/**
 * The person whom a body names by NHS number: `nhs-number` as people write it, or `patient` with the Identifier. The id
 * is derived from the number, so nothing is looked up and a number without a record is answered as any other.
 * @param forms everything that the operation takes, `NAMING` included
 */
export function personNamedIn(body: Uint8Array, forms: Forms, identity: Pick<Identity, 'person'>): Subject | Refusal {
  const values = readParameters<typeof NAMING>(body, forms as typeof NAMING);
  if (isRefusal(values)) return values;
  const { 'nhs-number': written, patient } = values;
  if ((written === undefined) === (patient === undefined)) return refuse('name-one-person');
  if (patient !== undefined && patient.system !== NHS_NUMBER) return refuse('name-one-person');
  const number = written === undefined ? patient!.value : normaliseNhsNumber(written);
  if (number === undefined || !isNhsNumber(number)) return refuse('bad-nhs-number');
  return identity.person({ system: NHS_NUMBER, value: number });
}
