import type { Contribution } from '../../shared/record/contribution.ts';
import { isPersonId } from '../../shared/record/identity.ts';
import type { Grants } from '../../shared/store/oversight/grants.ts';

/** Lets grants that were given before there was a record open it, from the first contribution about a person on. */
export type OpenWaitingGrants = (contribution: Contribution, at: string) => Promise<void>;

/** A replay of the stream finds them open and writes nothing. */
export const createOpenWaitingGrants =
  ({ waiting, open }: Pick<Grants, 'waiting' | 'open'>): OpenWaitingGrants =>
  async ({ subject, sequence }, at) => {
    if (sequence === 1 && isPersonId(subject)) await open(await waiting(subject, at));
  };
