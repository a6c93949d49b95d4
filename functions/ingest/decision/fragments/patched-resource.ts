import { parseJson } from '../../../../shared/fhir/json.ts';
import { type Issue, isRefusal } from '../../../../shared/fhir/outcomes.ts';
import { applyPatch, isPatchProblem } from '../../../../shared/fhir/patch.ts';
import type { Json } from '../../../../shared/fhir/references.ts';
import { validate } from '../../../../shared/fhir/validate/validate.ts';
import type { Fragment } from '../../../../shared/record/fold.ts';
import type { NameReading, Operation, ReadResource, Slot } from '../names/operation.ts';
import { readResource } from '../names/read-resource.ts';

/** The resource that a patch makes of the current version, validated; with those of its references that the patch brought in. */
export function patchedResource(
  { interaction, at }: Operation,
  current: Fragment | undefined,
  reading: NameReading,
): ({ resource: Json } & ReadResource) | { issues: readonly Issue[] } {
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
  const read = readResource({ type: interaction.type, resource: patched }, undefined, reading);
  return { resource: patched, ...read, slots: read.slots.filter(isNew(before, interaction.type, reading)) };
}

/** What is in the fragment was resolved when it came; but a reference elsewhere in it may not become its subject. */
function isNew(before: string, type: string, reading: NameReading): (slot: Slot) => boolean {
  const { slots } = readResource({ type, resource: JSON.parse(before) as Json }, undefined, reading);
  const known = new Set(slots.map(textOf));
  return (slot) => (slot.subjectRank !== undefined && namesPatient(slot)) || !known.has(textOf(slot));
}

const textOf = ({ given, property }: Slot): string => JSON.stringify(given[property] ?? given);

const namesPatient = ({ target }: Slot): boolean => target.kind === 'literal' && target.type === 'Patient';
