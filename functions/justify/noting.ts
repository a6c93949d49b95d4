import type { AccessEntry } from '../../shared/store/audit.ts';
import type { JustifyDependencies, JustifyRequest } from './context.ts';

/** What is noted of an attempt. */
export interface Attempt {
  readonly interaction: 'break-glass' | 'claim-relationship' | 'review' | 'watch' | 'know-as-staff';
  /** The person that it is about, whether or not anything is known of them; the queue, of a review that is about nobody. */
  readonly person: string;
  readonly outcome: AccessEntry['outcome'];
  readonly status: number;
  readonly grant?: string;
}

/**
 * Writes an attempt to the audit, granted or refused.
 * @returns whether it is durable. Where it is not, nothing is granted and nothing is told.
 */
export async function note(
  { audit, access, entryId, log }: JustifyDependencies,
  { caller, requestId, at }: JustifyRequest,
  { interaction, person, outcome, status, grant }: Attempt,
): Promise<boolean> {
  const { organisation, client, staff, name, provider, assurance, person: signedIn, role, purpose } = caller;
  try {
    await audit.record({
      ...{ id: entryId(), at, person, organisation, client, staff, name, provider, assurance, signedIn, role, purpose },
      ...{ interaction, outcome, status, shown: {}, withheld: {}, sequences: {} },
      ...(grant === undefined ? {} : { grants: [grant] }),
      policyVersion: access.policyVersion,
      requestId,
    });
    return true;
  } catch (error) {
    log.error('an attempt could not be noted, so nothing was granted', { requestId, organisation, error });
    return false;
  }
}
