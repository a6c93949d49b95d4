import type { Known } from '../../../../shared/fhir/grounds/grounds.ts';
import type { Json } from '../../../../shared/fhir/references.ts';
import { NHS_NUMBER, SOURCE_ID } from '../../../../shared/fhir/systems.ts';
import type { Ground } from '../../../../shared/record/contribution.ts';
import { type Identity, logicalId, parseLogicalId } from '../../../../shared/record/identity.ts';
import { fragmentIdOf } from '../names/fragment-name.ts';
import { identifierOfToken, tokenOf, tokensOf } from '../names/identifiers.ts';
import type { Operation } from '../names/operation.ts';
import { foldOf } from './record-lookup.ts';
import type { Targets } from './resolve-references.ts';

/** What a request can tell of its references, once they are resolved: by its own entries, and by the folds that it has read. */
export function referenceContext({ world, located }: Targets): Known {
  let entries: ReadonlyMap<string, Operation> | undefined;
  const entryAt = (id: string): Operation | undefined => {
    entries ??= new Map([...located].map(([operation, { subject, fragmentId }]) => [logicalId(subject, fragmentId), operation]));
    return entries.get(id);
  };
  return {
    identifiersAt(reference) {
      const id = reference.split('/')[1] ?? '';
      const written = entryAt(id)?.interaction.resource;
      if (written !== undefined) return identifierTexts(written);
      const { subject = '', fragmentId = '' } = parseLogicalId(id) ?? {};
      const body = foldOf(world, subject)?.fragments.get(fragmentId)?.body;
      return body === undefined ? [] : identifierTexts(JSON.parse(body));
    },
    // The name that the source's own fragment will have, by the rules that name it, as far as one identifier tells it.
    fragmentNamed(type, identifier) {
      const { system, value } = identifier;
      const under = { owner: world.owner, source: world.source.name, type };
      if (system !== SOURCE_ID)
        return fragmentIdOf(world.identity, under, { kind: 'identifiers', tokens: [tokenOf(identifier)] });
      const slash = value.lastIndexOf(`${type}/`);
      const base = slash > 0 ? { base: value.slice(0, slash - 1) } : {};
      const name = { source: world.source.name, ...base, id: value.slice(slash + type.length + 1) };
      return fragmentIdOf(world.identity, under, { kind: 'own-id', name });
    },
  };
}

/** As what is told of relationships writes identifiers: `system|value`. */
const identifierTexts = (resource: Json): string[] =>
  tokensOf(resource).map((token) => {
    const { system, value } = identifierOfToken(token);
    return `${system}|${value}`;
  });

const NUMBERED = `${NHS_NUMBER}|`;

/** Grounds as they are kept: a proxy by the id of the person, for no NHS number stands in a manifest. */
export const withoutNumbers = (grounds: readonly Ground[], identity: Identity): readonly Ground[] =>
  grounds.map((ground) => (ground.kind === 'proxy' ? { ...ground, names: ground.names.map(personOf(identity)) } : ground));

const personOf =
  (identity: Identity) =>
  (name: string): string =>
    identity.person({ system: NHS_NUMBER, value: name.slice(NUMBERED.length) });
