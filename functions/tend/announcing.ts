import { EVENT_SOURCE } from '../../shared/changes/envelope.ts';
import { type OrganisationChange, organisationAnnouncement } from '../../shared/changes/organisation-events.ts';
import type { Run, TendDependencies } from './context.ts';

/**
 * Puts on the bus what is told of an organisation.
 * @throws Error when the bus does not take it: then it must not be noted as told
 */
export async function announce(
  { publish, origin, bus }: Pick<TendDependencies, 'publish' | 'origin' | 'bus'>,
  { deadlineMs }: Run,
  change: OrganisationChange,
): Promise<void> {
  const entry = {
    EventBusName: bus,
    Source: EVENT_SOURCE,
    DetailType: change.name,
    Detail: JSON.stringify(organisationAnnouncement(change, origin)),
    Time: new Date(change.at),
  };
  const left = await publish([{ entry }], deadlineMs);
  if (left.length > 0) throw new Error('the bus did not take what is told of an organisation');
}
