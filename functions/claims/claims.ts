import type { PreTokenGenerationV3TriggerEvent } from 'aws-lambda';

export interface ClaimsDependencies {
  /** Internal id of the organisation that an app client belongs to; `undefined` for a client that nobody entered. */
  readonly organisationOf: (client: string) => Promise<string | undefined>;
}

/**
 * Adds to each access token the claim `organisation`: whose system this is. Every decision about access begins with it.
 *
 * Cognito knows one way to be told no: an error. No token is then issued.
 * @throws Error for a client without an organisation, and for a token that is not for a system.
 */
export function createHandler({ organisationOf }: ClaimsDependencies) {
  return async (event: PreTokenGenerationV3TriggerEvent): Promise<PreTokenGenerationV3TriggerEvent> => {
    if (event.version !== '3' || event.triggerSource !== 'TokenGeneration_ClientCredentials')
      throw new Error('only tokens of client credentials are issued');
    const organisation = await organisationOf(event.callerContext.clientId);
    if (organisation === undefined) throw new Error('the client belongs to no organisation');
    event.response = { claimsAndScopeOverrideDetails: { accessTokenGeneration: { claimsToAddOrOverride: { organisation } } } };
    return event;
  };
}
