import { isPersonBound } from '../../shared/fhir/compartment.ts';
import { parseLogicalId } from '../../shared/record/identity.ts';
import { ownAlias } from '../../shared/record/source-names.ts';
import { locateOwnName } from './decision/fragments/record-lookup.ts';
import type { PersonsDependencies } from './persons.ts';
import type { Prepared, Submitted } from './submitting.ts';

/**
 * Keeps where a fragment is that a lone update is about to create under its source's own id, so that reading and retracting by that id lead
 * there. Written first: after a crash between the two the id leads to nothing yet, and sending the update again mends it. A Patient's names
 * are aliases already; a bundle writes none, for it would cost a unit for each of its entries.
 */
export async function keepOwnName(
  { store, identity }: PersonsDependencies,
  { operations, submission, reading }: Submitted,
  { placements, groups, directories }: Prepared,
): Promise<void> {
  const [operation] = operations;
  if (operation === undefined || operation.inBundle || !isPersonBound(operation.interaction.type)) return;
  const { interaction, name } = operation;
  const { type, kind, id } = interaction;
  const placement = placements.get(operation)!;
  const isByOwnId = kind === 'update' && id !== undefined && parseLogicalId(id) === undefined && name.kind === 'own-id';
  if (!isByOwnId || type === 'Patient' || 'issues' in placement) return;
  const { contributor: owner } = submission;
  const group = groups.of(placement.subject);
  const folds = await Promise.all(group.map((subject) => store.fold(subject, { freshness: 'recent' })));
  const world = {
    owner,
    source: reading.source,
    identity,
    folds: new Map(folds.map((fold) => [fold.subject, fold])),
    directories,
    sees: () => true,
  };
  if (locateOwnName(world, group, type, name.name) !== undefined) return;
  await store.putAlias(ownAlias(identity, owner, type, name.name), { person: placement.subject });
}
