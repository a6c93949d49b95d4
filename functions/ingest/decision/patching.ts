import { parseJson } from '../../../shared/fhir/json.ts';
import { type Issue, isRefusal } from '../../../shared/fhir/outcomes.ts';
import { applyPatch, isPatchProblem } from '../../../shared/fhir/patch.ts';
import type { Json } from '../../../shared/fhir/references.ts';
import { validate } from '../../../shared/fhir/validate/validate.ts';
import type { Located } from './finding.ts';
import { type Operation, readResource, type Slot } from './operation.ts';

/** The resource that a patch makes of the current version, validated; with those of its references that the patch brought in. */
export function patchedResource(
  { interaction, at }: Operation,
  { current }: Located,
  fhirUrl: string,
): { resource: Json; slots: readonly Slot[] } | { issues: readonly Issue[] } {
  const before = current?.body ?? '';
  const document = parseJson(Buffer.from(before));
  if (isRefusal(document)) throw new Error('a stored fragment cannot be read');
  const patched = applyPatch(document as Json, interaction.patch ?? []);
  if (isPatchProblem(patched)) {
    return {
      issues: [
        { code: patched.problem as Issue['code'], expression: at, diagnostics: `Operation ${patched.index} of the patch.` },
      ],
    };
  }
  const issues = validate(patched, at);
  if (issues.length > 0) return { issues };
  // What stood in the fragment was resolved when it came.
  const slots = readResource(patched, fhirUrl).slots.filter(
    ({ given }) => !before.includes(JSON.stringify(given.reference ?? given)),
  );
  return { resource: patched, slots };
}
