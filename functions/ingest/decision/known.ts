import type { Known } from '../../../shared/fhir/grounds/grounds.ts';
import { NHS_NUMBER, SOURCE_ID } from '../../../shared/fhir/systems.ts';
import type { Ground } from '../../../shared/record/contribution.ts';
import { type Identity, logicalId, parseLogicalId } from '../../../shared/record/identity.ts';
import { foldOf, identifiersIn } from './finding.ts';
import type { Operation } from './operation.ts';
import type { Targets } from './resolving.ts';
import { sourceOf } from './source-identity.ts';

/** What a request can tell of its references, once they are resolved: by its own entries, and by the folds that it has read. */
export function knownOf({ world, located }: Targets): Known {
  let entries: ReadonlyMap<string, Operation> | undefined;
  const entryAt = (id: string): Operation | undefined => {
    entries ??= new Map([...located].map(([operation, { subject, fragmentId }]) => [logicalId(subject, fragmentId), operation]));
    return entries.get(id);
  };
  return {
    identifiersAt(reference) {
      const id = reference.split('/')[1] ?? '';
      const written = entryAt(id)?.interaction.resource;
      if (written !== undefined) return identifiersIn(written);
      const { subject = '', fragmentId = '' } = parseLogicalId(id) ?? {};
      const body = foldOf(world, subject)?.fragments.get(fragmentId)?.body;
      return body === undefined ? [] : identifiersIn(JSON.parse(body));
    },
    // The name that the contributor's own fragment will have, by the rules that name it.
    fragmentNamed(type, identifier) {
      const { system, value } = identifier;
      const source = system === SOURCE_ID ? value.slice(value.indexOf('/') + 1) : sourceOf(identifier);
      return world.identity.fragment(world.owner, type, source);
    },
  };
}

const NUMBERED = `${NHS_NUMBER}|`;

/** Grounds as they are kept: a proxy by the id of the person, for no NHS number stands in a manifest. */
export const withoutNumbers = (grounds: readonly Ground[], identity: Identity): readonly Ground[] =>
  grounds.map((ground) => (ground.kind === 'proxy' ? { ...ground, names: ground.names.map(personOf(identity)) } : ground));

const personOf =
  (identity: Identity) =>
  (name: string): string =>
    identity.person({ system: NHS_NUMBER, value: name.slice(NUMBERED.length) });
