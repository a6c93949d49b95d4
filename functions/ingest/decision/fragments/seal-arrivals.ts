import type { Known } from '../../../../shared/fhir/grounds/grounds.ts';
import { parseJson } from '../../../../shared/fhir/json.ts';
import type { Json } from '../../../../shared/fhir/references.ts';
import type { Fragment } from '../../../../shared/record/fold.ts';
import { logicalId, type Subject } from '../../../../shared/record/identity.ts';
import type { SideDraft } from '../corrections.ts';
import { fragmentIdOf } from '../names/fragment-name.ts';
import { isCompleteIdentifier, type ResourceIdentifier, tokenOf } from '../names/identifiers.ts';
import { draftOf } from './fragment-draft.ts';
import { foldOf, type World } from './record-lookup.ts';

/** A fragment that a request creates, with the identifiers that it bears. */
export interface ArrivingFragment {
  readonly type: string;
  readonly subject: Subject;
  readonly fragmentId: string;
  readonly tokens: readonly string[];
}

/**
 * Consents of the organisation that seal something by an identifier before it has come: once it comes, the consent points at it, so that it
 * is sealed from the first.
 * @param group whose consents count. @param isWritten whether the request writes a fragment itself.
 */
export function sealArrivals(
  world: World,
  group: readonly Subject[],
  arriving: readonly ArrivingFragment[],
  known: Known,
  isWritten: (fragmentId: string) => boolean,
): SideDraft[] {
  const sealing = group.flatMap((person) => [...(foldOf(world, person)?.fragments.values() ?? [])].filter(isSealing(world)));
  if (sealing.length === 0) return [];
  return sealing
    .filter(({ fragmentId }) => !isWritten(fragmentId))
    .flatMap((consent) => {
      const named = arriving.filter((one) => earlierNames(world, one).some((name) => sealedNames(consent).includes(name)));
      return named.length === 0 ? [] : [pointingConsent(world, consent, named, known)];
    });
}

const isSealing =
  ({ owner }: World) =>
  (fragment: Fragment): boolean =>
    fragment.owner === owner && fragment.type === 'Consent' && sealedNames(fragment).length > 0;

const sealedNames = ({ grounds = [] }: Fragment): readonly string[] =>
  grounds.flatMap(({ kind, names }) => (kind === 'sealed' ? names : []));

/** The names that a fragment had for whoever knew one identifier of it and nothing else. */
const earlierNames = ({ identity, owner, source }: World, { type, tokens }: ArrivingFragment): string[] =>
  tokens.map((token) => fragmentIdOf(identity, { owner, source: source.name, type }, { kind: 'identifiers', tokens: [token] }));

function pointingConsent(world: World, consent: Fragment, named: readonly ArrivingFragment[], known: Known): SideDraft {
  const resource = parseJson(Buffer.from(consent.body!)) as Json;
  for (const one of named) pointAt(resource, one);
  const { fragmentId, type, subject } = consent;
  const draft = draftOf({ fragmentId, type, resource, owner: world.owner, order: orderOf(consent) }, known, world.identity);
  return { subject, draft };
}

const orderOf = ({ sourceTime }: Fragment) => (sourceTime === undefined ? {} : { sourceTime });

/** Writes our address into every reference that names an arriving fragment by identifier alone. */
function pointAt(value: unknown, arriving: ArrivingFragment): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value) && isNamed(value as Json, arriving)) {
    (value as Json).reference = `${arriving.type}/${logicalId(arriving.subject, arriving.fragmentId)}`;
    return;
  }
  for (const child of Object.values(value)) pointAt(child, arriving);
}

function isNamed({ type, reference, identifier }: Json, arriving: ArrivingFragment): boolean {
  if (type !== arriving.type || reference !== undefined || typeof identifier !== 'object' || identifier === null) return false;
  const { system, value } = identifier as ResourceIdentifier;
  return (
    isCompleteIdentifier({ system, value } as ResourceIdentifier) &&
    arriving.tokens.includes(tokenOf({ system: system!, value: value! }))
  );
}
