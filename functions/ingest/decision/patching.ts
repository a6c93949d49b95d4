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
  return { resource: patched, slots: readResource(patched, fhirUrl).slots.filter(isNew(before, fhirUrl)) };
}

/** What stood in the fragment was resolved when it came; but a reference that stood elsewhere in it may not become its subject. */
function isNew(before: string, fhirUrl: string): (slot: Slot) => boolean {
  const stood = new Set(readResource(JSON.parse(before) as Json, fhirUrl).slots.map(said));
  return (slot) => (slot.subjectRank !== undefined && namesPatient(slot)) || !stood.has(said(slot));
}

const said = ({ given, property }: Slot): string => JSON.stringify(given[property] ?? given);

const namesPatient = ({ target }: Slot): boolean => target.kind === 'literal' && target.type === 'Patient';
