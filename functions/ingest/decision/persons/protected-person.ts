import { markingsOf } from '../../../../shared/access/markings.ts';
import type { Json } from '../../../../shared/fhir/references.ts';
import { CONFIDENTIALITY } from '../../../../shared/fhir/systems.ts';
import type { Subject } from '../../../../shared/record/identity.ts';
import { foldOf, type World } from '../fragments/record-lookup.ts';

/** Confidentiality of a Patient whose whereabouts nobody is to learn, as the Personal Demographics Service writes it. */
const RESTRICTED: ReadonlySet<unknown> = new Set(['R', 'V']);

/** Marking of what only those may see who need it for a gender recognition. */
const PROTECTED_MARKING = 'gender-recognition';

/**
 * Whether a person's gender or identity is protected: flagged as restricted, now or by the Patient that arrives, or with anything of a
 * gender recognition in their record (Gender Recognition Act 2004, section 22). Their old NHS number leads to nobody.
 */
export function isProtected(world: World, persons: readonly Subject[], patient: Json): boolean {
  const { security = [] } = (patient.meta ?? {}) as { security?: readonly { system?: string; code?: string }[] };
  if (security.some(({ system, code }) => system === CONFIDENTIALITY && RESTRICTED.has(code))) return true;
  const labels = security.map(({ system, code }) => `${system}|${code}`);
  if (markingsOf({ type: 'Patient', labels, codes: [] }).includes(PROTECTED_MARKING)) return true;
  return persons.some((person) =>
    [...(foldOf(world, person)?.fragments.values() ?? [])].some(
      (fragment) =>
        fragment.grounds?.some(({ kind }) => kind === 'restricted') || markingsOf(fragment).includes(PROTECTED_MARKING),
    ),
  );
}
