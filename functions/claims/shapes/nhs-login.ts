import { OWN_ROLE } from '../../../shared/access/token-roles.ts';
import { isNhsNumber } from '../../../shared/fhir/nhs-number.ts';
import { NHS_NUMBER } from '../../../shared/fhir/systems.ts';
import type { Identity } from '../../../shared/record/identity.ts';
import { type NoToken, noToken } from '../refusals.ts';
import { assuranceOf, type SignedIn, type Statement } from '../signed-in.ts';

/** Levels that somebody can raise themselves (NHS login, "Levels of identity verification"): P0 has proved nothing, P5 a name and a date of birth. */
const NOT_PROVED = ['P0', 'P5'];

/**
 * A person who signed in with NHS login: who has proved in full who they are (`identity_proofing_level` P9), by their NHS number. The number goes no further than
 * this: tokens hold the id that is derived from it.
 */
export function fromNhsLogin({ provider, said }: Statement, identity: Identity): SignedIn | NoToken {
  const assurance = assuranceOf(provider, said);
  if (assurance === undefined) return noToken(NOT_PROVED.includes(said.assurance ?? '') ? 'not-proved' : 'assurance-unknown');
  if (said.nhsNumber === undefined || !isNhsNumber(said.nhsNumber)) return noToken('no-nhs-number');
  return {
    roles: [OWN_ROLE],
    person: identity.person({ system: NHS_NUMBER, value: said.nhsNumber }),
    ...(said.name === undefined ? {} : { name: said.name }),
    provider: provider.id,
    assurance,
  };
}
